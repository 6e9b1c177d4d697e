/**
 * @file OpenAI's chat protocol as types: what this client sends and reads, and what a server face checks and answers.
 *
 * Requests and errors are checked with schemas, loosely: fields that are not named here pass through. Chunks are types
 * only; their reader (`chunk-reading.ts`) looks at the few fields it needs, because it runs once per token.
 *
 * Source: OpenAI API reference, "Chat Completions"; `priority` is vLLM's, `reasoning_content` DeepSeek's and vLLM's,
 * `reasoning` vLLM's newer name and OpenRouter's.
 */
import { z } from 'zod'
import type { JsonObject, JsonValue } from '../../core/index.ts'

const count = z.int().positive().nullish()

/** Body of `POST /v1/chat/completions`. */
export const chatCompletionBody = z.looseObject({
  model: z.string(),
  messages: z.array(z.looseObject({ role: z.string() })).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  max_tokens: count,
  max_completion_tokens: count,
  temperature: z.number().nullish(),
  top_p: z.number().nullish(),
  n: count,
  seed: z.int().nullish(),
  /** vLLM: lower is sooner. */
  priority: z.int().nullish(),
})
export type ChatCompletionBody = z.infer<typeof chatCompletionBody>

export interface WireUsage {
  readonly prompt_tokens: number
  readonly completion_tokens: number
  readonly total_tokens: number
}

export interface ToolCallDelta extends JsonObject {
  readonly index?: number
  readonly id?: string
  readonly type?: string
  readonly function?: { readonly name?: string; readonly arguments?: string }
}

export interface ChunkDelta {
  readonly role?: string
  readonly content?: string | null
  readonly reasoning_content?: string | null
  readonly reasoning?: string | null
  readonly tool_calls?: readonly ToolCallDelta[]
}

/** One event of a streamed answer. The usage chunk has empty `choices`. */
export interface ChatCompletionChunk {
  readonly id: string
  readonly object: 'chat.completion.chunk'
  /** Seconds since the epoch. */
  readonly created: number
  readonly model: string
  readonly choices: readonly {
    readonly index: number
    readonly delta: ChunkDelta
    readonly logprobs?: JsonValue
    readonly finish_reason: string | null
  }[]
  readonly usage?: WireUsage | null
}

/** A plain answer. */
export interface ChatCompletion {
  readonly id: string
  readonly object: 'chat.completion'
  /** Seconds since the epoch. */
  readonly created: number
  readonly model: string
  readonly choices: readonly {
    readonly index: number
    readonly message: ChunkDelta & { readonly role: string }
    readonly logprobs?: JsonValue
    readonly finish_reason: string
  }[]
  readonly usage: WireUsage
}

/** Body of a refusal, and of an error inside a stream. */
export interface OpenAiError {
  readonly error: {
    readonly message: string
    readonly type: string
    readonly param: string | null
    readonly code: string | number | null
  }
}

/** `GET /v1/models`, with the few fields beside `id` that tell engines apart. */
export const modelList = z.looseObject({
  data: z.array(z.looseObject({ id: z.string(), owned_by: z.string().nullish() })),
})
export type ModelList = z.infer<typeof modelList>

/** Narrows parsed JSON to an object: no array, no null. */
export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Parsed JSON, or undefined where `text` is none. */
export function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue
  } catch {
    return undefined
  }
}
