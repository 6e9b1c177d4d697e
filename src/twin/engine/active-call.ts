/**
 * @file One call on a simulated engine, from `run` to its result: arrival, tokens, text, abort, failure.
 *
 * It is the listener of its sequence and keeps what the numbers of the batch do not: texts, observer, signal and the
 * promise. Settles exactly once; whatever comes after is ignored.
 */
import {
  type CallObserver,
  type CallResult,
  type CancelSignal,
  type EngineCall,
  type EngineError,
  errorKinds,
} from '../../core/index.ts'
import type { SimulatedAnswer } from '../answers/index.ts'
import type { QuietClock } from '../quiet-clock.ts'
import { AnswerStream } from './answer-stream.ts'
import type { PromptPrefix } from './prompt-prefix.ts'
import { createSequence, type Sequence, type SequenceListener } from './sequence.ts'

export interface ActiveCallOptions {
  readonly call: EngineCall
  readonly answer: SimulatedAnswer
  readonly signal: CancelSignal
  readonly observer: CallObserver | undefined
  readonly resolve: (result: CallResult) => void
  /** Tokens that it may produce: the answer's, or fewer. */
  readonly outputTokens: number
  readonly urgency: number
  readonly rank: number
  readonly prefix: PromptPrefix | null
  readonly host: CallHost
}

/** What a call asks of its engine. */
export interface CallHost {
  readonly clock: QuietClock
  readonly deltaEveryMs: number
  /** Lets every sequence have its tokens up to now. */
  catchUp(): void
  aborted(call: ActiveCall): void
  firstTokenCame(call: ActiveCall): void
  lastTokenCame(call: ActiveCall): void
}

/** An error of a simulated engine, with the status that its HTTP face would give. */
export function engineError(code: EngineError['code'], message: string): EngineError {
  const isAnswered = code !== 'ENGINE_UNREACHABLE' && code !== 'STREAM_INTERRUPTED'
  return { code, message, status: isAnswered ? errorKinds[code].status : null, retryAfterMs: null }
}

/** The result of a call that never came to run. */
export function resultWithoutTokens(atMs: number, error: EngineError | null): CallResult {
  return {
    status: error ? 'failed' : 'aborted',
    text: '',
    reasoning: '',
    toolCalls: null,
    logprobs: null,
    usage: { promptTokens: 0, outputTokens: 0 },
    isUsageReported: true,
    sentAtMs: atMs,
    firstTokenAtMs: null,
    finishedAtMs: atMs,
    finishReason: '',
    error,
  }
}

/** The part of `text` that `tokens` of its `ofTokens` tokens make up. Never ends between the halves of a character. */
function textOfTokens(text: string, tokens: number, ofTokens: number): string {
  if (tokens >= ofTokens) return text
  const end = Math.floor((text.length * tokens) / ofTokens)
  const last = text.charCodeAt(end - 1)
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? end - 1 : end)
}

export class ActiveCall implements SequenceListener {
  readonly sequence: Sequence
  readonly sentAtMs: number
  /** When it entered the engine's queue; null while the API server still works on it. */
  queuedAtMs: number | null = null
  readonly #options: ActiveCallOptions
  readonly #stream: AnswerStream | null
  readonly #onAbort = () => this.#options.host.aborted(this)
  #isSettled = false

  constructor(options: ActiveCallOptions) {
    const { host, answer, observer, outputTokens, urgency, rank, prefix } = options
    this.#options = options
    this.sequence = createSequence({
      promptTokens: Math.max(1, answer.promptTokens),
      outputTokens,
      urgency,
      rank,
      prefix,
      listener: this,
    })
    this.sentAtMs = host.clock.nowMs()
    this.#stream = observer?.delta ? this.#createStream(observer.delta.bind(observer)) : null
    options.signal.addEventListener('abort', this.#onAbort)
  }

  firstToken(): void {
    const { host, observer } = this.#options
    host.firstTokenCame(this)
    if (!observer) return
    // A listener that fails must not take the engine's other calls with it.
    try {
      if (this.sequence.firstTokenAtMs !== null) observer.firstToken?.(this.sequence.firstTokenAtMs)
    } catch {}
    this.#stream?.start()
    host.clock.settled()
  }

  finished(): void {
    this.#options.host.lastTokenCame(this)
    const text = this.#producedText()
    if (this.#stream) this.#stream.finish(text, () => this.#end(text))
    else this.#end(text)
  }

  /** Given up by the caller, or failed by the engine: the text so far, or as much of it as was streamed. */
  breakOff(error: EngineError | null): void {
    const text = this.#producedText()
    this.#stream?.stop()
    this.#settle({
      status: error ? 'failed' : 'aborted',
      text: this.#stream ? text.slice(0, this.#stream.sentCharacters) : text,
      finishedAtMs: this.#options.host.clock.nowMs(),
      finishReason: '',
      error,
    })
  }

  #createStream(send: NonNullable<CallObserver['delta']>): AnswerStream {
    const { clock, deltaEveryMs } = this.#options.host
    const textSoFar = () => {
      this.#options.host.catchUp()
      return this.#producedText()
    }
    return new AnswerStream({ clock, everyMs: deltaEveryMs, send, textSoFar })
  }

  #producedText(): string {
    const { answer } = this.#options
    return textOfTokens(answer.text, this.sequence.producedTokens, answer.outputTokens)
  }

  #end(text: string): void {
    const isCut = this.sequence.outputTokens < this.#options.answer.outputTokens
    this.#settle({
      status: isCut ? 'cut' : 'done',
      text,
      finishedAtMs: this.sequence.lastTokenAtMs,
      finishReason: isCut ? 'length' : 'stop',
      error: null,
    })
  }

  #settle(end: Pick<CallResult, 'status' | 'text' | 'finishedAtMs' | 'finishReason' | 'error'>): void {
    if (this.#isSettled) return
    this.#isSettled = true
    const { host, resolve, signal } = this.#options
    signal.removeEventListener('abort', this.#onAbort)
    const { promptTokens, producedTokens, firstTokenAtMs } = this.sequence
    // Field by field: a spread here costs more than the rest of the call.
    resolve({
      status: end.status,
      text: end.text,
      reasoning: '',
      toolCalls: null,
      logprobs: null,
      usage: { promptTokens, outputTokens: producedTokens },
      isUsageReported: true,
      sentAtMs: this.sentAtMs,
      firstTokenAtMs,
      finishedAtMs: end.finishedAtMs,
      finishReason: end.finishReason,
      error: end.error,
    })
    host.clock.settled()
  }
}
