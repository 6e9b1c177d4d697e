/**
 * @file A call while it waits: its place in the queue, its next alarm, and what waiting has done to it so far.
 *
 * A waiting call is chosen again (`reconsider`) at two crossings, each once: when it has waited for half of the time that it
 * had to spare on arrival (at least 250 ms), and at its latest start. A call that arrives hopeless crosses only the first.
 */
import type { QueuedCall, ReplicaId, Ticket } from '../../core/index.ts'
import type { Holder, QueuePlace } from './deadline-queue.ts'
import { latestStartAtMs } from './disciplines.ts'
import type { HeapNode } from './indexed-heap.ts'

/** A choice is not questioned before this: the pool's state hardly changes sooner. */
const leastWaitMs = 250

export interface WaitingCallOptions {
  readonly arrivedAtMs: number
  /** What `cancel` does. */
  readonly onCancel: (waiting: WaitingCall) => boolean
}

export class WaitingCall implements Ticket, Holder<WaitingCall> {
  readonly call: QueuedCall
  readonly latestStartAtMs: number
  /** The queue's; null: it has left. */
  place: QueuePlace<WaitingCall> | null = null
  alarm: HeapNode<WaitingCall> | null = null
  /** Later calls that were sent to a replica that this one could have used. */
  overtaken = 0
  /** Since when no replica that it may use has been usable; null: one is. */
  stuckSinceMs: number | null = null
  nextCrossingAtMs: number
  #lastCrossingAtMs: number
  readonly #onCancel: (waiting: WaitingCall) => boolean

  constructor(call: QueuedCall, { arrivedAtMs, onCancel }: WaitingCallOptions) {
    this.call = call
    this.#onCancel = onCancel
    this.latestStartAtMs = latestStartAtMs(call)
    const halfSpareAtMs = arrivedAtMs + Math.max(leastWaitMs, (this.latestStartAtMs - arrivedAtMs) / 2)
    const hopelessAtMs = this.latestStartAtMs > arrivedAtMs ? this.latestStartAtMs : Infinity
    this.nextCrossingAtMs = Math.min(halfSpareAtMs, hopelessAtMs)
    this.#lastCrossingAtMs = Math.max(halfSpareAtMs, hopelessAtMs)
  }

  /** Notes that `nextCrossingAtMs` has passed. */
  cross(): void {
    this.nextCrossingAtMs = this.#lastCrossingAtMs
    this.#lastCrossingAtMs = Infinity
  }

  /** Whether the call may go to `replica` at all. */
  mayUse(replica: ReplicaId): boolean {
    return !this.call.excludedReplicas.includes(replica)
  }

  cancel(): boolean {
    return this.#onCancel(this)
  }
}
