/** @file A pool for tests of the dispatcher: replicas as given, our own ledger, and a strict eye on slots and doubles. */
import type { EngineView, ModelId, QueuedCall, ReplicaId } from '../src/core/index.ts'
import type { DispatchPool } from '../src/flow/scheduler/index.ts'

export type ReplicaSetup = Partial<Omit<EngineView, 'inFlight' | 'held'>> & { readonly replica: ReplicaId }

export class LedgerPool implements DispatchPool {
  /** Of one model; tests may change a replica's setup at will. */
  readonly replicas: Map<ReplicaId, ReplicaSetup>
  readonly running = new Map<string, { readonly replica: ReplicaId; readonly call: QueuedCall }>()
  readonly ages = new Map<ReplicaId, number>()
  /** As last told. */
  gatewayWaiting = { count: 0, waitingMs: 0 }

  constructor(replicas: readonly ReplicaSetup[]) {
    this.replicas = new Map(replicas.map((setup) => [setup.replica, setup]))
  }

  views(_model: ModelId): readonly EngineView[] {
    return [...this.replicas.values()].map((setup) => {
      const held = this.callsOn(setup.replica).map((call) => ({
        tokens: call.promptTokens,
        remaining: call.outputTokensP90,
      }))
      const defaults = { isUsable: true, slots: 1, kvTokens: null, contextTokens: null, foreignKvTokens: 0 }
      return { ...defaults, ...setup, inFlight: held.length, held }
    })
  }

  readingAgeMs(replica: ReplicaId): number | null {
    return this.ages.get(replica) ?? null
  }

  callsOn(replica: ReplicaId): readonly QueuedCall[] {
    return [...this.running.values()].filter((entry) => entry.replica === replica).map(({ call }) => call)
  }

  /** Changes a replica, for instance its health. */
  set(replica: ReplicaId, change: Omit<ReplicaSetup, 'replica'>): void {
    this.replicas.set(replica, { ...this.replicas.get(replica), ...change, replica })
  }

  callStarted(replica: ReplicaId, call: QueuedCall): void {
    const view = this.views(call.model).find((candidate) => candidate.replica === replica)
    if (view === undefined || !view.isUsable) throw new Error(`${call.id} was sent to ${replica}, which is not usable`)
    if (view.inFlight >= view.slots) throw new Error(`${call.id} was sent to ${replica}, whose slots are full`)
    if (this.running.has(call.id)) throw new Error(`${call.id} was started twice`)
    this.running.set(call.id, { replica, call })
  }

  callEnded(callId: string, replica: ReplicaId): void {
    if (this.running.get(callId)?.replica !== replica) throw new Error(`${callId} is not running on ${replica}`)
    this.running.delete(callId)
  }

  setGatewayWaiting(_model: ModelId, count: number, waitingMs: number): void {
    this.gatewayWaiting = { count, waitingMs }
  }
}
