/**
 * @file One call on a simulated engine, from `run` to its result: arrival, tokens, text, abort, failure.
 *
 * It is the listener of its sequence and keeps what the numbers of the batch do not: texts, observer, signal and the
 * promise. Settles exactly once; whatever comes after is ignored.
 */
import {
  type CallObserver,
  type CallResult,
  type Cancel,
  type EngineCall,
  type EngineError,
  errorKinds,
} from '../../core/index.ts'
import type { SimulatedAnswer } from '../answers/index.ts'
import type { QuietClock } from '../quiet-clock.ts'
import { AnswerStream } from './answer-stream.ts'
import type { Sequence } from './sequence.ts'

export interface ActiveCallOptions {
  readonly call: EngineCall
  readonly answer: SimulatedAnswer
  readonly sequence: Sequence
  readonly signal: AbortSignal
  readonly observer: CallObserver | undefined
  readonly clock: QuietClock
  readonly deltaEveryMs: number
  readonly resolve: (result: CallResult) => void
  /** Lets the sequence have every token up to now. */
  readonly catchUp: () => void
  /** The signal fired. */
  readonly aborted: () => void
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
export function textOfTokens(text: string, tokens: number, ofTokens: number): string {
  if (tokens >= ofTokens) return text
  const end = Math.floor((text.length * tokens) / ofTokens)
  const last = text.charCodeAt(end - 1)
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? end - 1 : end)
}

export class ActiveCall {
  readonly sequence: Sequence
  readonly sentAtMs: number
  /** When it entered the engine's queue; null while the API server still works on it. */
  queuedAtMs: number | null = null
  /** Takes back its way through the API server. */
  cancelArrival: Cancel | null = null
  readonly #options: ActiveCallOptions
  readonly #stream: AnswerStream | null
  #isSettled = false

  constructor(options: ActiveCallOptions) {
    this.#options = options
    const { clock, observer, deltaEveryMs, catchUp, sequence } = options
    this.sequence = sequence
    this.sentAtMs = clock.nowMs()
    const send = observer?.delta?.bind(observer)
    const textSoFar = () => {
      catchUp()
      return this.#producedText()
    }
    this.#stream = send ? new AnswerStream({ clock, everyMs: deltaEveryMs, send, textSoFar }) : null
    options.signal.addEventListener('abort', options.aborted)
  }

  get isSettled(): boolean {
    return this.#isSettled
  }

  firstToken(): void {
    const { firstTokenAtMs } = this.sequence
    if (firstTokenAtMs !== null) this.#options.observer?.firstToken?.(firstTokenAtMs)
    this.#stream?.start()
    this.#options.clock.settled()
  }

  finished(): void {
    const { answer } = this.#options
    const isCut = this.sequence.outputTokens < answer.outputTokens
    const text = this.#producedText()
    const end = { finishedAtMs: this.sequence.lastTokenAtMs ?? this.#options.clock.nowMs(), text, error: null }
    const settle = () =>
      this.#settle(
        isCut ? { ...end, status: 'cut', finishReason: 'length' } : { ...end, status: 'done', finishReason: 'stop' },
      )
    if (this.#stream) this.#stream.finish(text, settle)
    else settle()
    this.#options.clock.settled()
  }

  /** Given up by the caller, or failed by the engine: the text so far, or as much of it as was streamed. */
  breakOff(error: EngineError | null): void {
    const text = this.#producedText()
    this.#stream?.stop()
    this.#settle({
      status: error ? 'failed' : 'aborted',
      text: this.#stream ? text.slice(0, this.#stream.sentCharacters) : text,
      finishedAtMs: this.#options.clock.nowMs(),
      finishReason: '',
      error,
    })
  }

  #producedText(): string {
    const { answer } = this.#options
    return textOfTokens(answer.text, this.sequence.producedTokens, answer.outputTokens)
  }

  #settle(end: Pick<CallResult, 'status' | 'text' | 'finishedAtMs' | 'finishReason' | 'error'>): void {
    if (this.#isSettled) return
    this.#isSettled = true
    const { clock, resolve, signal, aborted } = this.#options
    signal.removeEventListener('abort', aborted)
    const { promptTokens, producedTokens, firstTokenAtMs } = this.sequence
    resolve({
      ...end,
      reasoning: '',
      toolCalls: null,
      logprobs: null,
      usage: { promptTokens, outputTokens: producedTokens },
      isUsageReported: true,
      sentAtMs: this.sentAtMs,
      firstTokenAtMs,
    })
    clock.settled()
  }
}
