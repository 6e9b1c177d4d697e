/**
 * @file Which wrong answer a wrong agent gives: two of them coincide with a stated probability.
 *
 * The i-th commonest distractor has weight q^i; q is solved so that sum(p_i^2), the chance that two draws coincide,
 * equals the target. With few distractors the chance cannot fall below 1 / count; then all are equally common.
 */

const known = new Map<string, Float64Array>()

/** Cumulative shares of `count` >= 1 distractors, commonest first, whose chance to coincide is `sameFraction` in (0, 1). Shared: not to be written to. */
export function popularity(count: number, sameFraction: number): Float64Array {
  const key = `${count}|${sameFraction}`
  const shares = known.get(key) ?? solvePopularity(count, sameFraction)
  known.set(key, shares)
  return shares
}

function solvePopularity(count: number, sameFraction: number): Float64Array {
  let low = 0
  let high = 1
  for (let round = 0; round < 50; round += 1) {
    const middle = (low + high) / 2
    if (coincidence(middle, count) > sameFraction) low = middle
    else high = middle
  }
  const cumulative = new Float64Array(count)
  let sum = 0
  for (let rank = 0; rank < count; rank += 1) {
    sum += high ** rank
    cumulative[rank] = sum
  }
  return cumulative.map((value) => value / sum)
}

/** Chance that two draws with weights q^i coincide: falls from 1 at q = 0 to 1 / count at q = 1. */
function coincidence(q: number, count: number): number {
  let sum = 0
  let squares = 0
  for (let rank = 0; rank < count; rank += 1) {
    sum += q ** rank
    squares += q ** (2 * rank)
  }
  return squares / (sum * sum)
}

/** Index of the distractor for a uniform draw in [0, 1). */
export function pickWrong(cumulative: Float64Array, uniform: number): number {
  let rank = 0
  while (rank < cumulative.length - 1 && uniform >= (cumulative[rank] as number)) rank += 1
  return rank
}
