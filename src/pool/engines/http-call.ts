/**
 * @file One call over HTTP, from the request to its result. Settles exactly once and never rejects.
 *
 * The dispatcher pushes bytes; the reader turns them into deltas; deltas go to the observer one by one, and while it has not
 * taken one the socket is paused, so a slow reader holds the engine back. Without an observer of deltas nothing is awaited.
 * An abort settles at once with what has come, and destroys the socket, which is how engines learn that nobody listens.
 * A reused socket that dies before the first byte of the answer is retried once, on whatever socket is free then.
 */
import type { Dispatcher, Pool } from 'undici'
import type {
  CallObserver,
  CallResult,
  Cancel,
  CancelSignal,
  Clock,
  Delta,
  EngineCall,
  EngineError,
} from '../../core/index.ts'
import { AnswerBuilder } from './answer-builder.ts'
import { engineError, errorFromTransport, isSocketDeath } from './engine-errors.ts'
import type { WatchedDispatch } from './engine-pool.ts'
import { ResponseReader } from './response-reader.ts'

export interface HttpCallOptions {
  readonly pool: Pool
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** Composes the request. May throw: then the call fails as REQUEST_INVALID. */
  readonly body: () => string
  readonly call: EngineCall
  readonly clock: Clock
  readonly signal: CancelSignal
  readonly observer: CallObserver
}

/** Runs the call. */
export function runHttpCall(options: HttpCallOptions): Promise<CallResult> {
  return new Promise((resolve) => new HttpCall(options, resolve).start())
}

/** Time an engine gets to close its response after `[DONE]`, before its socket is given up. */
const closingGraceMs = 1_000

class HttpCall implements Dispatcher.DispatchHandler {
  readonly #options: HttpCallOptions
  readonly #resolve: (result: CallResult) => void
  readonly #sentAtMs: number
  #body = ''
  #controller: Dispatcher.DispatchController | null = null
  #reader: ResponseReader | null = null
  #firstTokenAtMs: number | null = null
  #isReusedSocket = false
  #hasFirstByte = false
  #hasRetried = false
  /** Deltas that the observer has not been given yet. */
  readonly #undelivered: Delta[] = []
  #isDelivering = false
  #isSettled = false
  #cancelGrace: Cancel | null = null

  constructor(options: HttpCallOptions, resolve: (result: CallResult) => void) {
    this.#options = options
    this.#resolve = resolve
    this.#sentAtMs = options.clock.nowMs()
  }

  start(): void {
    const { signal, body } = this.#options
    if (signal.aborted) return this.#settle('aborted')
    try {
      this.#body = body()
    } catch (error) {
      return this.#fail(engineError('REQUEST_INVALID', `request cannot be written: ${messageOf(error)}`))
    }
    signal.addEventListener('abort', this.#onAbort)
    this.#dispatch()
  }

  #dispatch(): void {
    const { pool, path, headers } = this.#options
    const options: Dispatcher.DispatchOptions & WatchedDispatch = {
      path,
      method: 'POST',
      headers,
      body: this.#body,
      onSocket: ({ isReused }) => {
        this.#isReusedSocket = isReused
      },
    }
    pool.dispatch(options, this)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#isSettled) controller.abort(abandoned)
  }

