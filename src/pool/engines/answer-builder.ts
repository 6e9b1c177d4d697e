/**
 * @file An answer as it grows: text, reasoning, tool calls merged by index, log-probabilities, how it ended, what it cost.
 *
 * Usage that the engine did not send is estimated: the prompt as the caller estimated it; the output as one token per
 * streamed delta, which is what engines send, or a quarter of the characters where the answer came whole.
 */
import { estimateTokens, type JsonObject, type JsonValue, type Usage } from '../../core/index.ts'
import type { ChunkReading } from './chunk-reading.ts'
import { isJsonObject } from './wire.ts'

/** OpenAI's word for how an answer ended, and ours: by itself, by the cap, or by the engine giving up (`failed`). */
export interface Ending {
  readonly status: 'done' | 'cut' | 'failed'
  readonly finishReason: string
}

const endings: Readonly<Record<string, Ending>> = {
  length: { status: 'cut', finishReason: 'length' },
  max_tokens: { status: 'cut', finishReason: 'length' },
  tool_calls: { status: 'done', finishReason: 'tool_calls' },
  function_call: { status: 'done', finishReason: 'tool_calls' },
  content_filter: { status: 'done', finishReason: 'content_filter' },
  // vLLM and SGLang: the engine dropped the request, or broke on it.
  abort: { status: 'failed', finishReason: '' },
  error: { status: 'failed', finishReason: '' },
}

/** The ending that an engine's `finish_reason` means; any word that is not known (`eos`, `stop_sequence`) is a stop. */
export const endingOf = (finishReason: string): Ending =>
  endings[finishReason] ?? { status: 'done', finishReason: 'stop' }

export class AnswerBuilder {
  text = ''
  reasoning = ''
  /** As the engine said it; null: not ended. */
  finishReason: string | null = null
  reportedUsage: Usage | null = null
  #deltas = 0
  readonly #toolCalls = new Map<number, JsonObject>()
  #logprobs: Record<string, JsonValue[]> | null = null

  /** Whether anything of the answer has come. */
  get hasStarted(): boolean {
    return this.#deltas > 0
  }

  add({ delta, finishReason, usage }: ChunkReading): void {
    if (usage !== null) this.reportedUsage = usage
    if (finishReason !== null) this.finishReason = finishReason
    if (delta === null) return
    this.#deltas += 1
    this.text += delta.text ?? ''
    this.reasoning += delta.reasoning ?? ''
    if (delta.toolCalls !== undefined) this.#addToolCalls(delta.toolCalls as readonly JsonValue[])
    if (delta.logprobs === undefined) return
    this.#logprobs ??= {}
    appendLogprobs(this.#logprobs, delta.logprobs)
  }

  /** In order of index, without it, as in a plain answer; null: none. */
  toolCalls(): JsonValue | null {
    if (this.#toolCalls.size === 0) return null
    return [...this.#toolCalls].sort(([a], [b]) => a - b).map(([, call]) => call)
  }

  logprobs(): JsonValue | null {
    return this.#logprobs
  }

  /** As reported, or estimated with `promptTokens`. */
  usage(promptTokens: number): Usage {
    if (this.reportedUsage !== null) return this.reportedUsage
    const outputTokens = this.#deltas > 1 ? this.#deltas : estimateTokens(this.text + this.reasoning)
    return { promptTokens, outputTokens }
  }

  #addToolCalls(pieces: readonly JsonValue[]): void {
    pieces.forEach((piece, position) => {
      if (!isJsonObject(piece)) return
      const { index, ...fields } = piece
      const key = typeof index === 'number' ? index : position
      this.#toolCalls.set(key, mergeToolCall(this.#toolCalls.get(key) ?? {}, fields))
    })
  }
}

/** Adds a piece to a tool call: arguments are appended, other fields stay as they came first. */
function mergeToolCall(call: JsonObject, piece: JsonObject): JsonObject {
  const before = isJsonObject(call['function']) ? call['function'] : {}
  const added = isJsonObject(piece['function']) ? piece['function'] : {}
  const pieces = [before['arguments'], added['arguments']].filter((part) => typeof part === 'string')
  const merged: JsonObject = { ...withoutEmpty(piece), ...call }
  if (!('function' in call) && !('function' in piece)) return merged
  return { ...merged, function: { ...withoutEmpty(added), ...before, arguments: pieces.join('') } }
}

const withoutEmpty = (fields: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== ''))

/** Appends lists (`content`, `refusal`; `tokens` of older servers) to those of `merged`, field by field. */
function appendLogprobs(merged: Record<string, JsonValue[]>, added: JsonValue): void {
  if (!isJsonObject(added)) return
  for (const [field, values] of Object.entries(added)) {
    if (!Array.isArray(values)) continue
    merged[field] ??= []
    for (const value of values as readonly JsonValue[]) merged[field].push(value)
  }
}
