/**
 * @file Holds a live result against the twin: is what was measured what the simulation of the same runs would show?
 *
 * Each cell is simulated under many seeds (other arrivals, questions and luck than the live ones), with policies that
 * know what a gateway knows from the start: the profile's own prior. A metric agrees if the live value lies within the
 * simulated runs' 95 % prediction interval; 1 in 20 is expected outside where both are the same. What cannot be seen from
 * outside (engine time, joules) is not compared.
 *
 * Under a time-scale the gateway decides in real time about a pool that is so many times faster; this very system is
 * simulated (rates, budgets and minutes in real time), and its figures are converted as those of the live run are.
 */
import { ConfigError, type Profile } from '../../../../core/index.ts'
import type { BenchRow } from '../../bench-row.ts'
import { parseMethod } from '../../methods/index.ts'
import { playRun } from '../../play/index.ts'
import { spanOf } from '../../play-spec.ts'
import type { LiveOptions } from '../live-options.ts'
import { createLiveSetting, type LiveSetting } from '../live-setting.ts'
import { fasterProfile } from './faster-profile.ts'
import { predictionInterval } from './prediction-interval.ts'

/** Metrics of a row that both worlds can tell. */
export const comparedMetrics = [
  'arrived',
  'answered',
  'on_time',
  'strict_on_time',
  'correct',
  'correct_on_time',
  'degraded',
  'accuracy',
  'slo_attainment',
  'strict_attainment',
  'correct_goodput',
  'mean_ms',
  'p50_ms',
  'p95_ms',
  'p99_ms',
  'backlog_slope',
  'output_tokens',
  'calls',
] as const satisfies readonly (keyof BenchRow)[]

export interface ComparedMetric {
  readonly metric: (typeof comparedMetrics)[number]
  /** null: left out, as latencies of an unstable cell are. */
  readonly live: number | null
  readonly low: number | null
  readonly high: number | null
  readonly isInside: boolean
}

export interface ComparedCell extends Pick<BenchRow, 'dataset' | 'rate_per_min' | 'budget_s' | 'seed'> {
  readonly metrics: readonly ComparedMetric[]
}

export interface TwinComparison {
  readonly profile: string
  readonly method: string
  readonly twinSeeds: readonly number[]
  readonly inside: number
  readonly compared: number
  readonly cells: readonly ComparedCell[]
}

export interface CompareOptions {
  readonly profile: Profile
  /** As the live rows were asked for. Every question must be one that the twin can answer. */
  readonly options: LiveOptions
  readonly rows: readonly BenchRow[]
  /** The method that the gateway runs. Default `inframind`, the default stack. */
  readonly method?: string
  /** Simulated runs per cell, >= 10. Default 20. */
  readonly twinSeeds?: number
}

/** Seconds to minutes: `twinSeeds` whole runs per cell. Throws ConfigError for mixed budgets under a time-scale. */
export async function compareWithTwin(input: CompareOptions): Promise<TwinComparison> {
  const { profile, options, rows, method = 'inframind', twinSeeds = 20 } = input
  checkComparable(options)
  const setting = createLiveSetting(options)
  const firstSeed = options.seed + options.seeds
  const seeds = Array.from({ length: twinSeeds }, (_, index) => firstSeed + index)
  const simulated = new Map<string, readonly BenchRow[]>()
  const cells: ComparedCell[] = []
  for (const row of rows) {
    const key = [row.dataset, row.rate_per_min, row.budget_s].join('|')
    const twin = simulated.get(key) ?? (await simulateCell(row, { setting, profile, method, seeds }))
    simulated.set(key, twin)
    const { dataset, rate_per_min, budget_s, seed } = row
    cells.push({ dataset, rate_per_min, budget_s, seed, metrics: compareRow(row, twin) })
  }
  const all = cells.flatMap(({ metrics }) => metrics)
  const inside = all.filter(({ isInside }) => isInside).length
  return { profile: profile.id, method, twinSeeds: seeds, inside, compared: all.length, cells }
}

interface CellSetting {
  readonly setting: LiveSetting
  readonly profile: Profile
  readonly method: string
  readonly seeds: readonly number[]
}

/** Mixed budgets are drawn from fixed seconds, which a time-scale would have to divide. */
function checkComparable({ budgets, timeScale }: LiveOptions): void {
  if (timeScale === 1 || !budgets.includes(null)) return
  const fix = 'Leave out mix, --time-scale or --profile.'
  const problem = { path: '--budgets', expected: 'seconds', got: 'mix', fix }
  throw new ConfigError([problem], 'a comparison under a time-scale')
}

async function simulateCell(
  { dataset, rate_per_min, budget_s }: BenchRow,
  { setting, profile, method, seeds }: CellSetting,
): Promise<readonly BenchRow[]> {
  const { timeScale, arrivals } = setting.options
  const faster = fasterProfile(profile, timeScale)
  const { minutes, warmUpMinutes } = spanOf(arrivals, rate_per_min, setting.options)
  const rows: BenchRow[] = []
  for (const seed of seeds) {
    const { cells } = await playRun({
      key: '',
      inputsHash: '',
      dataset,
      budgetsSeconds: [budget_s === null ? null : budget_s / timeScale],
      profile: faster,
      prior: faster.prior,
      ...setting.asked(dataset),
      method: parseMethod(method, Object.keys(profile.models)),
      arrivals: setting.arrivals,
      ratePerMinute: rate_per_min * timeScale,
      seed,
      minutes: minutes / timeScale,
      warmUpMinutes: warmUpMinutes / timeScale,
    })
    rows.push(...cells.map(({ row }) => toSimulatedTime(row, timeScale)))
  }
  return rows
}

const toSimulatedTime = (row: BenchRow, timeScale: number): BenchRow => ({
  ...row,
  mean_ms: row.mean_ms === null ? null : row.mean_ms * timeScale,
  p50_ms: row.p50_ms === null ? null : row.p50_ms * timeScale,
  p95_ms: row.p95_ms === null ? null : row.p95_ms * timeScale,
  p99_ms: row.p99_ms === null ? null : row.p99_ms * timeScale,
  backlog_slope: row.backlog_slope / timeScale,
})

/** A row against the rows of the same cell in the twin (at least 10). */
export function compareRow(live: BenchRow, twin: readonly BenchRow[]): readonly ComparedMetric[] {
  return comparedMetrics.map((metric) => {
    const values = twin.flatMap((row) => row[metric] ?? [])
    const value = live[metric]
    // Where the twin leaves a latency out too, or too often to say, only leaving it out agrees.
    if (value === null || values.length < 10) {
      return { metric, live: value, low: null, high: null, isInside: value === null && values.length < twin.length }
    }
    const [low, high] = predictionInterval(values)
    const rounding = 1e-9 * Math.max(1, Math.abs(value))
    return { metric, live: value, low, high, isInside: value >= low - rounding && value <= high + rounding }
  })
}
