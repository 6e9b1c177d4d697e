/**
 * @file Runs one call on the engine and writes its answer, plain or as server-sent events at the simulated pace.
 *
 * A reader that is slow holds the stream back (backpressure); one that leaves aborts the call at once. The status line of
 * a stream goes out as soon as the engine has taken the call, not at the first token, as vLLM does it. An engine that is
 * down or goes down breaks the connection, as a process that dies does.
 */
import type { ServerResponse } from 'node:http'
import type { CallResult, Engine, JsonObject } from '../../core/index.ts'
import type { ChatRequest } from './chat-request.ts'
import type { Fault } from './fault.ts'
import {
  type AnswerHead,
  chunkOf,
  completionOf,
  errorBody,
  Refusal,
  sendJson,
  sendRefusal,
  usageChunkOf,
} from './wire-answers.ts'

export interface AnswerOptions {
  readonly engine: Engine
  readonly head: AnswerHead
  readonly fault: Fault | null
}

/** Answers `request`. Settles when the answer is written or given up; never rejects. Resolves with the engine's result. */
export async function answerCall(
  response: ServerResponse,
  request: ChatRequest,
  { engine, head, fault }: AnswerOptions,
): Promise<CallResult> {
  const controller = new AbortController()
  response.on('close', () => controller.abort())
  // It may have left while its body was read.
  if (response.destroyed) controller.abort()
  const { signal } = controller
  if (request.isStreamed) return new EventStream(response, { request, head, fault }).play(engine, signal)
  const result = await engine.run(request.call, signal)
  if (fault?.kind === 'stall') return result
  if (fault?.kind === 'die-mid-stream' || isDeath(result)) response.destroy()
  else if (result.error) sendRefusal(response, new Refusal(result.error.status ?? 500, result.error.message))
  else if (result.status !== 'aborted') sendJson(response, completionOf(head, result))
  return result
}

const isDeath = ({ error }: CallResult): boolean =>
  error?.code === 'ENGINE_UNREACHABLE' || error?.code === 'STREAM_INTERRUPTED'

interface StreamOptions {
  readonly request: ChatRequest
  readonly head: AnswerHead
  readonly fault: Fault | null
}

/** One streamed answer. */
class EventStream {
  readonly #response: ServerResponse
  readonly #options: StreamOptions
  #pieces = 0

  constructor(response: ServerResponse, options: StreamOptions) {
    this.#response = response
    this.#options = options
  }

  async play(engine: Engine, signal: AbortSignal): Promise<CallResult> {
    const { request, head, fault } = this.#options
    const running = engine.run(request.call, signal, { delta: ({ text }) => this.#piece(text ?? '') })
    const refused = await Promise.race([running, new Promise<null>((resolve) => setImmediate(resolve, null))])
    if (refused?.error && !isDeath(refused)) {
      sendRefusal(this.#response, new Refusal(refused.error.status ?? 500, refused.error.message))
      return refused
    }
    this.#open()
    const result = await running
    if (isDeath(result) || fault?.kind === 'die-mid-stream') this.#response.destroy()
    if (this.#response.destroyed || this.#isStalled()) return result
    if (result.error) this.#write(errorBody(result.error.status ?? 500, result.error.message))
    else {
      this.#write(chunkOf(head, { content: '' }, result.finishReason))
      if (request.wantsUsage) this.#write(usageChunkOf(head, result.usage))
    }
    this.#response.end('data: [DONE]\n\n')
    return result
  }

  /** Status and headers. Once. */
  #open(): void {
    if (this.#response.headersSent || this.#response.destroyed) return
    this.#response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' })
    this.#response.flushHeaders()
  }

  #piece(text: string): void | Promise<void> {
    if (this.#isStalled() || this.#response.destroyed) return
    const { head, fault } = this.#options
    if (fault?.kind === 'die-mid-stream' && this.#pieces >= (fault.afterPieces ?? 1)) {
      this.#response.destroy()
      return
    }
    this.#open()
    const delta: JsonObject = this.#pieces === 0 ? { role: 'assistant', content: text } : { content: text }
    this.#pieces += 1
    return this.#write(chunkOf(head, delta))
  }

  #isStalled(): boolean {
    const { fault } = this.#options
    return fault?.kind === 'stall' && this.#pieces >= (fault.afterPieces ?? 1)
  }

  /** Resolves when there is room again, or nobody reads any more. */
  #write(event: object): void | Promise<void> {
    const response = this.#response
    if (response.write(`data: ${JSON.stringify(event)}\n\n`)) return
    return new Promise((resolve) => {
      const proceed = () => {
        response.off('drain', proceed)
        response.off('close', proceed)
        resolve()
      }
      response.once('drain', proceed)
      response.once('close', proceed)
    })
  }
}
