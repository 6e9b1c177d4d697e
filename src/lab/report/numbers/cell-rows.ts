/** @file The headline numbers of every cell and method, over its seeds. */
import { mean } from '../../../core/index.ts'
import { type CellPlace, distinct, perArrival, type Results, type SeedResult, sumOver } from '../results/results.ts'

export interface CellRow extends CellPlace {
  readonly method: string
  /** The arms behind `best-fixed`; empty elsewhere. */
  readonly chosen: readonly string[]
  readonly seeds: number
  readonly arrived: number
  /** Fractions of the arrivals. */
  readonly goodput: number
  readonly attainment: number
  readonly strictAttainment: number
  readonly accuracy: number
  /** Fraction of the answered; null: none was answered. */
  readonly degradedShare: number | null
  /** null where a seed was unstable: the mean would only measure the length of the run. */
  readonly meanMs: number | null
  /** Mean of the seeds' 95th percentiles. */
  readonly p95Ms: number | null
  /** Queries per minute. */
  readonly backlogSlope: number
  readonly isStable: boolean
}

export const cellRows = ({ cells }: Results): readonly CellRow[] =>
  cells.flatMap(({ dataset, ratePerMinute, budgetSeconds, byMethod }) =>
    [...byMethod].map(([method, results]) => ({
      dataset,
      ratePerMinute,
      budgetSeconds,
      method,
      ...rowOf(results),
    })),
  )

function rowOf(results: readonly SeedResult[]): Omit<CellRow, 'method' | keyof CellPlace> {
  const answered = sumOver(results, (row) => row.answered)
  const isStable = results.every(({ row }) => row.stable)
  const share = (count: Parameters<typeof sumOver>[1]) => perArrival(results, count) ?? 0
  const overSeeds = (value: (result: SeedResult) => number | null) => {
    const values = results.flatMap((result) => value(result) ?? [])
    return isStable && values.length > 0 ? mean(values) : null
  }
  return {
    chosen: distinct(results.flatMap(({ row }) => row.chosen ?? [])),
    seeds: results.length,
    arrived: sumOver(results, (row) => row.arrived),
    goodput: share((row) => row.correct_on_time),
    attainment: share((row) => row.on_time),
    strictAttainment: share((row) => row.strict_on_time),
    accuracy: share((row) => row.correct),
    degradedShare: answered === 0 ? null : sumOver(results, (row) => row.degraded) / answered,
    meanMs: isStable && answered > 0 ? sumOver(results, (row) => (row.mean_ms ?? 0) * row.answered) / answered : null,
    p95Ms: overSeeds(({ row }) => row.p95_ms),
    backlogSlope: mean(results.map(({ row }) => row.backlog_slope)),
    isStable,
  }
}
