/**
 * @file Turns the body of `POST /v1/chat/completions` into a call of the simulated engine, or refuses it as vLLM would.
 *
 * Prompt tokens are estimated from the text, a few more per message for the template. Without a cap the answer may fill
 * the context. `priority` is the call's deadline: lower is sooner, and 0, the default, comes before any instant.
 */
import {
  type CallMeaning,
  type ChatMessage,
  type EngineCall,
  estimateTokens,
  type JsonObject,
  textOf,
} from '../../core/index.ts'
import { type ChatCompletionBody, chatCompletionBody } from '../../pool/index.ts'
import { Refusal } from './wire-answers.ts'

export interface ChatRequestOptions {
  /** The only name served. */
  readonly model: string
  readonly maxModelLen: number
  readonly readMeaning: (messages: readonly ChatMessage[]) => CallMeaning
}

export interface ChatRequest {
  readonly call: EngineCall
  readonly isStreamed: boolean
  readonly wantsUsage: boolean
}

const tokensPerMessage = 4

/** The call of `body`. Throws Refusal 400 or 404. `id`: the call's. */
export function parseChatRequest(body: unknown, id: string, options: ChatRequestOptions): ChatRequest {
  const parsed = chatCompletionBody.safeParse(body)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    const path = issue?.path.join('.') ?? ''
    throw new Refusal(400, `${path === '' ? 'the body' : path}: ${issue?.message ?? 'invalid'}`, {
      param: path || null,
    })
  }
  const asked = parsed.data
  if (asked.model !== options.model) {
    throw new Refusal(404, `The model \`${asked.model}\` does not exist. Served: \`${options.model}\`.`, {
      param: 'model',
    })
  }
  if ((asked.n ?? 1) > 1) throw new Refusal(400, 'n must be 1: a simulated model gives one answer', { param: 'n' })
  return {
    call: toCall(asked, id, options),
    isStreamed: asked.stream === true,
    wantsUsage: asked.stream_options?.include_usage === true,
  }
}

function toCall(asked: ChatCompletionBody, id: string, { maxModelLen, readMeaning }: ChatRequestOptions): EngineCall {
  const { model: _model, messages: _messages, stream: _stream, stream_options: _options, priority, ...rest } = asked
  // The schema lets everything through that JSON can hold, and checks the role.
  const messages = asked.messages as unknown as readonly ChatMessage[]
  const promptTokens = messages.reduce((sum, message) => sum + estimateTokens(textOf(message)) + tokensPerMessage, 0)
  return {
    id,
    messages: () => messages,
    meaning: readMeaning(messages),
    promptTokens,
    maxOutputTokens: outputCap(asked, promptTokens, maxModelLen),
    deadlineAtMs: priority ?? 0,
    body: rest as JsonObject,
  }
}

function outputCap(asked: ChatCompletionBody, promptTokens: number, maxModelLen: number): number {
  const cap = asked.max_completion_tokens ?? asked.max_tokens ?? null
  if (promptTokens + (cap ?? 1) <= maxModelLen) return cap ?? maxModelLen - promptTokens
  const completion = cap === null ? '' : ` and ${cap} in the completion`
  throw new Refusal(
    400,
    `This model's maximum context length is ${maxModelLen} tokens. However, you requested ${promptTokens} tokens in the messages${completion}. Please reduce the length of the messages or completion.`,
    { param: 'messages' },
  )
}
