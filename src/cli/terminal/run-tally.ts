/** @file Counts finished runs for the live view: in all, and by the model whose answer went out. */
import { type ModelId, quantileSorted, type RunRecord, type TraceSink } from '../../core/index.ts'

interface Share {
  answered: number
  onTime: number
}

export interface TallyTotals {
  readonly arrived: number
  readonly answered: number
  readonly onTime: number
  readonly degraded: number
  readonly refused: number
  readonly failed: number
  readonly p50Ms: number | null
  readonly p95Ms: number | null
}

/** Latencies kept for the quantiles: the most recent ones. */
const keptLatencies = 1000

export class RunTally implements TraceSink {
  readonly #byModel = new Map<ModelId, Share>()
  readonly #latenciesMs: number[] = []
  #counts = { arrived: 0, answered: 0, onTime: 0, degraded: 0, refused: 0, failed: 0 }

  write(record: RunRecord): void {
    const counts = this.#counts
    counts.arrived += 1
    if (record.outcome === 'refused') counts.refused += 1
    else if (record.outcome === 'failed') counts.failed += 1
    if (record.outcome !== 'answered') return
    counts.answered += 1
    if (record.isOnTime) counts.onTime += 1
    if (record.degraded.length > 0) counts.degraded += 1
    this.#latenciesMs.push(record.finishedAtMs - record.arrivedAtMs)
    if (this.#latenciesMs.length > keptLatencies) this.#latenciesMs.shift()
    const model = answeringModel(record)
    if (model === null) return
    const share = this.#byModel.get(model) ?? { answered: 0, onTime: 0 }
    share.answered += 1
    if (record.isOnTime) share.onTime += 1
    this.#byModel.set(model, share)
  }

  /** Share of the answers that this model gave which were on time; null before its first. */
  onTimeShare(model: ModelId): number | null {
    const share = this.#byModel.get(model)
    return share === undefined ? null : share.onTime / share.answered
  }

  totals(): TallyTotals {
    const sorted = [...this.#latenciesMs].sort((a, b) => a - b)
    const quantile = (p: number) => (sorted.length === 0 ? null : quantileSorted(sorted, p))
    return { ...this.#counts, p50Ms: quantile(0.5), p95Ms: quantile(0.95) }
  }
}

/** The model that wrote the answer; with a vote, the first that gave the winning answer. */
function answeringModel(record: RunRecord): ModelId | null {
  const wrote = record.steps.find((step) => {
    if (step.outcome !== 'done' && step.outcome !== 'cut' && step.outcome !== 'aborted') return false
    if (record.answeredBy === 'vote') return step.answer === record.answer
    if (record.answeredBy === 'insurance') return step.kind === 'insurance'
    return step.stepId === record.answeredBy
  })
  return wrote !== undefined && 'model' in wrote.choice ? wrote.choice.model : null
}
