/**
 * @file One model's lane: its waiting calls and the look at them that sends what can go.
 *
 * Everything that may change the picture (a call came or settled, a wake) only asks for a *look*; looks of one instant are
 * joined into one, run by the clock, so nobody's `start` or `reject` runs inside his own `enqueue`. A look sends calls in the
 * queue's order while there is room, then gives those that stay an alarm: for being chosen again, or for giving up when no
 * replica comes back. Calls that start at once never meet the alarms.
 */
import type { Admission, Clock, Discipline, EngineView, ModelId, QueuedCall, Random } from '../../core/index.ts'
import { CallAlarms } from './call-alarms.ts'
import { DeadlineQueue } from './deadline-queue.ts'
import type { DispatchPool } from './dispatch-pool.ts'
import { hasFreeSlot, placeCall } from './placement.ts'
import { chooseReplica } from './replica-choice.ts'
import { noteOvertaking, type Turn, takeNext } from './take-next.ts'
import { WaitingCall } from './waiting-call.ts'

/** What the lanes count together. */
export interface DispatchCounts {
  waiting: number
  started: number
  rejected: number
  reconsidered: number
  /** Holding calls that were overtaken, counted once per later call. */
  overtaken: number
}

export interface LaneContext {
  readonly clock: Clock
  readonly discipline: Discipline
  readonly admission: Admission
  readonly random: Random
  readonly pool: DispatchPool
  /** Longest wait for a usable replica, in ms. */
  readonly rejectWhenUnusableMs: number
  /** Calls that may wait, over all lanes. */
  readonly waitingLimit: number
  readonly counts: DispatchCounts
  /** The call takes its room, before its `start`. */
  readonly onStart: (call: QueuedCall, view: EngineView) => void
}

type RejectCode = Parameters<QueuedCall['reject']>[0]

export class ModelLane {
  readonly #model: ModelId
  readonly #context: LaneContext
  readonly #queue: DeadlineQueue<WaitingCall>
  readonly #alarms: CallAlarms
  readonly #onLook = () => this.#look()
  readonly #onCancel = (waiting: WaitingCall) => this.#cancel(waiting)
  readonly #onStuck = (waiting: WaitingCall) => this.#markStuck(waiting)
  /** Calls that came since the last look. */
  #fresh: WaitingCall[] = []
  #isLookDue = false
  #hasUsableReplica = true
  #waitingMs = 0

  constructor(model: ModelId, context: LaneContext) {
    this.#model = model
    this.#context = context
    this.#queue = new DeadlineQueue(context.discipline)
    this.#alarms = new CallAlarms({ clock: context.clock, onDue: (waiting, nowMs) => this.#ring(waiting, nowMs) })
  }

  get waiting(): number {
    return this.#queue.size
  }

  get demoted(): number {
    return this.#queue.demotedCount
  }

