/**
 * @file An engine that says exactly what a test has written down for it.
 *
 * Replies are taken in order; one with `when` waits for a call that it matches. A call that no reply fits rejects, which a
 * real engine never does, and stays on the list that `assertConsumed` complains of, along with replies that nobody asked for:
 * so a test that ends with `assertConsumed()` fails on too many calls and on too few. Within a reply the clock rules:
 * token k of n comes `firstTokenAfterMs + k * 1000 / tokensPerSecond` after the call, k from 0, and the call settles with
 * the last token. A reply that takes no time settles without the clock being moved.
 */
import {
  type CallObserver,
  type CallResult,
  type CancelSignal,
  type Clock,
  type Engine,
  type EngineCall,
  type EngineReading,
  InframindError,
  type ModelId,
  type ReplicaId,
} from '../core/index.ts'
import { playReply } from './play-reply.ts'
import { scriptedReading } from './scripted-reading.ts'
import type { ScriptedReply } from './scripted-reply.ts'

export interface ScriptedEngineOptions {
  readonly clock: Clock
  /** Default `model#1`. */
  readonly id?: ReplicaId
  /** Default `small`. */
  readonly model?: ModelId
  /** In the order in which they are to be used. */
  readonly replies?: readonly ScriptedReply[]
  /** What `read` gives, in order; the last one stays. Default: healthy, `running` calls of ours, none waiting. */
  readonly readings?: readonly Partial<EngineReading>[]
}

/** A call as it was received. `result`: null while under way. */
export interface RecordedCall {
  readonly call: EngineCall
  readonly atMs: number
  readonly result: CallResult | null
}

export class ScriptedEngine implements Engine {
  readonly id: ReplicaId
  readonly model: ModelId
  readonly #clock: Clock
  readonly #replies: { readonly reply: ScriptedReply; left: number }[] = []
  readonly #readings: Partial<EngineReading>[]
  readonly #calls: { call: EngineCall; atMs: number; result: CallResult | null }[] = []
  readonly #unexpected: string[] = []

  constructor(options: ScriptedEngineOptions) {
    this.model = options.model ?? 'small'
    this.id = options.id ?? `${this.model}#1`
    this.#clock = options.clock
    this.#readings = [...(options.readings ?? [])]
    this.reply(...(options.replies ?? []))
  }

  /** Every call so far, in order of arrival; those aborted beforehand included. */
  get calls(): readonly RecordedCall[] {
    return this.#calls
  }

  /** Calls under way. */
  get running(): number {
    return this.#calls.filter(({ result }) => result === null).length
  }

  /** Adds replies after those that are still to come. */
  reply(...replies: readonly ScriptedReply[]): void {
    for (const reply of replies) this.#replies.push({ reply, left: reply.times ?? 1 })
  }

  /** From now on `read` gives this, until changed again. */
  setReading(reading: Partial<EngineReading>): void {
    this.#readings.splice(0, this.#readings.length, reading)
  }

  /** Rejects with `INVARIANT_VIOLATED` when no reply fits: the script is wrong, or the code under test is. */
  async run(call: EngineCall, signal: CancelSignal, observer: CallObserver = {}): Promise<CallResult> {
    const recorded = { call, atMs: this.#clock.nowMs(), result: null as CallResult | null }
    this.#calls.push(recorded)
    // An engine is not reached by a call that was aborted before it left: no reply is used up.
    const reply = signal.aborted ? {} : this.#take(call)
    recorded.result = await playReply(reply, { call, signal, observer, clock: this.#clock })
    return recorded.result
  }

  async read(_signal: AbortSignal): Promise<EngineReading> {
    const scripted = this.#readings.length > 1 ? this.#readings.shift() : this.#readings[0]
    return scriptedReading({
      atMs: this.#clock.nowMs(),
      running: this.running,
      servedModels: [this.model],
      ...scripted,
    })
  }

  /** Throws when a reply was not used, or a call came that none fitted. Replies with endless `times` may go unused. */
  assertConsumed(): void {
    const unused = this.#replies
      .filter(({ left }) => left > 0 && left !== Infinity)
      .map(({ reply, left }) => `${left} x ${JSON.stringify(reply.text ?? '')}`)
    if (unused.length === 0 && this.#unexpected.length === 0) return
    const parts = [
      ...this.#unexpected.map((id) => `unexpected call ${id}`),
      ...unused.map((reply) => `unused reply ${reply}`),
    ]
    throw new Error(`ScriptedEngine ${this.id}: ${parts.join('; ')}`)
  }

  #take(call: EngineCall): ScriptedReply {
    const entry = this.#replies.find(({ reply, left }) => left > 0 && (reply.when?.(call) ?? true))
    if (entry === undefined) {
      this.#unexpected.push(call.id)
      this.#calls.pop()
      throw new InframindError(
        'INVARIANT_VIOLATED',
        `ScriptedEngine ${this.id}: no reply is scripted for call ${call.id}`,
      )
    }
    entry.left -= 1
    return entry.reply
  }
}
