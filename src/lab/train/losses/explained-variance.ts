/** @file How much of the returns' variance the critic explains: 1 all, 0 no more than their mean, negative less than that. */

const variance = (values: Float64Array, weight: ArrayLike<number>): number => {
  let total = 0
  let sum = 0
  let squares = 0
  for (let row = 0; row < values.length; row += 1) {
    total += weight[row]!
    sum += weight[row]! * values[row]!
  }
  for (let row = 0; row < values.length; row += 1) squares += weight[row]! * (values[row]! - sum / total) ** 2
  return total > 0 ? squares / total : 0
}

/** 1 - Var(returns - values) / Var(returns), weighted by row; 0 where the returns do not vary. */
export function explainedVariance(
  values: ArrayLike<number>,
  { returns, weight }: { returns: ArrayLike<number>; weight: ArrayLike<number> },
): number {
  const total = variance(Float64Array.from(returns), weight)
  if (total === 0) return 0
  return (
    1 -
    variance(
      Float64Array.from(returns, (value, row) => value - values[row]!),
      weight,
    ) /
      total
  )
}
