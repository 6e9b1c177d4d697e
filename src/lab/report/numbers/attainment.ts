/**
 * @file How many answers came in time, pooled over cells: for shares near 1 that no single cell can show.
 *
 * Pooled per rate and over all, for budgets of 30 s and more, shorter ones, and drawn ones. The bound is one-sided 95 %
 * and takes queries as independent; those of one run are not quite.
 */
import { groupBy } from '../results/group-by.ts'
import type { CellPlace, Results, SeedResult } from '../results/results.ts'
import { binomialLowerBound } from '../statistics/binomial.ts'

export type BudgetGroup = 'at least 30 s' | 'below 30 s' | 'drawn from 10-300 s'

export interface Attainment {
  readonly method: string
  readonly budgets: BudgetGroup
  /** null: over all rates. */
  readonly ratePerMinute: number | null
  readonly arrived: number
  readonly onTime: number
  readonly strictOnTime: number
  readonly share: number
  readonly shareAtLeast: number
  readonly strictShare: number
  readonly strictShareAtLeast: number
}

export function budgetGroupOf({ budgetSeconds }: Pick<CellPlace, 'budgetSeconds'>): BudgetGroup {
  if (budgetSeconds === null) return 'drawn from 10-300 s'
  return budgetSeconds >= 30 ? 'at least 30 s' : 'below 30 s'
}

/** For every method: per group of budgets, first over all rates, then each rate. */
export function pooledAttainment(results: Results, methods: readonly string[]): readonly Attainment[] {
  return methods.flatMap((method) =>
    [...groupBy(results.cells, budgetGroupOf)].flatMap(([budgets, cells]) => {
      const pool = (ratePerMinute: number | null): readonly Attainment[] => {
        const pooled = cells
          .filter((cell) => ratePerMinute === null || cell.ratePerMinute === ratePerMinute)
          .flatMap((cell) => cell.byMethod.get(method) ?? [])
        return pooled.length === 0 ? [] : [{ method, budgets, ratePerMinute, ...sharesOf(pooled) }]
      }
      const rates = [...groupBy(cells, (cell) => cell.ratePerMinute).keys()].sort((a, b) => a - b)
      return [null, ...rates].flatMap(pool)
    }),
  )
}

function sharesOf(pooled: readonly SeedResult[]): Omit<Attainment, 'method' | 'budgets' | 'ratePerMinute'> {
  const sum = (count: (result: SeedResult) => number) => pooled.reduce((total, result) => total + count(result), 0)
  const arrived = sum(({ row }) => row.arrived)
  const onTime = sum(({ row }) => row.on_time)
  const strictOnTime = sum(({ row }) => row.strict_on_time)
  return {
    arrived,
    onTime,
    strictOnTime,
    share: arrived === 0 ? 0 : onTime / arrived,
    shareAtLeast: binomialLowerBound(onTime, arrived),
    strictShare: arrived === 0 ? 0 : strictOnTime / arrived,
    strictShareAtLeast: binomialLowerBound(strictOnTime, arrived),
  }
}
