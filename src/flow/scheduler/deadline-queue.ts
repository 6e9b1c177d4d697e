/**
 * @file Deadline queue: which of one model's waiting calls goes next.
 *
 * A call is *feasible* until its `latestStartAtMs`, then *demoted*: behind every feasible one. The order thus changes with
 * time, and a comparison that asks for the present instant would break a heap. So no comparison does:
 *
 *     feasible   by the discipline's key      --+
 *     flips      by latestStartAtMs           --+-- the same calls; those whose instant has come move to
 *     demoted    by remaining work, least first
 *
 * Ties fall to order of arrival. Least work first among the demoted lets the most of them out when there is room.
 * Cost: push, take and cancel O(log n), plus one O(log n) move per call and life. Never drops a call: the dispatcher does that.
 * Invariant: every member is in `demoted`, or in `feasible` and (if it can flip) in `flips`.
 */
import { type Discipline, invariant, type QueuedCall } from '../../core/index.ts'
import { type HeapNode, IndexedHeap, type Visit } from './indexed-heap.ts'

/** Where a call stands in its queue. The queue's own. */
export interface QueuePlace<T> {
  /** In `feasible` or `demoted`. */
  node: HeapNode<T>
  /** In `flips`; null: demoted already, or never to be. */
  flipNode: HeapNode<T> | null
}

/** What the queue holds: anything that carries a call and keeps its place, null while it is in no queue. */
export interface Holder<T> {
  readonly call: QueuedCall
  place: QueuePlace<T> | null
}

export class DeadlineQueue<T extends Holder<T>> {
  readonly #discipline: Discipline
  readonly #feasible = new IndexedHeap<T>()
  readonly #flips = new IndexedHeap<T>()
  readonly #demoted = new IndexedHeap<T>()
  #arrivals = 0

  constructor(discipline: Discipline) {
    this.#discipline = discipline
  }

  get size(): number {
    return this.#feasible.size + this.#demoted.size
  }

  /** Calls found hopeless so far; exact as of the last `take`. */
  get demotedCount(): number {
    return this.#demoted.size
  }

  /** Throws INVARIANT_VIOLATED when the holder is in a queue already, or its key is not a number. */
  push(holder: T): void {
    const { call } = holder
    const key = this.#discipline.key(call)
    const flipAtMs = this.#discipline.latestStartAtMs?.(call) ?? Infinity
    invariant(holder.place === null, `call ${call.id} is queued twice`)
    // One NaN would silently break the order of everything behind it.
    invariant(!Number.isNaN(key + call.remainingMs), `call ${call.id}: its deadline or remaining time is not a number`)
    const order = this.#arrivals++
    holder.place = {
      node: this.#feasible.push(holder, key, order),
      flipNode: flipAtMs < Infinity ? this.#flips.push(holder, flipAtMs, order) : null,
    }
  }

  /** Takes the call out from anywhere. False: it has left the queue before. */
  cancel(holder: T): boolean {
    const { place } = holder
    if (place === null) return false
    holder.place = null
    if (place.flipNode !== null) this.#flips.remove(place.flipNode)
    return this.#feasible.remove(place.node) || this.#demoted.remove(place.node)
  }

  /**
   * Shows the calls in order as of `nowMs` until `judge` says `take` (that one leaves the queue and is returned) or `stop`
   * (none). `judge` must not change the queue.
   */
  take(nowMs: number, judge: (holder: T) => Visit): T | undefined {
    this.#demoteHopeless(nowMs)
    let found = this.#feasible.find(judge)
    if (found === undefined) found = this.#demoted.find(judge)
    if (!found) return undefined
    this.cancel(found)
    return found
  }

  /** The first call in order as of `nowMs`, taken out. */
  pop(nowMs: number): T | undefined {
    return this.take(nowMs, takeAny)
  }

  /** Every member, in no particular order. */
  *holders(): Generator<T> {
    yield* this.#feasible.values()
    yield* this.#demoted.values()
  }

  /** Moves the calls whose instant has come. Amortised: each call moves at most once. */
  #demoteHopeless(nowMs: number): void {
    for (let first = this.#flips.peek(); first !== undefined && first.key <= nowMs; first = this.#flips.peek()) {
      const holder = first.value
      const place = holder.place as QueuePlace<T>
      this.#flips.remove(first)
      this.#feasible.remove(place.node)
      place.flipNode = null
      place.node = this.#demoted.push(holder, holder.call.remainingMs, first.order)
    }
  }
}

const takeAny = (): Visit => 'take'