  enqueue(call: QueuedCall): WaitingCall {
    const waiting = new WaitingCall(call, { arrivedAtMs: this.#context.clock.nowMs(), onCancel: this.#onCancel })
    this.#queue.push(waiting)
    this.#fresh.push(waiting)
    this.#noteWaiting(call, 1)
    this.look()
    return waiting
  }

  /** Asks for a look at this instant. */
  look(): void {
    if (this.#isLookDue || this.#queue.size === 0) return
    this.#isLookDue = true
    this.#context.clock.at(this.#context.clock.nowMs(), this.#onLook)
  }

  #look(): void {
    this.#isLookDue = false
    const fresh = this.#fresh
    this.#fresh = []
    this.#noteUsability()
    while (this.#queue.size > 0 && this.#sendNext());
    this.#refuseExcess(fresh)
    for (const waiting of fresh) if (waiting.place !== null) this.#settleIn(waiting)
    this.#alarms.arm()
  }

  /** Only after all that could start has: a burst onto an idle pool is no queue. The newest go. */
  #refuseExcess(fresh: readonly WaitingCall[]): void {
    const { counts, waitingLimit } = this.#context
    for (let index = fresh.length - 1; index >= 0 && counts.waiting > waitingLimit; index -= 1) {
      const waiting = fresh[index] as WaitingCall
      if (waiting.place === null) continue
      this.#reject(waiting, 'QUEUE_FULL', `the queue is full: ${waitingLimit} calls wait already; try again later`)
    }
  }

  /** Marks all waiting calls when the last usable replica goes, and clears them when one comes back. */
  #noteUsability(): void {
    if (this.#queue.size === 0) return
    const isUsable = this.#context.pool.views(this.#model).some((view) => view.isUsable)
    if (isUsable === this.#hasUsableReplica) return
    this.#hasUsableReplica = isUsable
    for (const waiting of this.#queue.holders()) {
      if (isUsable) waiting.stuckSinceMs = null
      else this.#markStuck(waiting)
    }
  }

  /** Sends or refuses one call. False: nothing can go now. */
  #sendNext(): boolean {
    const { pool, admission, clock } = this.#context
    const views = pool.views(this.#model)
    if (!views.some(hasFreeSlot)) return false
    const turn = takeNext(this.#queue, { nowMs: clock.nowMs(), views, admission, onStuck: this.#onStuck })
    if (turn === undefined) return false
    if (turn.placement.kind === 'too-long') this.#rejectTooLong(turn.waiting)
    else this.#start(turn)
    return true
  }

  #start({ waiting, placement, passed }: Turn): void {
    const { pool, admission, random, counts, onStart } = this.#context
    const { call } = waiting
    const readingAgeMs = (replica: string) => pool.readingAgeMs?.(replica) ?? null
    const view = chooseReplica(placement.candidates, { affinity: call.affinity, readingAgeMs, random })
    counts.overtaken += noteOvertaking(passed, { view, admission })
    counts.started += 1
    this.#leave(waiting)
    onStart(call, view)
    call.start(view.replica)
  }

  /** A call that did not start at once: told if it never can, given its alarm otherwise. */
  #settleIn(waiting: WaitingCall): void {
    const { kind } = this.#place(waiting)
    if (kind === 'too-long') this.#rejectTooLong(waiting)
    else if (kind === 'stuck') this.#markStuck(waiting)
    else this.#setAlarm(waiting)
  }

  #ring(waiting: WaitingCall, nowMs: number): void {
    if (waiting.stuckSinceMs !== null && this.#place(waiting).kind !== 'stuck') waiting.stuckSinceMs = null
    if (this.#giveUpAtMs(waiting) <= nowMs) {
      const message = `no usable replica of ${this.#model}: the engines are down, or the call failed on each of them`
      this.#reject(waiting, 'POOL_UNAVAILABLE', message)
      return
    }
    if (waiting.nextCrossingAtMs <= nowMs) {
      waiting.cross()
      this.#context.counts.reconsidered += 1
      waiting.call.reconsider()
    }
    if (waiting.place !== null) this.#setAlarm(waiting)
  }

  #place(waiting: WaitingCall) {
    return placeCall(waiting, { views: this.#context.pool.views(this.#model), admission: this.#context.admission })
  }

  #markStuck(waiting: WaitingCall): void {
    waiting.stuckSinceMs ??= this.#context.clock.nowMs()
    this.#setAlarm(waiting)
  }

  /** A stuck call waits for a replica as long as it has time to spare, but no longer than the limit. */
  #giveUpAtMs({ stuckSinceMs, latestStartAtMs }: WaitingCall): number {
    if (stuckSinceMs === null) return Infinity
    return Math.max(stuckSinceMs, Math.min(latestStartAtMs, stuckSinceMs + this.#context.rejectWhenUnusableMs))
  }

  #setAlarm(waiting: WaitingCall): void {
    this.#alarms.set(waiting, Math.min(waiting.nextCrossingAtMs, this.#giveUpAtMs(waiting)))
  }

  #rejectTooLong(waiting: WaitingCall): void {
    const message = `a prompt of ${waiting.call.promptTokens} tokens fits no engine of ${this.#model}; shorten it`
    this.#reject(waiting, 'CONTEXT_TOO_LONG', message)
  }

  #reject(waiting: WaitingCall, code: RejectCode, message: string): void {
    this.#leave(waiting)
    this.#context.counts.rejected += 1
    waiting.call.reject(code, message)
  }

  #cancel(waiting: WaitingCall): boolean {
    if (waiting.place === null) return false
    this.#leave(waiting)
    this.#alarms.arm()
    return true
  }

  /** Takes the call out of everything it may still be in. */
  #leave(waiting: WaitingCall): void {
    this.#alarms.clear(waiting)
    this.#queue.cancel(waiting)
    this.#noteWaiting(waiting.call, -1)
  }

  #noteWaiting(call: QueuedCall, change: 1 | -1): void {
    const count = this.#queue.size
    this.#context.counts.waiting += change
    // Sums of floats drift; an empty queue brings no work.
    this.#waitingMs = count === 0 ? 0 : this.#waitingMs + change * call.serviceMs
    this.#context.pool.setGatewayWaiting(this.#model, count, this.#waitingMs)
  }
}
