/**
 * @file One query as a learner sees it: the decisions that were made for it, and what came of them.
 *
 * `privileged` holds what only the twin knows; a critic may read it, a policy never.
 */
import type { ScoredDecision } from '../../../policy/index.ts'

export interface EpisodeDecision {
  readonly level: 'planner' | 'executor'
  readonly decision: ScoredDecision
}

export interface Episode {
  /** Twin of the epoch that it was played in: advantages are compared within it. */
  readonly shard: number
  readonly ratePerMinute: number
  readonly budgetMs: number
  /** Load of the pool when the team was planned: (running + waiting) / slots. */
  readonly load: number
  readonly isOnTime: boolean
  /** In time, planned, complete. */
  readonly isStrict: boolean
  /** 0 or 1 as drawn, or the probability to be right that the twin knows; 0 without an answer. */
  readonly correctness: number
  /** Latency over budget; of a query without an answer 1 at least. */
  readonly latencyRatio: number
  /** Congestion prices of what its calls used, in quality points. */
  readonly charges: number
  /** [privilegedSize]. */
  readonly privileged: Float32Array
  /** The team that was planned: `io 1`, `debate 3 vote` ... */
  readonly team: string
  /** Arms of the calls that were sent, `model:strategy`. */
  readonly arms: readonly string[]
  /** In the order in which they were made. */
  readonly decisions: readonly EpisodeDecision[]
}

export const privilegedNames = ['difficulty', 'usableLabel', 'bestAbility', 'meanAbility'] as const
