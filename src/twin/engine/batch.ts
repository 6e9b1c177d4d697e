/**
 * @file The continuous batch: which step is under way, and when it ends. One state machine for both fidelities.
 *
 * The batch is passive. Whoever owns the clock calls `advanceTo` when `nextAtMs` comes; every other call first catches
 * up with all boundaries up to its own instant, so that at equal instants the boundary always comes first, and the state
 * does not depend on the order in which a clock delivers equal instants.
 *
 * Event-skipping: while steps only decode and nobody can join, leave or be preempted, the next boundary worth an event is
 * the last of a run of identical steps. Its instant is found by the additions that the single steps would make, one
 * multiply-add per step and no event, so both fidelities give the same instants to the last bit; on a shared GPU each
 * step has a factor of its own (an exponential). Something happening inside a run cuts it short at the end of the step
 * under way. Cost: O(slots) per event plus some nanoseconds per step.
 */
import type { GpuSeat, GpuTenant } from '../machine/index.ts'
import type { KvLedger } from './kv-ledger.ts'
import type { PrefixCache } from './prefix-cache.ts'
import type { Sequence } from './sequence.ts'
import { type SchedulerCounts, StepScheduler } from './step-scheduler.ts'
import type { StepLoad, StepTimer } from './step-time.ts'

export type Fidelity = 'event-skipping' | 'iteration-exact'

export interface BatchOptions {
  readonly slots: number
  readonly prefillChunkTokens: number
  readonly ledger: KvLedger
  readonly prefixes: PrefixCache | null
  readonly timer: StepTimer
  readonly fidelity: Fidelity
  /** Factor on the time of a step; read at the start and at each `slowdownChanged`. */
  slowdown(): number
  /** Its place on a GPU that others use too; null: it has one for itself. */
  readonly seat: GpuSeat | null
}

export interface BatchReading {
  readonly running: number
  readonly waiting: number
  readonly kvBlocksInUse: number
  /** Time with a step under way, in ms. */
  readonly busyMs: number
  /** Go on counting. */
  readonly counts: SchedulerCounts
}

const nobody: StepLoad = { decodeSequences: 0, kvTokens: 0, prefillTokens: 0 }

export class ContinuousBatch implements GpuTenant {
  readonly #options: BatchOptions
  readonly #scheduler: StepScheduler
  /** The step under way, or the first of a run of identical ones: its load (the scheduler's own), start, and time. */
  #load: StepLoad = nobody
  #stepStartMs = 0
  #stepMs = 0
  #slowdown: number
  /** Steps until `nextAtMs`, the one under way included. 0: idle. */
  #stepsLeft = 0
  #nextAtMs = Infinity
  #busySinceMs = 0
  #busyMs = 0

  constructor(options: BatchOptions) {
    this.#options = options
    this.#scheduler = new StepScheduler(options)
    this.#slowdown = options.slowdown()
  }

  /** When `advanceTo` must be called next; Infinity when idle. */
  get nextAtMs(): number {
    return this.#nextAtMs
  }

