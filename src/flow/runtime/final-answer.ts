/** @file Which answer goes out once no more are to come, and which is none. */
import type { Degradation } from '../../core/index.ts'
import { isComparable } from '../../team/index.ts'
import type { HeldAnswer } from './hand.ts'
import type { RunState } from './run-state.ts'

export interface FinalAnswer {
  /** Null: no step gave one. */
  readonly held: HeldAnswer | null
  /** Set where the answer is not the one that was planned. */
  readonly degradation: Degradation | null
}

/** How far short of the plan an answer falls that is not the last step's. */
export const fallback = (held: HeldAnswer): Degradation => (held.attempt.init.isInsurance ? 'insurance' : 'best-so-far')

/** The vote's winner, or the last step's answer unless it was cut before it said one; else the best in hand. */
export function finalAnswer({ plan, hand }: RunState, hasBegun: boolean): FinalAnswer {
  const best = hand.best()
  if (plan.merge === 'vote') {
    return { held: best, degradation: best?.attempt.init.isInsurance ? 'insurance' : null }
  }
  const last = plan.steps.find(({ isLast }) => isLast)
  const own = last ? (hand.output(last.id) ?? null) : null
  const isReadable = own !== null && (own.answer.answer !== null || !own.answer.isTruncated || hasBegun)
  if (isReadable || best === null || best === own) return { held: isReadable ? own : best, degradation: null }
  return { held: best, degradation: fallback(best) }
}

/** Cut before it said the answer: no use where the answer is what counts, unless the caller's own cap is what cut it. */
export function isUnread({ query, context }: RunState, { attempt, result, answer }: HeldAnswer): boolean {
  return (
    context.settings.rescuesUnread &&
    isComparable(query.answerFormat) &&
    query.maxOutputTokens === null &&
    answer.answer === null &&
    result.status === 'cut' &&
    attempt.init.step.isLast
  )
}
