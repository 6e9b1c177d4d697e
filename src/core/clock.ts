/**
 * @file Time as a port. The same control loop runs on the wall clock and on a twin's virtual clock.
 *
 * All times are milliseconds as floats. Nothing in `core`, `team`, `policy`, `flow` or the twin's engine may use platform
 * timers or `Date`: they ask the injected clock, so that a run in virtual time is exact and repeatable.
 */

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

/** The real clock: epoch milliseconds that never run backwards, timers that keep the process alive only while waited for. */
export function createWallClock(): Clock {
  const originMs = performance.timeOrigin
  const nowMs = () => originMs + performance.now()
  const at = (ms: number, fn: () => void): Cancel => {
    let timer: NodeJS.Timeout
    const arm = () => {
      const delayMs = ms - nowMs()
      // A timer may fire up to a millisecond early; round up so that `fn` never runs before its instant.
      timer =
        delayMs > longestTimerMs ? setTimeout(arm, longestTimerMs) : setTimeout(fn, Math.max(0, Math.ceil(delayMs)))
    }
    arm()
    return () => clearTimeout(timer)
  }
  return { nowMs, at }
}

/** A clock that runs `scale` times as fast as `base`: the twin's engines behind HTTP run on it (`--time-scale`). */
export function createScaledClock(base: Clock, scale: number): Clock {
  const originMs = base.nowMs()
  return {
    nowMs: () => originMs + (base.nowMs() - originMs) * scale,
    at: (ms, fn) => base.at(originMs + (ms - originMs) / scale, fn),
  }
}
