/**
 * @file The greedy rule that planner and executor share: the best arm that surely enough ends within its share of time.
 *
 * An arm fits where f times its expected latency lies within the share, f being the safety factor; or where even an
 * answer that runs to its cap does, since a capped call cannot take longer. Among those that fit the largest score wins:
 * quality by the step's weight, less the congestion price, plus a little for a model that no sibling uses.
 */
import type { ModelId } from '../../core/index.ts'
import type { PricedArm, PriceList } from './priced-arm.ts'

/** Engines slow down while a call runs: room left over the longest answer at today's pace. */
const paceMargin = 1.2
/**
 * Worth of a model that no sibling uses, in quality points: errors of one model's repeats go together more than those
 * of two models (latent correlation 0.7 and more against 0.55), so the second answer of another model tells more.
 */
const diversityBonus = 0.03

export interface GreedyTerms {
  /** Time that the step may take. ms. */
  readonly shareMs: number
  /** The safety factor f, >= 1. */
  readonly safety: number
  /** How much of the answer's worth hangs on this step, 0-1. */
  readonly weight: number
  /** Models that siblings of the same vote use already. */
  readonly siblings: readonly ModelId[]
  /** Worth of a model that is not among `siblings`, in quality points. Default 0.03. */
  readonly diversity?: number
}

/** Time to plan with for an arm under safety factor `safety`. ms. */
export const plannedMs = (line: PricedArm, safety: number): number =>
  // With a backup the answer is in time whether or not this arm's is.
  line.backup ? 0 : Math.min(safety * line.meanMs, safety * line.queueMs + paceMargin * line.longestServiceMs)

/** What the greedy rule maximises. Quality points. */
export function scoreOf(line: PricedArm, terms: Pick<GreedyTerms, 'weight' | 'siblings' | 'diversity'>): number {
  const isNew = terms.siblings.length > 0 && !terms.siblings.includes(line.arm.model)
  return terms.weight * line.quality - line.price + (isNew ? (terms.diversity ?? diversityBonus) : 0)
}

/** The best arm that fits, or null. Equal scores fall to the faster arm, then to the earlier line. */
export function greedyArm(lines: PriceList, terms: GreedyTerms): PricedArm | null {
  let best: PricedArm | null = null
  let bestScore = -Infinity
  for (const line of lines) {
    if (plannedMs(line, terms.safety) > terms.shareMs) continue
    const score = scoreOf(line, terms)
    if (score > bestScore || (score === bestScore && best !== null && line.meanMs < best.meanMs)) {
      best = line
      bestScore = score
    }
  }
  return best
}
