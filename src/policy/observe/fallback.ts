/**
 * @file When a learned decision cannot be trusted: what entered the network, or came out of it, is not a number, or it threw.
 *
 * The decision is then made by the training-free policy in its place, and whoever listens hears of it.
 */
import type { FeatureRow } from './feature-row.ts'

export interface PolicyFallback {
  readonly level: 'planner' | 'executor'
  /**
   * `features`: a number that was to enter was not finite; `logits`: one that came out; `error`: the policy threw;
   * `last-resort`: so did the training-free one, or the predictor of both.
   */
  readonly reason: 'features' | 'logits' | 'error' | 'last-resort'
  /** What was thrown. Absent: nothing. */
  readonly message?: string
}

/** Called during the decision: must not throw. */
export type FallbackListener = (fallback: PolicyFallback) => void

/** Null: the decision stands. `logits`: as many as there are candidates. */
export function whyUnfit(rows: readonly FeatureRow[], logits: Float32Array): 'features' | 'logits' | null {
  for (const row of rows) if (!row.isFinite) return 'features'
  for (const logit of logits) if (!Number.isFinite(logit)) return 'logits'
  return null
}
