/**
 * @file One clock timer for all waiting calls of a model: each has at most one alarm, and the timer stands at the earliest.
 *
 * The timer is set anew only by `arm`, so calls that come and go within one look cost nothing; a timer that finds nothing due
 * any more just sets itself again. With no alarms left none stands, so that an idle gateway's process can end.
 */
import type { Cancel, Clock } from '../../core/index.ts'
import { IndexedHeap } from './indexed-heap.ts'
import type { WaitingCall } from './waiting-call.ts'

export interface CallAlarmsOptions {
  readonly clock: Clock
  /** Called once per alarm, whose call has none then; may set a later one. */
  readonly onDue: (waiting: WaitingCall, nowMs: number) => void
}

export class CallAlarms {
  readonly #clock: Clock
  readonly #onDue: (waiting: WaitingCall, nowMs: number) => void
  readonly #alarms = new IndexedHeap<WaitingCall>()
  readonly #onTimer = () => this.#ring()
  #order = 0
  #timerAtMs = Infinity
  #cancelTimer: Cancel | null = null

  constructor({ clock, onDue }: CallAlarmsOptions) {
    this.#clock = clock
    this.#onDue = onDue
  }

  /** Replaces the call's alarm. Takes effect at the next `arm`. */
  set(waiting: WaitingCall, atMs: number): void {
    if (waiting.alarm?.key === atMs) return
    this.clear(waiting)
    if (atMs < Infinity) waiting.alarm = this.#alarms.push(waiting, atMs, this.#order++)
  }

  clear(waiting: WaitingCall): void {
    if (waiting.alarm !== null) this.#alarms.remove(waiting.alarm)
    waiting.alarm = null
  }

  /** Makes the clock ring no later than the earliest alarm. */
  arm(): void {
    const earliestAtMs = this.#alarms.peek()?.key ?? Infinity
    const isServed = earliestAtMs === Infinity ? this.#cancelTimer === null : this.#timerAtMs <= earliestAtMs
    if (isServed) return
    this.#cancelTimer?.()
    this.#timerAtMs = earliestAtMs
    this.#cancelTimer = earliestAtMs === Infinity ? null : this.#clock.at(earliestAtMs, this.#onTimer)
  }

  #ring(): void {
    this.#cancelTimer = null
    this.#timerAtMs = Infinity
    const nowMs = this.#clock.nowMs()
    for (let first = this.#alarms.peek(); first !== undefined && first.key <= nowMs; first = this.#alarms.peek()) {
      const waiting = first.value
      this.clear(waiting)
      this.#onDue(waiting, nowMs)
    }
    this.arm()
  }
}
