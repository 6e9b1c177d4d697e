/**
 * @file One event of an answer, read: what it adds, how it ends, what it cost.
 *
 * A streamed chunk and a plain answer differ only in `delta` against `message`. Usage may ride in the chunk that carries
 * `finish_reason` (llama.cpp), in a last chunk with empty `choices` (vLLM, OpenAI), or in every chunk. Reasoning comes as
 * `reasoning_content` or `reasoning`. Hand-checked, no schema: it runs once per token.
 */
import type { Delta, EngineError, JsonObject, JsonValue, Usage } from '../../core/index.ts'
import { engineError, errorInAnswer } from './engine-errors.ts'
import { isJsonObject, parseJson } from './wire.ts'

export interface ChunkReading {
  /** Null: it adds nothing (a role, a usage, a keep-alive). */
  readonly delta: Delta | null
  /** Null: not the end. */
  readonly finishReason: string | null
  readonly usage: Usage | null
}

/** Reads one event's data, or a whole plain body. */
export function readChunk(data: string): ChunkReading | { readonly error: EngineError } {
  const value = parseJson(data)
  if (!isJsonObject(value))
    return { error: engineError('ENGINE_BAD_RESPONSE', 'engine sent an event that is no JSON object') }
  const error = errorInAnswer(value)
  if (error !== null) return { error }
  const choices = value['choices']
  if (!Array.isArray(choices) && !isJsonObject(value['usage']))
    return { error: engineError('ENGINE_BAD_RESPONSE', 'engine sent an event without choices') }
  const choice = Array.isArray(choices) ? (choices as readonly JsonValue[])[0] : undefined
  const usage = readUsage(value['usage'])
  if (!isJsonObject(choice)) return { delta: null, finishReason: null, usage }
  const finishReason = choice['finish_reason']
  return {
    delta: readDelta(choice),
    finishReason: typeof finishReason === 'string' && finishReason !== '' ? finishReason : null,
    usage,
  }
}

function readDelta(choice: JsonObject): Delta | null {
  const part = choice['delta'] ?? choice['message']
  if (!isJsonObject(part)) return null
  const text = nonEmpty(part['content'])
  const reasoning = nonEmpty(part['reasoning_content']) ?? nonEmpty(part['reasoning'])
  const calls = part['tool_calls']
  const toolCalls = Array.isArray(calls) && calls.length > 0 ? (calls as readonly JsonValue[]) : null
  const logprobs = choice['logprobs'] ?? null
  if (text === null && reasoning === null && toolCalls === null && logprobs === null) return null
  return {
    ...(text !== null && { text }),
    ...(reasoning !== null && { reasoning }),
    ...(toolCalls !== null && { toolCalls }),
    ...(logprobs !== null && { logprobs }),
  }
}

const nonEmpty = (value: JsonValue | undefined): string | null =>
  typeof value === 'string' && value !== '' ? value : null

function readUsage(value: JsonValue | undefined): Usage | null {
  if (!isJsonObject(value)) return null
  const promptTokens = value['prompt_tokens']
  const outputTokens = value['completion_tokens'] ?? 0
  return typeof promptTokens === 'number' && typeof outputTokens === 'number' ? { promptTokens, outputTokens } : null
}
