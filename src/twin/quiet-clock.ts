/**
 * @file Quiet events: how simulated parts spare virtual time the cost of draining promises.
 *
 * After a callback that may have settled a promise, virtual time must give the platform one turn, so that everything
 * that awaits it runs at the same instant. Most events inside a simulated engine settle nothing. They are scheduled
 * with `atInternal`, and the one in many that does settle says so with `settled()`. On a real clock both mean nothing.
 */
import type { Cancel, Clock } from '../core/index.ts'

/** One internal event that is set, moved and taken off many times. */
export interface Alarm {
  /** The instant from which on it goes off, once; Infinity: not at all. Takes the place of what was set before. */
  set(ms: number): void
}

export interface QuietClock extends Clock {
  /** As `at`, for a callback that settles no promise and calls no foreign code, unless it calls `settled()`. */
  atInternal(ms: number, fn: () => void): Cancel
  /** An alarm that calls `fn`, an internal callback; not set yet. */
  alarm(fn: () => void): Alarm
  /** A promise was settled, or foreign code was called, within an internal event: let continuations run after it. */
  settled(): void
}

/** `clock` itself where it knows quiet events; otherwise the same clock, on which every event is an ordinary one. */
export function toQuietClock(clock: Clock): QuietClock {
  if ('atInternal' in clock && 'alarm' in clock && 'settled' in clock) return clock as QuietClock
  return {
    nowMs: () => clock.nowMs(),
    at: (ms, fn) => clock.at(ms, fn),
    atInternal: (ms, fn) => clock.at(ms, fn),
    alarm: (fn) => alarmOn(clock, fn),
    settled: () => {},
  }
}

function alarmOn(clock: Clock, fn: () => void): Alarm {
  let cancel: Cancel = () => {}
  return {
    set: (ms) => {
      cancel()
      cancel = ms === Infinity ? () => {} : clock.at(ms, fn)
    },
  }
}
