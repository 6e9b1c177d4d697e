/**
 * @file How much better a decision turned out than was to be expected of its situation.
 *
 * The critic's expectation is taken off first, then the mean of what remains over the other decisions of the same twin:
 * one twin is one set, load and budget, and its luck is not the decision's doing. At the end all are divided by their common
 * deviation.
 */

export interface Judged {
  /** What the episode was worth, per decision. */
  readonly rewards: Float32Array
  /** The critic's expectation, per decision. */
  readonly values: Float32Array
  /** Twin of each decision. */
  readonly groups: Int32Array
}

const smallestDeviation = 1e-6

/** Normalised advantages, per decision. A group of one keeps its plain difference. */
export function advantagesOf({ rewards, values, groups }: Judged): Float32Array {
  const sums = new Map<number, { sum: number; count: number }>()
  const raw = Float64Array.from(rewards, (reward, index) => reward - (values[index] as number))
  for (const [index, group] of groups.entries()) {
    const known = sums.get(group) ?? { sum: 0, count: 0 }
    known.sum += raw[index] as number
    known.count += 1
    sums.set(group, known)
  }
  // Leave-one-out: a - mean of the others = (a - mean of all) n / (n - 1).
  const centred = raw.map((value, index) => {
    const { sum, count } = sums.get(groups[index] as number) as { sum: number; count: number }
    return count < 2 ? value : (value - sum / count) * (count / (count - 1))
  })
  const squares = centred.reduce((sum, value) => sum + value * value, 0)
  const deviation = Math.max(smallestDeviation, Math.sqrt(squares / Math.max(1, centred.length)))
  return Float32Array.from(centred, (value) => value / deviation)
}
