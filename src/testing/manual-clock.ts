/**
 * @file A clock that stands still until a test moves it.
 *
 * Callbacks run in order of (instant, order of call); each sees its own instant as the present. A callback that schedules
 * another one within the span has it run in the same advance. `advanceTo` and `advanceBy` are synchronous and leave promise
 * continuations to the caller; `runTo`, `runBy` and `runUntilSettled` let them run after every callback, so that async code
 * which waits again is waited for again. Cost: O(n) per callback over n pending ones, which is plenty for tests.
 */
import type { Cancel, Clock } from '../core/index.ts'

interface Scheduled {
  readonly atMs: number
  readonly fn: () => void
}

// Deep enough for every chain of awaits in the product; a turn costs some 50 ns.
const settlingTurns = 200

export class ManualClock implements Clock {
  #nowMs: number
  /** Sorted by (instant, order of call). */
  readonly #scheduled: Scheduled[] = []
  #isAdvancing = false

  constructor(startMs = 0) {
    this.#nowMs = startMs
  }

  /** Callbacks that have neither run nor been cancelled. */
  get pending(): number {
    return this.#scheduled.length
  }

  /** Instant of the next callback; null: nothing is scheduled. */
  get nextAtMs(): number | null {
    return this.#scheduled[0]?.atMs ?? null
  }

  nowMs(): number {
    return this.#nowMs
  }

  at(ms: number, fn: () => void): Cancel {
    if (Number.isNaN(ms)) throw new RangeError('ManualClock.at: expected an instant in ms, got NaN')
    // An instant that has passed means "as soon as possible": after what is due now already.
    const entry: Scheduled = { atMs: Math.max(ms, this.#nowMs), fn }
    const later = this.#scheduled.findIndex(({ atMs }) => atMs > entry.atMs)
    this.#scheduled.splice(later === -1 ? this.#scheduled.length : later, 0, entry)
    return () => {
      const index = this.#scheduled.indexOf(entry)
      if (index !== -1) this.#scheduled.splice(index, 1)
    }
  }

  /** Moves to instant `ms`, running everything due on the way. Throws RangeError when `ms` has passed. */
  advanceTo(ms: number): void {
    this.#checkTarget(ms)
    while (this.#runNext(ms));
    this.#nowMs = ms
  }

  /** Moves on by `ms`. 0 runs what is due now. */
  advanceBy(ms: number): void {
    this.advanceTo(this.#nowMs + ms)
  }

  /** Like `advanceTo`, with promise continuations run before, between and after the callbacks. */
  async runTo(ms: number): Promise<void> {
    this.#checkTarget(ms)
    await this.settle()
    while (this.#runNext(ms)) await this.settle()
    this.#nowMs = ms
  }

  /** Like `advanceBy`, with promise continuations run before, between and after the callbacks. */
  runBy(ms: number): Promise<void> {
    return this.runTo(this.#nowMs + ms)
  }

  /** Runs callbacks until `promise` settles, and gives its outcome. Throws when nothing is left that could settle it. */
  async runUntilSettled<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false
    const mark = () => {
      isSettled = true
    }
    promise.then(mark, mark)
    await this.settle()
    while (!isSettled) {
      if (!this.#runNext(Infinity))
        throw new Error(`ManualClock: promise still open at ${this.#nowMs} ms, nothing pending`)
      await this.settle()
    }
    return promise
  }

  /** Lets the promise continuations that are ready run, without moving time. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < settlingTurns; turn += 1) await null
  }

  #checkTarget(ms: number): void {
    if (!(ms >= this.#nowMs)) throw new RangeError(`ManualClock: cannot go from ${this.#nowMs} ms to ${ms} ms`)
    if (this.#isAdvancing) throw new Error('ManualClock: a callback must not advance the clock that runs it')
  }

  /** Runs the next callback if it is due by `limitMs`. */
  #runNext(limitMs: number): boolean {
    const next = this.#scheduled[0]
    if (next === undefined || next.atMs > limitMs) return false
    this.#scheduled.shift()
    this.#nowMs = next.atMs
    this.#isAdvancing = true
    try {
      next.fn()
    } finally {
      this.#isAdvancing = false
    }
    return true
  }
}
