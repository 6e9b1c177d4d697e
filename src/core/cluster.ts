/**
 * @file The state of the pool as every decision sees it: readings of the engines, corrected by what we sent since.
 *
 * Kept per replica and summed per model, because an idle replica beside a queued one is exactly what must be seen.
 */
import type { ModelId, ReplicaId } from './ids.ts'

export interface ReplicaState {
  readonly replica: ReplicaId
  readonly model: ModelId
  /** May calls be sent to it now: reachable, and its circuit breaker not open. */
  readonly isUsable: boolean
  /** Requests that it can run at once. Configured, reported, or learned. */
  readonly slots: number
  /** KV-cache size in tokens; null: unknown. */
  readonly kvTokens: number | null
  readonly contextTokens: number | null
  /** Our calls in flight on it. */
  readonly ownInFlight: number
  /** Tokens that our calls hold or are predicted to hold at their peak. */
  readonly ownKvTokens: number
  /** Requests running and waiting on the engine: the reading, corrected by what we sent and saw end since. */
  readonly running: number
  readonly waiting: number
  /** 0-1, corrected likewise; null: never reported. */
  readonly kvUsage: number | null
  /** Averages between the last two polls that saw completions, in ms; null: none yet. */
  readonly ttftMs: number | null
  readonly interTokenMs: number | null
  readonly e2eMs: number | null
  readonly queueMs: number | null
  /** Age of the reading; null: never read. */
  readonly readingAgeMs: number | null
}

export interface ModelState {
  readonly model: ModelId
  readonly replicas: readonly ReplicaState[]
  /** Any usable replica. */
  readonly isUsable: boolean
  /** Sums over usable replicas. */
  readonly slots: number
  readonly running: number
  readonly waiting: number
  /** Calls of ours that wait in the gateway for this model, and the expected service time they bring, in slot-ms. */
  readonly gatewayWaiting: number
  readonly gatewayWaitingMs: number
  /** Mean over usable replicas that report it; null: none does. */
  readonly kvUsage: number | null
  readonly ttftMs: number | null
  readonly interTokenMs: number | null
  readonly queueMs: number | null
  /** Smallest over replicas; null: unknown. */
  readonly contextTokens: number | null
  /** Output-speed factor against the profile, from recent calls; 1: as expected, 2: twice as slow. */
  readonly slowdown: number
}

export interface ClusterState {
  readonly atMs: number
  /** In the order of the config. */
  readonly models: readonly ModelState[]
  model(id: ModelId): ModelState | undefined
  /** (running + waiting + waiting in the gateway) / slots over usable models; 0 when idle, above 1 when queues grow. */
  readonly load: number
}
