/** @file How well times were predicted: log(actual / predicted) of steps and queries, per method and rate. */
import type { PredictionErrorSums } from '../../bench/results/index.ts'
import { distinct, type Results, ratesOf } from '../results/results.ts'

export interface PredictionError {
  readonly method: string
  readonly ratePerMinute: number
  readonly of: 'step' | 'query'
  readonly count: number
  /** Mean of the logarithm; above 0: slower than predicted. */
  readonly bias: number
  /** Standard deviation of the logarithm. */
  readonly spread: number
  /** Share inside the predicted intervals; null: none was predicted. */
  readonly coverage50: number | null
  readonly coverage95: number | null
}

/** Over all cells of a rate; methods that predict nothing have no entry. */
export function predictionErrors({ cells }: Results, methods: readonly string[]): readonly PredictionError[] {
  return methods.flatMap((method) =>
    ratesOf(cells).flatMap((ratePerMinute) => {
      const runs = distinct(
        cells
          .filter((cell) => cell.ratePerMinute === ratePerMinute)
          .flatMap((cell) => cell.byMethod.get(method) ?? [])
          .map(({ run }) => run),
      )
      return (['step', 'query'] as const).flatMap((of): readonly PredictionError[] => {
        const sums = runs
          .map(({ stepError, queryError }) => (of === 'step' ? stepError : queryError))
          .filter(({ count }) => count > 0)
        return sums.length === 0 ? [] : [{ method, ratePerMinute, of, ...pooled(sums) }]
      })
    }),
  )
}

function pooled(sums: readonly PredictionErrorSums[]): Omit<PredictionError, 'method' | 'ratePerMinute' | 'of'> {
  const add = (part: (one: PredictionErrorSums) => number) => sums.reduce((total, one) => total + part(one), 0)
  const count = add((one) => one.count)
  const bias = add((one) => one.sum) / count
  const coverage = (inside: 'inside50' | 'inside95') =>
    sums.some((one) => one[inside] === null) ? null : add((one) => one[inside] ?? 0) / count
  return {
    count,
    bias,
    spread: Math.sqrt(Math.max(0, add((one) => one.sumOfSquares) / count - bias ** 2)),
    coverage50: coverage('inside50'),
    coverage95: coverage('inside95'),
  }
}
