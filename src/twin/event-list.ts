/**
 * @file Event list: what happens next in virtual time.
 *
 * A binary heap ordered by (time, sequence): of two events at one instant the one scheduled first fires first, always.
 * Events live in numbered slots of parallel arrays, so that scheduling allocates nothing but the caller's callback; a
 * slot is used again once its event has fired or was cancelled, and its generation then makes old handles harmless.
 *
 * Cost: push, pop and cancel O(log n); next time O(1). Source: binary heap with positions, Cormen et al., chapter 6.
 */
import { invariant } from '../core/index.ts'

type Callback = () => void

/** Names one scheduled event: generation * slotLimit + slot. Stale once the event has fired or was cancelled. */
export type EventHandle = number

const slotLimit = 2 ** 21
const firstCapacity = 64

export class EventList {
  // By slot.
  #times = new Float64Array(firstCapacity)
  #sequences = new Float64Array(firstCapacity)
  #generations = new Uint32Array(firstCapacity)
  #positions = new Int32Array(firstCapacity)
  readonly #callbacks: (Callback | null)[] = []
  readonly #freeSlots: number[] = []
  // By position: the slot there. The earliest is at position 0.
  #heap = new Int32Array(firstCapacity)
  #size = 0
  #nextSequence = 0

  /** Events that wait to fire. */
  get size(): number {
    return this.#size
  }

  /** Instant of the earliest event; Infinity when there is none. */
  get nextAtMs(): number {
    return this.#size === 0 ? Infinity : (this.#times[this.#heap[0] as number] as number)
  }

  /** Schedules `callback`. Throws INVARIANT_VIOLATED unless `timeMs` is finite: NaN would break the order. */
  push(timeMs: number, callback: Callback): EventHandle {
    invariant(Number.isFinite(timeMs), 'an event needs a finite instant')
    const slot = this.#freeSlots.pop() ?? this.#newSlot()
    this.#times[slot] = timeMs
    this.#sequences[slot] = this.#nextSequence++
    this.#callbacks[slot] = callback
    this.#siftUp(this.#size++, slot)
    return (this.#generations[slot] as number) * slotLimit + slot
  }

  /** Moves an event that still waits to another instant, behind what is scheduled there already. As cancel and push, but cheaper. */
  move(handle: EventHandle, timeMs: number): void {
    invariant(Number.isFinite(timeMs), 'an event needs a finite instant')
    const slot = handle % slotLimit
    this.#times[slot] = timeMs
    this.#sequences[slot] = this.#nextSequence++
    this.#siftUp(this.#positions[slot] as number, slot)
    this.#siftDown(this.#positions[slot] as number, slot)
  }

  /** Takes the earliest event out and returns what it does; undefined when there is none. */
  pop(): Callback | undefined {
    return this.#size === 0 ? undefined : this.#remove(0)
  }

  /** Takes an event out. False: it has fired or was cancelled before. */
  cancel(handle: EventHandle): boolean {
    const slot = handle % slotLimit
    if (this.#generations[slot] !== (handle - slot) / slotLimit || !this.#callbacks[slot]) return false
    this.#remove(this.#positions[slot] as number)
    return true
  }

  #remove(position: number): Callback {
    const slot = this.#heap[position] as number
    const last = this.#heap[--this.#size] as number
    if (last !== slot) {
      this.#siftUp(position, last)
      this.#siftDown(this.#positions[last] as number, last)
    }
    const callback = this.#callbacks[slot] as Callback
    this.#callbacks[slot] = null
    this.#generations[slot] = (this.#generations[slot] as number) + 1
    this.#freeSlots.push(slot)
    return callback
  }

  #isBefore(a: number, b: number): boolean {
    const atA = this.#times[a] as number
    const atB = this.#times[b] as number
    return atA < atB || (atA === atB && (this.#sequences[a] as number) < (this.#sequences[b] as number))
  }

  #place(position: number, slot: number): void {
    this.#heap[position] = slot
    this.#positions[slot] = position
  }

  #siftUp(from: number, slot: number): void {
    let position = from
    while (position > 0) {
      const above = (position - 1) >> 1
      const parent = this.#heap[above] as number
      if (!this.#isBefore(slot, parent)) break
      this.#place(position, parent)
      position = above
    }
    this.#place(position, slot)
  }

  #siftDown(from: number, slot: number): void {
    let position = from
    for (;;) {
      let below = 2 * position + 1
      if (below >= this.#size) break
      const right = below + 1
      if (right < this.#size && this.#isBefore(this.#heap[right] as number, this.#heap[below] as number)) below = right
      const child = this.#heap[below] as number
      if (!this.#isBefore(child, slot)) break
      this.#place(position, child)
      position = below
    }
    this.#place(position, slot)
  }

  #newSlot(): number {
    const slot = this.#callbacks.length
    invariant(slot < slotLimit, 'two million events wait at once')
    if (slot === this.#heap.length) this.#grow()
    this.#callbacks.push(null)
    return slot
  }

  #grow(): void {
    const capacity = this.#heap.length * 2
    const wider = <T extends Float64Array | Int32Array | Uint32Array>(empty: T, old: T): T => {
      empty.set(old)
      return empty
    }
    this.#times = wider(new Float64Array(capacity), this.#times)
    this.#sequences = wider(new Float64Array(capacity), this.#sequences)
    this.#generations = wider(new Uint32Array(capacity), this.#generations)
    this.#positions = wider(new Int32Array(capacity), this.#positions)
    this.#heap = wider(new Int32Array(capacity), this.#heap)
  }
}
