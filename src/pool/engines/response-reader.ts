/**
 * @file The body of an engine's response, whichever kind it is: a stream of events, a plain JSON answer, or a refusal.
 *
 * Told by status and content type, and where the type says nothing, by the first byte. Bytes go in as they come; deltas come
 * out; at some point the outcome is known: at `[DONE]`, at a clean end, when the connection breaks, or at the first thing that
 * cannot be an answer. Knows no socket, so every case is tested by feeding bytes.
 */
import type { Delta, EngineError } from '../../core/index.ts'
import { AnswerBuilder, endingOf } from './answer-builder.ts'
import { readChunk } from './chunk-reading.ts'
import { engineError, errorFromRefusal, errorFromTransport } from './engine-errors.ts'
import { headerValue, type WireHeaders } from './retry-after.ts'
import { SseParser, sseDone } from './sse.ts'

/** How the response ended. */
export type Outcome =
  | { readonly status: 'done' | 'cut'; readonly finishReason: string }
  | { readonly status: 'failed'; readonly error: EngineError }

export interface ResponseHead {
  readonly status: number
  readonly headers: WireHeaders
}

type BodyKind = 'events' | 'json' | 'refusal' | 'unknown'

/** An event, or a plain answer, larger than this is no answer. Characters. */
const longestHeld = 16 * 1024 * 1024
/** Enough of a refusal to know why. */
const longestRefusal = 64 * 1024

const noDeltas: readonly Delta[] = []

export class ResponseReader {
  readonly answer = new AnswerBuilder()
  readonly #head: ResponseHead
  readonly #nowMs: () => number
  readonly #events = new SseParser()
  readonly #decoder = new TextDecoder()
  #kind: BodyKind
  /** Of a plain answer or a refusal. */
  #body = ''
  #hasEvent = false
  #hasBytes = false
  #outcome: Outcome | null = null

  constructor(head: ResponseHead, nowMs: () => number) {
    this.#head = head
    this.#nowMs = nowMs
    this.#kind = kindOf(head)
  }

  /** Null: not yet known. Once known it stays, and further bytes are ignored. */
  get outcome(): Outcome | null {
    return this.#outcome
  }

  /** Takes the next bytes; gives the deltas they complete. */
  push(bytes: Uint8Array): readonly Delta[] {
    if (this.#outcome !== null || bytes.length === 0) return noDeltas
    this.#hasBytes = true
    if (this.#kind === 'unknown') this.#kind = sniff(bytes)
    if (this.#kind === 'unknown') return this.#garbage('neither an event stream nor JSON')
    if (this.#kind === 'events') {
      const deltas = this.#takeEvents(this.#events.push(bytes))
      return this.#events.heldChars > longestHeld ? this.#garbage('an event without end') : deltas
    }
    this.#body += this.#decoder.decode(bytes, { stream: true })
    if (this.#kind === 'refusal' && this.#body.length > longestRefusal) return this.end()
    return this.#body.length > longestHeld ? this.#garbage('an answer without end') : noDeltas
  }

  /** The body came to a clean end: gives the last deltas, and settles the outcome. */
  end(): readonly Delta[] {
    if (this.#outcome !== null) return noDeltas
    if (this.#kind === 'refusal') {
      this.#fail(errorFromRefusal({ ...this.#head, body: this.#body, nowMs: this.#nowMs() }))
      return noDeltas
    }
    if (this.#kind === 'json') return this.#endPlain()
    return this.#endEvents()
  }

  /** The connection broke: what has come is kept. An answer that had said its `finish_reason` is whole. */
  broken(error: unknown): void {
    if (this.#outcome !== null) return
    if (this.#kind === 'refusal') this.end()
    else if (this.answer.finishReason !== null) this.#finish()
    else this.#fail(errorFromTransport(error, { hasFirstByte: true }))
  }

  #takeEvents(events: readonly string[]): readonly Delta[] {
    if (events.length === 0) return noDeltas
    const deltas: Delta[] = []
    for (const data of events) {
      if (this.#outcome !== null) break
      this.#hasEvent = true
      const delta = data === sseDone ? this.#finish() : this.#takeChunk(data)
      if (delta !== null) deltas.push(delta)
    }
    return deltas
  }

  #takeChunk(data: string): Delta | null {
    const reading = readChunk(data)
    if ('error' in reading) {
      this.#fail(reading.error)
      return null
    }
    this.answer.add(reading)
    return reading.delta
  }

  #endPlain(): readonly Delta[] {
    const delta = this.#takeChunk(this.#body + this.#decoder.decode())
    if (this.#outcome === null) this.#finish()
    // Observers expect tool calls as chunks carry them, each with its index.
    const calls = delta?.toolCalls as readonly object[] | undefined
    if (delta === null || calls === undefined) return delta === null ? noDeltas : [delta]
    return [{ ...delta, toolCalls: calls.map((call, index) => ({ index, ...call })) }]
  }

  #endEvents(): readonly Delta[] {
    const before = this.#hasEvent
    const last = this.#events.end()
    // A last event without its blank line counts if it is whole; half a chunk means that the stream was cut.
    const isWhole = last.every((data) => data === sseDone || !('error' in readChunk(data)))
    const deltas = isWhole || !before ? this.#takeEvents(last) : noDeltas
    if (this.#outcome !== null) return deltas
    if (this.answer.finishReason !== null) this.#finish()
    else if (this.#hasBytes && !this.#hasEvent) this.#garbage('not one event')
    else this.#fail(engineError('STREAM_INTERRUPTED', 'engine ended its stream before finishing the answer'))
    return deltas
  }

  #finish(): null {
    const ending = endingOf(this.answer.finishReason ?? 'stop')
    if (ending.status !== 'failed') this.#outcome = { status: ending.status, finishReason: ending.finishReason }
    else this.#fail(engineError('STREAM_INTERRUPTED', `engine gave the answer up: ${this.answer.finishReason}`))
    return null
  }

  #garbage(what: string): readonly Delta[] {
    this.#fail(engineError('ENGINE_BAD_RESPONSE', `engine answered 200 with ${what}`, { status: this.#head.status }))
    return noDeltas
  }

  #fail(error: EngineError): void {
    this.#outcome = { status: 'failed', error: { ...error, status: error.status ?? this.#head.status } }
  }
}

function kindOf({ status, headers }: ResponseHead): BodyKind {
  if (status < 200 || status > 299) return 'refusal'
  const type = headerValue(headers, 'content-type') ?? ''
  if (/event-stream/i.test(type)) return 'events'
  return /json/i.test(type) ? 'json' : 'unknown'
}

/** By the first byte that is no blank: `{` opens JSON; a field or a comment opens events. */
function sniff(bytes: Uint8Array): BodyKind {
  const first = String.fromCharCode(bytes.find((byte) => byte > 32) ?? 32)
  if (first === '{') return 'json'
  return 'deir:'.includes(first) ? 'events' : 'unknown'
}
