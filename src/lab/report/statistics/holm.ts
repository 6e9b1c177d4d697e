/**
 * @file Holm's correction: of many comparisons, which are still told apart when all of them must hold at once?
 *
 * Adjusted p of the i-th smallest of m: the running maximum of (m - i) p, i from 0, at most 1. Calling those below 0.05
 * findings risks, with a chance of at most 5 %, that any of them is luck, whatever the dependence between them.
 * Source: Holm 1979, Scandinavian Journal of Statistics 6.
 */

/** Adjusted p-values in the order of `pValues`. */
export function holmAdjusted(pValues: readonly number[]): readonly number[] {
  const order = pValues.map((_, index) => index).sort((a, b) => (pValues[a] as number) - (pValues[b] as number))
  const adjusted = new Array<number>(pValues.length)
  let largest = 0
  for (const [rank, index] of order.entries()) {
    largest = Math.max(largest, Math.min(1, (pValues.length - rank) * (pValues[index] as number)))
    adjusted[index] = largest
  }
  return adjusted
}
