/** @file Answers in vLLM's words: JSON, errors, the chunks of a stream. */
import type { ServerResponse } from 'node:http'
import type { CallResult, JsonObject, Usage } from '../../core/index.ts'
import type { ChatCompletion, ChatCompletionChunk, OpenAiError, WireUsage } from '../../pool/index.ts'

/** A refusal, thrown by the checks of a request. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: number
  readonly param: string | null
  readonly headers: Readonly<Record<string, string>>

  constructor(
    status: number,
    message: string,
    { param = null, headers = {} }: { param?: string | null; headers?: Record<string, string> } = {},
  ) {
    super(message)
    this.status = status
    this.param = param
    this.headers = headers
  }
}

const errorTypes: Readonly<Record<number, string>> = {
  400: 'BadRequestError',
  404: 'NotFoundError',
  405: 'MethodNotAllowedError',
  413: 'PayloadTooLargeError',
  415: 'UnsupportedMediaTypeError',
  503: 'ServiceUnavailableError',
}

export const errorBody = (status: number, message: string, param: string | null = null): OpenAiError => ({
  error: { message, type: errorTypes[status] ?? 'InternalServerError', param, code: status },
})

export function sendJson(response: ServerResponse, value: object, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(value))
}

export function sendRefusal(response: ServerResponse, { status, message, param, headers }: Refusal): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  sendJson(response, errorBody(status, message, param), status)
}

/** What all answers to one request say of themselves. */
export interface AnswerHead {
  readonly id: string
  /** Seconds since the epoch. */
  readonly created: number
  readonly model: string
}

const usageOf = ({ promptTokens, outputTokens }: Usage): WireUsage => ({
  prompt_tokens: promptTokens,
  completion_tokens: outputTokens,
  total_tokens: promptTokens + outputTokens,
})

export const completionOf = (head: AnswerHead, { text, finishReason, usage }: CallResult): ChatCompletion => ({
  ...head,
  object: 'chat.completion',
  choices: [{ index: 0, message: { role: 'assistant', content: text }, logprobs: null, finish_reason: finishReason }],
  usage: usageOf(usage),
})

export const chunkOf = (
  head: AnswerHead,
  delta: JsonObject,
  finishReason: string | null = null,
): ChatCompletionChunk => ({
  ...head,
  object: 'chat.completion.chunk',
  choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }],
})

/** The last chunk, where the request asks for usage: no choices. */
export const usageChunkOf = (head: AnswerHead, usage: Usage): ChatCompletionChunk => ({
  ...head,
  object: 'chat.completion.chunk',
  choices: [],
  usage: usageOf(usage),
})
