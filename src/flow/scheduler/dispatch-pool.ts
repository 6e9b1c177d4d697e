/** @file What the dispatcher asks of the pool and tells it: the engines' rooms, and the ledger of our own calls. */
import type { EngineView, ModelId, QueuedCall, ReplicaId } from '../../core/index.ts'

export interface DispatchPool {
  /** Replicas of the model in the order of the config, as of this instant: calls started a moment ago are in it. */
  views(model: ModelId): readonly EngineView[]
  /** Age of the replica's reading in ms; null: it publishes none. Absent: readings are always fresh. */
  readingAgeMs?(replica: ReplicaId): number | null
  /** The call takes its room now, before it is sent. */
  callStarted(replica: ReplicaId, call: QueuedCall): void
  callEnded(callId: string, replica: ReplicaId): void
  /** Calls that wait for the model, and the service time they bring in slot-ms. */
  setGatewayWaiting(model: ModelId, count: number, waitingMs: number): void
}
