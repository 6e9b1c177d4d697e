/**
 * @file The dispatcher: waiting calls of all models in memory, one lane each, and the ledger of what is under way.
 *
 * Guarantees, whatever the discipline and the admission: a call gets exactly one of `start`, `reject` or a cancel that
 * answered true; an engine never holds more calls of ours than its slots; among feasible calls that could use the same room
 * none starts before one ahead of it, but for the bounded overtaking of take-next.ts. No promise and no closure is made per
 * call, and all timing is the clock's, so it runs as well in virtual time.
 * Cost: a call that starts at once O(log n), one that waits O(log n) more per alarm.
 */
import type {
  Admission,
  Clock,
  Discipline,
  DispatchStore,
  ModelId,
  QueuedCall,
  Random,
  ReplicaId,
  Ticket,
} from '../../core/index.ts'
import type { DispatchPool } from './dispatch-pool.ts'
import { type DispatchCounts, type LaneContext, ModelLane } from './model-lane.ts'

export interface DispatcherOptions {
  readonly clock: Clock
  readonly discipline: Discipline
  readonly admission: Admission
  readonly random: Random
  readonly pool: DispatchPool
  /** `waiting`: calls that may wait over all models; further ones are rejected with QUEUE_FULL. */
  readonly limits: { readonly waiting: number }
  /** Longest wait for a usable replica to come back, in ms; less where the call's slack is less. */
  readonly rejectWhenUnusableMs: number
}

export interface DispatchStats extends Readonly<DispatchCounts> {
  readonly inFlight: number
  /** Waiting calls that were found hopeless. */
  readonly demoted: number
}

export interface Dispatcher extends DispatchStore {
  stats(): DispatchStats
}

export const createDispatcher = (options: DispatcherOptions): Dispatcher => new MemoryDispatcher(options)

class MemoryDispatcher implements Dispatcher {
  readonly #pool: DispatchPool
  readonly #context: LaneContext
  readonly #counts: DispatchCounts = { waiting: 0, started: 0, rejected: 0, reconsidered: 0, overtaken: 0 }
  readonly #lanes = new Map<ModelId, ModelLane>()
  /** Model of every call under way, by call id. */
  readonly #inFlight = new Map<string, ModelId>()

  constructor({ limits, ...rest }: DispatcherOptions) {
    this.#pool = rest.pool
    this.#context = {
      ...rest,
      waitingLimit: limits.waiting,
      counts: this.#counts,
      onStart: (call, view) => {
        this.#inFlight.set(call.id, call.model)
        this.#pool.callStarted(view.replica, call)
      },
    }
  }

  enqueue(call: QueuedCall): Ticket {
    return this.#laneOf(call.model).enqueue(call)
  }

  /** A second release of the same call does nothing. */
  release(callId: string, replica: ReplicaId): void {
    const model = this.#inFlight.get(callId)
    if (model === undefined) return
    this.#inFlight.delete(callId)
    this.#pool.callEnded(callId, replica)
    this.wake(model)
  }

  wake(model: ModelId): void {
    this.#lanes.get(model)?.look()
  }

  waiting(model: ModelId): number {
    return this.#lanes.get(model)?.waiting ?? 0
  }

  stats(): DispatchStats {
    let demoted = 0
    for (const lane of this.#lanes.values()) demoted += lane.demoted
    return { ...this.#counts, inFlight: this.#inFlight.size, demoted }
  }

  #laneOf(model: ModelId): ModelLane {
    let lane = this.#lanes.get(model)
    if (lane === undefined) {
      lane = new ModelLane(model, this.#context)
      this.#lanes.set(model, lane)
    }
    return lane
  }
}