  /** A sequence arrives. It must fit the KV cache when alone. */
  add(sequence: Sequence, atMs: number): void {
    this.advanceTo(atMs)
    this.#scheduler.add(sequence)
    if (this.#stepsLeft === 0) this.#beginStep(atMs)
    else if (this.#scheduler.mayAdmit) this.#cutShort(atMs)
  }

  /** Gives a sequence up: its tokens count no more, slot and blocks are free from the next boundary on. */
  giveUp(sequence: Sequence, atMs: number): void {
    this.catchUp(atMs)
    this.#scheduler.giveUp(sequence)
    if (this.#stepsLeft > 0) this.#cutShort(atMs)
  }

  /** The slowdown has another value from now on: it counts for the steps that begin after `atMs`. */
  slowdownChanged(atMs: number): void {
    this.catchUp(atMs)
    this.#slowdown = this.#options.slowdown()
    this.#factorsChanged()
  }

  /** Drops every sequence and the step under way. */
  clear(atMs: number): void {
    this.advanceTo(atMs)
    this.#scheduler.clear()
    if (this.#stepsLeft > 0) this.#rest(atMs)
  }

  /** Ends every step up to `atMs` that is worth an event, and tells the listeners. */
  advanceTo(atMs: number): void {
    while (this.#nextAtMs <= atMs) {
      const endMs = this.#nextAtMs
      const { started, ended } = this.#scheduler.completeSteps(this.#stepsLeft, endMs)
      this.#beginStep(endMs)
      // Told last, when all is consistent: a listener may call back.
      for (const sequence of started) sequence.listener.firstToken(sequence)
      for (const sequence of ended) sequence.listener.finished(sequence)
    }
  }

  /** As `advanceTo`, and lets the sequences have every token up to `atMs`, also inside a run of steps. */
  catchUp(atMs: number): void {
    this.advanceTo(atMs)
    this.#passSteps(atMs)
  }

  /** The factors of the GPU take another course from `atMs` on: counts the steps that it does not touch. */
  dutiesWillTurn(atMs: number): void {
    this.#passSteps(atMs)
  }

  dutiesTurned(): void {
    this.#factorsChanged()
  }

  read(atMs: number): BatchReading {
    this.catchUp(atMs)
    const { running, waiting, counts } = this.#scheduler
    const busyMs = this.#busyMs + (this.#stepsLeft > 0 ? atMs - this.#busySinceMs : 0)
    return { running, waiting, kvBlocksInUse: this.#options.ledger.inUse, busyMs, counts }
  }

  /** Time of a step that starts at `atMs` and only decodes. */
  #decodeMs(kvTokens: number, atMs: number): number {
    return this.#options.timer.decodeMs(kvTokens) * this.#factorAt(atMs)
  }

  #factorAt(atMs: number): number {
    const { seat } = this.#options
    return seat === null ? this.#slowdown : this.#slowdown * seat.factorAt(atMs)
  }

  /** Passes the steps inside a run that end up to `atMs`; never its last one, at which something happens. */
  #passSteps(atMs: number): void {
    const { decodeSequences } = this.#load
    let { kvTokens } = this.#load
    let startMs = this.#stepStartMs
    let stepMs = this.#stepMs
    let steps = 0
    for (; steps < this.#stepsLeft - 1; steps++) {
      const endMs = startMs + stepMs
      if (endMs > atMs) break
      startMs = endMs
      kvTokens += decodeSequences
      stepMs = this.#decodeMs(kvTokens, startMs)
    }
    if (steps === 0) return
    this.#scheduler.passSteps(steps, startMs)
    this.#stepStartMs = startMs
    this.#stepMs = stepMs
    this.#stepsLeft -= steps
  }

  #beginStep(atMs: number): void {
    const load = this.#scheduler.beginStep(atMs)
    if (load === null) return this.#rest(atMs)
    if (this.#stepsLeft === 0) this.#wakeUp(atMs)
    this.#load = load
    this.#stepStartMs = atMs
    if (load.prefillTokens > 0) {
      this.#stepMs = this.#options.timer.prefillMs(load) * this.#factorAt(atMs)
      this.#stepsLeft = 1
    } else {
      this.#stepMs = this.#decodeMs(load.kvTokens, atMs)
      this.#stepsLeft = this.#options.fidelity === 'event-skipping' ? this.#scheduler.identicalSteps() : 1
    }
    this.#nextAtMs = this.#endOfRun()
  }

  /** When the last of the steps left ends. */
  #endOfRun(): number {
    const { decodeSequences } = this.#load
    let { kvTokens } = this.#load
    let endMs = this.#stepStartMs + this.#stepMs
    for (let step = 1; step < this.#stepsLeft; step++) {
      kvTokens += decodeSequences
      endMs += this.#decodeMs(kvTokens, endMs)
    }
    return endMs
  }

  /** The step under way keeps its time; those after it in the run are computed anew. */
  #factorsChanged(): void {
    if (this.#stepsLeft > 1) this.#nextAtMs = this.#endOfRun()
  }

  /** Makes the end of the step under way the next boundary. */
  #cutShort(atMs: number): void {
    this.catchUp(atMs)
    if (this.#stepsLeft <= 1) return
    this.#stepsLeft = 1
    this.#nextAtMs = this.#endOfRun()
  }

  #wakeUp(atMs: number): void {
    this.#busySinceMs = atMs
    this.#options.seat?.turn(true, atMs)
  }

  #rest(atMs: number): void {
    if (this.#stepsLeft > 0) {
      this.#busyMs += atMs - this.#busySinceMs
      this.#options.seat?.turn(false, atMs)
    }
    this.#load = nobody
    this.#stepsLeft = 0
    this.#nextAtMs = Infinity
  }
}
