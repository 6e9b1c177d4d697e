/**
 * @file Time as a port. The same control loop runs on the wall clock and on a twin's virtual clock.
 *
 * All times are milliseconds as floats. Nothing in `core`, `team`, `policy`, `flow` or the twin's engine may use platform
 * timers or `Date`: they ask the injected clock, so that a run in virtual time is exact and repeatable.
 */
import { invariant } from './errors.ts'

/** Takes back a scheduled callback. Calling it again, or after the callback ran, does nothing. */
export type Cancel = () => void

export interface Clock {
  /** The present instant in ms. Monotonic; the wall clock's origin is the Unix epoch. */
  nowMs(): number
  /** Runs `fn` once at `ms` or as soon as possible after it; never synchronously. Equal instants run in order of call. */
  at(ms: number, fn: () => void): Cancel
}

// setTimeout clips longer delays to 1 ms.
const longestTimerMs = 2 ** 31 - 1

interface Waiting {
  readonly ms: number
  readonly fn: () => void
}

/**
 * Every waiting callback stands in one list sorted by (instant, order of call), with one platform timer for its head: a
 * timer each would fire up to a millisecond early and swap equal instants. One callback per turn of the event loop, so
 * that promise continuations run between them. `at` and cancelling cost a binary search and a shift of the list.
 */
class WallClock implements Clock {
  readonly #originMs = performance.timeOrigin
  readonly #waiting: Waiting[] = []
  #disarm: (() => void) | null = null

  nowMs(): number {
    return this.#originMs + performance.now()
  }

  at(ms: number, fn: () => void): Cancel {
    // It would stand in no order, and hold up every callback after it.
    invariant(!Number.isNaN(ms), 'a callback was asked for at NaN ms')
    const entry = { ms, fn }
    const index = this.#firstAfter(ms)
    this.#waiting.splice(index, 0, entry)
    if (index === 0) this.#arm()
    return () => this.#remove(entry)
  }

  #remove(entry: Waiting): void {
    let index = this.#firstAfter(entry.ms) - 1
    while (index >= 0 && this.#waiting[index]?.ms === entry.ms && this.#waiting[index] !== entry) index -= 1
    if (this.#waiting[index] !== entry) return
    this.#waiting.splice(index, 1)
    if (index === 0) this.#arm()
  }

  /** Index of the first callback that goes after all those of instant `ms`. */
  #firstAfter(ms: number): number {
    let low = 0
    let high = this.#waiting.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#waiting[middle] as Waiting).ms <= ms) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Sets the timer for the head of the list; none when the list is empty, so that the process may end. */
  #arm(): void {
    this.#disarm?.()
    this.#disarm = null
    const head = this.#waiting[0]
    if (head === undefined) return
    const delayMs = head.ms - this.nowMs()
    if (delayMs > 0) {
      const timer = setTimeout(() => this.#fire(), Math.min(Math.ceil(delayMs), longestTimerMs))
      this.#disarm = () => clearTimeout(timer)
    } else {
      const turn = setImmediate(() => this.#fire())
      this.#disarm = () => clearImmediate(turn)
    }
  }

  #fire(): void {
    const head = this.#waiting[0]
    const isDue = head !== undefined && head.ms <= this.nowMs()
    if (isDue) this.#waiting.shift()
    this.#arm()
    if (isDue) head.fn()
  }
}

/** The real clock: epoch milliseconds that never run backwards, timers that keep the process alive only while waited for. */
export const createWallClock = (): Clock => new WallClock()

/** A clock that runs `scale` times as fast as `base`: the twin's engines behind HTTP run on it (`--time-scale`). */
export function createScaledClock(base: Clock, scale: number): Clock {
  const originMs = base.nowMs()
  return {
    nowMs: () => originMs + (base.nowMs() - originMs) * scale,
    at: (ms, fn) => base.at(originMs + (ms - originMs) / scale, fn),
  }
}
