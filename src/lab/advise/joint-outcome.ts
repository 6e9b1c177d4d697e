/** @file Two answers to the same questions: how often both, or either, are right, and how the two correlate. */

export interface JointOutcome {
  readonly both: number
  readonly either: number
  /** (P(both) - P(a) P(b)) / sqrt(P(a) (1 - P(a)) P(b) (1 - P(b))); NaN where one of them never varies. */
  readonly phi: number
}

/** `first`, `second`: chance (or share of repeats) to be right by question; independent given the question. */
export function jointOf(first: ArrayLike<number>, second: ArrayLike<number>): JointOutcome {
  let [firstSum, secondSum, bothSum] = [0, 0, 0]
  for (let index = 0; index < first.length; index += 1) {
    firstSum += first[index]!
    secondSum += second[index]!
    bothSum += first[index]! * second[index]!
  }
  const [a, b, both] = [firstSum / first.length, secondSum / first.length, bothSum / first.length]
  return { both, either: a + b - both, phi: (both - a * b) / Math.sqrt(a * (1 - a) * b * (1 - b)) }
}