  /** The first byte of a response, its head not yet read. */
  onResponseStarted(): void {
    this.#hasFirstByte = true
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: HeadersOf): void {
    // 1xx answers come before the real one.
    if (status >= 200) this.#reader = new ResponseReader({ status, headers }, () => this.#options.clock.nowMs())
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#isSettled || this.#reader === null) return
    this.#hand(this.#reader.push(chunk))
    if (this.#isDelivering) controller.pause()
  }

  onResponseEnd(): void {
    this.#controller = null
    this.#cancelGrace?.()
    if (this.#isSettled || this.#reader === null) return
    this.#hand(this.#reader.end())
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    this.#controller = null
    this.#cancelGrace?.()
    if (this.#isSettled) return
    if (this.#reader !== null) {
      this.#reader.broken(error)
      this.#hand([])
    } else if (this.#isReusedSocket && !this.#hasFirstByte && !this.#hasRetried && isSocketDeath(error)) {
      this.#hasRetried = true
      this.#dispatch()
    } else if (transportIsOurs(error)) {
      this.#fail(engineError('REQUEST_INVALID', `request cannot be sent: ${error.message}`))
    } else {
      this.#fail(errorFromTransport(error, { hasFirstByte: this.#hasFirstByte }))
    }
  }

  /** Notes new deltas, and passes them on: at once where nobody listens, else one at a time. */
  #hand(deltas: readonly Delta[]): void {
    if (this.#firstTokenAtMs === null && deltas.some(isToken)) {
      this.#firstTokenAtMs = this.#options.clock.nowMs()
      try {
        this.#options.observer.firstToken?.(this.#firstTokenAtMs)
      } catch (error) {
        return this.#failReading(error)
      }
    }
    if (this.#options.observer.delta === undefined) return this.#settleIfOver()
    for (const delta of deltas) this.#undelivered.push(delta)
    if (!this.#isDelivering) this.#deliver()
  }

  /** Gives deltas out until the observer makes us wait; then goes on when it is ready. */
  #deliver(): void {
    this.#isDelivering = false
    while (!this.#isSettled) {
      const delta = this.#undelivered.shift()
      if (delta === undefined) break
      try {
        const taken = this.#options.observer.delta?.(delta)
        if (!isPromise(taken)) continue
        this.#isDelivering = true
        taken.then(
          () => this.#deliver(),
          (error: unknown) => this.#failReading(error),
        )
        return
      } catch (error) {
        return this.#failReading(error)
      }
    }
    this.#settleIfOver()
    this.#controller?.resume()
  }

  #settleIfOver(): void {
    const outcome = this.#reader?.outcome ?? null
    if (outcome === null || this.#isSettled) return
    if (outcome.status === 'failed') return this.#fail(outcome.error)
    this.#settle(outcome.status, { finishReason: outcome.finishReason })
    // The end of the response frees the socket for the next call; an engine that never ends it loses it.
    const { clock } = this.#options
    if (this.#controller !== null) this.#cancelGrace = clock.at(clock.nowMs() + closingGraceMs, () => this.#hangUp())
  }

  #failReading(error: unknown): void {
    this.#fail(engineError('STREAM_INTERRUPTED', `the reader of the answer failed: ${messageOf(error)}`))
  }

  #fail(error: EngineError): void {
    this.#settle('failed', { error })
    this.#hangUp()
  }

  readonly #onAbort = (): void => {
    this.#settle('aborted')
    this.#hangUp()
  }

  #hangUp(): void {
    this.#controller?.abort(abandoned)
  }

  #settle(
    status: CallResult['status'],
    { finishReason = '', error = null }: { readonly finishReason?: string; readonly error?: EngineError | null } = {},
  ): void {
    if (this.#isSettled) return
    this.#isSettled = true
    const { signal, call, clock } = this.#options
    signal.removeEventListener('abort', this.#onAbort)
    const answer = this.#reader?.answer ?? new AnswerBuilder()
    this.#resolve({
      status,
      text: answer.text,
      reasoning: answer.reasoning,
      toolCalls: answer.toolCalls(),
      logprobs: answer.logprobs(),
      usage: answer.usage(call.promptTokens),
      isUsageReported: answer.reportedUsage !== null,
      sentAtMs: this.#sentAtMs,
      firstTokenAtMs: this.#firstTokenAtMs,
      finishedAtMs: clock.nowMs(),
      finishReason,
      error,
    })
  }
}

type HeadersOf = Readonly<Record<string, string | string[] | undefined>>

const abandoned = new Error('the call is over')

const isToken = ({ text, reasoning, toolCalls }: Delta): boolean =>
  text !== undefined || reasoning !== undefined || toolCalls !== undefined

/** A request that undici would not even send: a header with a line break, a path with a blank. */
const transportIsOurs = (error: Error): boolean => (error as { code?: string }).code === 'UND_ERR_INVALID_ARG'

// An observer written as `(delta) => list.push(delta)` returns a number that is not to be waited for.
const isPromise = (value: unknown): value is Promise<void> =>
  typeof (value as Promise<void> | null)?.then === 'function'

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
