/** @file Sums over the measured queries of a run: what was chosen, what it cost, how far predictions were off. */
import type { RunRecord } from '../../../core/index.ts'
import type { PredictionErrorSums, RunResult } from '../run-result.ts'

/** One attempt at a step, as far as it is counted. */
export interface TalliedStep {
  readonly choice: { readonly model: string; readonly strategy: string } | { readonly stop: string }
  readonly queuedAtMs: number | null
  readonly sentAtMs: number | null
  readonly finishedAtMs: number | null
  readonly outcome: string
  readonly predicted: { readonly latencyMs: number } | null
}

/** A run as far as it is counted: a run record, or what a gateway tells of a run. */
export interface TalliedRun
  extends Pick<RunRecord, 'calls' | 'outcome' | 'answeredBy' | 'arrivedAtMs' | 'finishedAtMs'> {
  readonly usage: { readonly outputTokens: number }
  readonly plan: Pick<RunRecord['plan'], 'topology' | 'agents' | 'predictedMs'>
  readonly degraded: readonly string[]
  readonly steps: readonly TalliedStep[]
}

type Counts = Record<string, number>

class ErrorSums {
  #count = 0
  #sum = 0
  #sumOfSquares = 0

  add(actualMs: number, predictedMs: number): void {
    if (!(actualMs > 0 && predictedMs > 0)) return
    const error = Math.log(actualMs / predictedMs)
    this.#count += 1
    this.#sum += error
    this.#sumOfSquares += error * error
  }

  result(): PredictionErrorSums {
    return { count: this.#count, sum: this.#sum, sumOfSquares: this.#sumOfSquares, inside50: null, inside95: null }
  }
}

const bump = (counts: Counts, key: string) => {
  counts[key] = (counts[key] ?? 0) + 1
}

const sorted = (counts: Counts): Counts =>
  Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)))

export class RunTally {
  outputTokens = 0
  calls = 0
  readonly #topology: Counts = {}
  readonly #model: Counts = {}
  readonly #strategy: Counts = {}
  #insurance = 0
  readonly #stepError = new ErrorSums()
  readonly #queryError = new ErrorSums()

  add(record: TalliedRun): void {
    this.outputTokens += record.usage.outputTokens
    this.calls += record.calls
    bump(this.#topology, `${record.plan.topology}:${record.plan.agents}`)
    if (record.answeredBy === 'insurance') this.#insurance += 1
    const isPlain = record.outcome === 'answered' && record.degraded.length === 0
    if (isPlain) this.#queryError.add(record.finishedAtMs - record.arrivedAtMs, record.plan.predictedMs)
    for (const step of record.steps) this.#addStep(step)
  }

  result(): Pick<RunResult, 'choices' | 'stepError' | 'queryError'> {
    return {
      choices: {
        topology: sorted(this.#topology),
        model: sorted(this.#model),
        strategy: sorted(this.#strategy),
        insurance: this.#insurance,
      },
      stepError: this.#stepError.result(),
      queryError: this.#queryError.result(),
    }
  }

  #addStep({ choice, sentAtMs, queuedAtMs, finishedAtMs, outcome, predicted }: TalliedStep): void {
    if (!('model' in choice) || sentAtMs === null) return
    bump(this.#model, choice.model)
    bump(this.#strategy, choice.strategy)
    if (outcome !== 'done' || predicted === null || queuedAtMs === null || finishedAtMs === null) return
    this.#stepError.add(finishedAtMs - queuedAtMs, predicted.latencyMs)
  }
}
