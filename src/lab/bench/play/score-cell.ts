/** @file From outcomes to a cell: the row of the summary and the bits that intervals are made of, under one budget. */
import { quantileSorted } from '../../../core/index.ts'
import type { BenchRow } from '../bench-row.ts'
import type { RunCell } from '../run-result.ts'
import { packBits } from './bits.ts'
import { neverMs, type QueryOutcome } from './query-outcome.ts'

/** What a row says beside what is counted. */
export interface CellIdentity {
  readonly method: string
  readonly scheduler: BenchRow['scheduler']
  readonly isEnforced: boolean
  readonly dataset: string
  readonly ratePerMinute: number
  /** null: every query has its own. */
  readonly budgetSeconds: number | null
  readonly seed: number
}

export interface RunTotals {
  readonly outputTokens: number
  readonly calls: number
  readonly gpuSeconds: number
  readonly backlogPerMinute: number
  /** The backlog grows for good, beyond what chance makes it do. */
  readonly isGrowing: boolean
}

/** A queue that takes in more than this share of the arrivals for good is unstable. */
const stableShare = 0.02

/** Scores `outcomes` (in order of arrival) under one budget. */
export function scoreCell(cell: CellIdentity, outcomes: readonly QueryOutcome[], totals: RunTotals): RunCell {
  const budgetOf = ({ budgetMs }: QueryOutcome) => (cell.budgetSeconds === null ? budgetMs : cell.budgetSeconds * 1000)
  const onTime = outcomes.map((outcome) => outcome.latencyMs <= budgetOf(outcome))
  const strict = outcomes.map(({ isStrict }, index) => isStrict && onTime[index] === true)
  const right = outcomes.map(({ isCorrect }, index) => isCorrect && onTime[index] === true)
  const answered = outcomes.filter(({ latencyMs }) => latencyMs !== neverMs)
  const arrived = outcomes.length
  const share = (count: number) => (arrived === 0 ? 0 : count / arrived)
  const counts = {
    arrived,
    answered: answered.length,
    on_time: sum(onTime),
    strict_on_time: sum(strict),
    correct: outcomes.filter(({ isCorrect }) => isCorrect).length,
    correct_on_time: sum(right),
    degraded: outcomes.filter(({ isDegraded }) => isDegraded).length,
  }
  const isStable = !(totals.isGrowing && totals.backlogPerMinute > stableShare * cell.ratePerMinute)
  const row: BenchRow = {
    method: cell.method,
    scheduler: cell.scheduler,
    enforced: cell.isEnforced,
    dataset: cell.dataset,
    rate_per_min: cell.ratePerMinute,
    budget_s: cell.budgetSeconds,
    seed: cell.seed,
    ...counts,
    accuracy: share(counts.correct),
    slo_attainment: share(counts.on_time),
    strict_attainment: share(counts.strict_on_time),
    correct_goodput: share(counts.correct_on_time),
    ...latencies(isStable ? answered : []),
    backlog_slope: totals.backlogPerMinute,
    stable: isStable,
    output_tokens: totals.outputTokens,
    calls: totals.calls,
    gpu_seconds: totals.gpuSeconds,
    joules: null,
  }
  return {
    row,
    correctOnTimeBits: packBits(right),
    strictOnTimeBits: packBits(strict),
    onTimeBits: packBits(onTime),
  }
}

const sum = (flags: readonly boolean[]): number => flags.reduce((count, flag) => count + (flag ? 1 : 0), 0)

function latencies(answered: readonly QueryOutcome[]): Pick<BenchRow, 'mean_ms' | 'p50_ms' | 'p95_ms' | 'p99_ms'> {
  if (answered.length === 0) return { mean_ms: null, p50_ms: null, p95_ms: null, p99_ms: null }
  const sorted = answered.map(({ latencyMs }) => latencyMs).sort((a, b) => a - b)
  return {
    mean_ms: sorted.reduce((total, ms) => total + ms, 0) / sorted.length,
    p50_ms: quantileSorted(sorted, 0.5),
    p95_ms: quantileSorted(sorted, 0.95),
    p99_ms: quantileSorted(sorted, 0.99),
  }
}
