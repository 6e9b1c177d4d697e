/** @file What several answers say together: how far they agree, and which one wins a vote. */
import type { AnswerInHand } from '../../core/index.ts'

/** Share of the commonest among the comparable answers, 0-1; null with fewer than two. */
export function agreementOf(answers: readonly Pick<AnswerInHand, 'answer'>[]): number | null {
  const counts = new Map<string, number>()
  let comparable = 0
  let commonest = 0
  for (const { answer } of answers) {
    if (answer === null) continue
    const count = (counts.get(answer) ?? 0) + 1
    counts.set(answer, count)
    commonest = Math.max(commonest, count)
    comparable += 1
  }
  return comparable < 2 ? null : commonest / comparable
}

/** The outcome of a vote. */
export interface Vote {
  /** The answer whose text goes out: the first of the winning group, one that was not cut where there is one. */
  readonly winner: AnswerInHand
  /** The winning group's share of the weight of comparable answers, 0-1. */
  readonly share: number
}

/**
 * Plurality among the comparable answers; ties go to the group that was first in `answers`. Null: nothing comparable.
 * `weight`: a voter's weight, > 0; all equal when absent.
 */
export function voteOn(
  answers: readonly AnswerInHand[],
  weight: (answer: AnswerInHand) => number = () => 1,
): Vote | null {
  const groups = new Map<string, { weight: number; winner: AnswerInHand }>()
  let total = 0
  for (const candidate of answers) {
    if (candidate.answer === null) continue
    const own = weight(candidate)
    total += own
    const group = groups.get(candidate.answer)
    if (group === undefined) groups.set(candidate.answer, { weight: own, winner: candidate })
    else {
      group.weight += own
      if (group.winner.isTruncated && !candidate.isTruncated) group.winner = candidate
    }
  }
  let best: { weight: number; winner: AnswerInHand } | null = null
  for (const group of groups.values()) if (best === null || group.weight > best.weight) best = group
  return best === null ? null : { winner: best.winner, share: best.weight / total }
}
