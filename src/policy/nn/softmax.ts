/**
 * @file Softmax and its logarithm over the first `count` numbers; the greatest is taken out first, so nothing overflows.
 *
 * A logit of -1e9 or minus infinity has probability 0. At least one must be finite.
 */

const greatest = (logits: Float32Array, count: number): number => {
  let most = Number.NEGATIVE_INFINITY
  for (let index = 0; index < count; index += 1) if (logits[index]! > most) most = logits[index]!
  return most
}

/** Into `probabilities`, which may be `logits` itself. */
export function softmax(logits: Float32Array, probabilities: Float32Array, count: number): void {
  const most = greatest(logits, count)
  let total = 0
  for (let index = 0; index < count; index += 1) {
    const share = Math.exp(logits[index]! - most)
    probabilities[index] = share
    total += share
  }
  for (let index = 0; index < count; index += 1) probabilities[index]! /= total
}

/** ln of the sum of e^logit; minus infinity over none. */
export function logSumExp(logits: Float32Array, count: number): number {
  if (count === 0) return Number.NEGATIVE_INFINITY
  const most = greatest(logits, count)
  let total = 0
  for (let index = 0; index < count; index += 1) total += Math.exp(logits[index]! - most)
  return most + Math.log(total)
}
