/**
 * @file Virtual time: ordinary async code, run as a discrete-event simulation.
 *
 * The loop takes the earliest event, sets the clock to its instant and calls it. Workflows are plain async functions
 * that wait for promises which events settle; after such an event one turn lets every continuation run, at the same
 * virtual instant, before the next event. A turn is a tick of the platform that was asked for in a microtask: Node comes
 * to it when no microtask is left, and it costs a sixth of a `setImmediate`, which is given now and then instead, so that
 * signals and sockets are served. Even so a turn is given only where needed: after callbacks of `at`, and after
 * internal ones that called `settled()`.
 *
 * Same calls, same order: events at one instant fire in the order of scheduling, and no real time is ever read. The
 * awaited code must be driven by this clock alone; sockets, files and platform timers have no place in it.
 */
import { type Cancel, invariant } from '../core/index.ts'
import { type EventHandle, EventList } from './event-list.ts'
import type { Alarm, QuietClock } from './quiet-clock.ts'

export interface VirtualClock extends QuietClock {
  /**
   * Lets events happen until `work` settles, and returns what it gives; later events stay scheduled. Rejects with
   * INVARIANT_VIOLATED when no event is left while `work` is pending, or when the clock is being driven already; with
   * the error itself when a callback throws.
   */
  run<T>(work: Promise<T>): Promise<T>
  /** Lets everything happen up to and including the instant `ms`, where the clock then stands. Rejects like `run`. */
  advanceTo(ms: number): Promise<void>
}

/** Turns between two that let the platform do everything else. */
const turnsPerBreak = 500

const nothing = Promise.resolve()

class DiscreteClock implements VirtualClock {
  readonly #events = new EventList()
  #nowMs: number
  #isTurnDue = false
  #isDriven = false

  constructor(startMs: number) {
    this.#nowMs = startMs
  }

  nowMs(): number {
    return this.#nowMs
  }

  at(ms: number, fn: () => void): Cancel {
    return this.atInternal(ms, () => {
      this.#isTurnDue = true
      fn()
    })
  }

  atInternal(ms: number, fn: () => void): Cancel {
    // Time never runs backwards: what is asked for in the past happens now, after what is scheduled for now.
    const handle = this.#events.push(Math.max(ms, this.#nowMs), fn)
    return () => {
      this.#events.cancel(handle)
    }
  }

  alarm(fn: () => void): Alarm {
    return new EventAlarm(this.#events, this, fn)
  }

  settled(): void {
    this.#isTurnDue = true
  }

  async run<T>(work: Promise<T>): Promise<T> {
    let isSettled = false
    const settle = () => {
      isSettled = true
    }
    work.then(settle, settle)
    await this.#drive(() => isSettled, Infinity)
    return work
  }

  async advanceTo(ms: number): Promise<void> {
    await this.#drive(() => this.#events.nextAtMs > ms, ms)
    this.#nowMs = Math.max(this.#nowMs, ms)
  }

  /** Alternates platform turns with runs of events, until `isDone` holds after a turn. */
  #drive(isDone: () => boolean, untilMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      invariant(!this.#isDriven, 'the virtual clock is being driven already')
      this.#isDriven = true
      const stop = (settle: () => void) => {
        this.#isDriven = false
        settle()
      }
      let turns = 0
      const tick = () => process.nextTick(turn)
      const turn = () => {
        try {
          if (isDone()) return stop(resolve)
          if (this.#events.size === 0) {
            invariant(false, `work is pending at ${this.#nowMs} ms of virtual time, but no event is left`)
          }
          this.#fire(untilMs)
          turns += 1
          if (turns % turnsPerBreak === 0) setImmediate(turn)
          else void nothing.then(tick)
        } catch (error) {
          stop(() => reject(error))
        }
      }
      setImmediate(turn)
    })
  }

  /** Calls events in order until one has settled a promise, or the next lies after `untilMs`. */
  #fire(untilMs: number): void {
    const events = this.#events
    this.#isTurnDue = false
    while (!this.#isTurnDue && events.size > 0 && events.nextAtMs <= untilMs) {
      this.#nowMs = events.nextAtMs
      events.pop()?.()
    }
  }
}

class EventAlarm implements Alarm {
  readonly #events: EventList
  readonly #clock: VirtualClock
  readonly #fire: () => void
  /** Null: not set. */
  #handle: EventHandle | null = null

  constructor(events: EventList, clock: VirtualClock, fn: () => void) {
    this.#events = events
    this.#clock = clock
    this.#fire = () => {
      this.#handle = null
      fn()
    }
  }

  set(ms: number): void {
    if (ms === Infinity) {
      if (this.#handle !== null) this.#events.cancel(this.#handle)
      this.#handle = null
      return
    }
    const atMs = Math.max(ms, this.#clock.nowMs())
    if (this.#handle === null) this.#handle = this.#events.push(atMs, this.#fire)
    else this.#events.move(this.#handle, atMs)
  }
}

/** A clock of its own virtual time, standing at `startMs` until it is driven by `run` or `advanceTo`. */
export function createVirtualClock(startMs = 0): VirtualClock {
  return new DiscreteClock(startMs)
}
