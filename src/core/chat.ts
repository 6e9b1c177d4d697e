/** @file Chat messages and token usage in OpenAI's words, as every wing passes them on. */
import type { JsonObject, JsonValue } from './json.ts'

/** One message of the caller's conversation, kept as it came: unknown fields included. */
export interface ChatMessage extends JsonObject {
  readonly role: 'system' | 'developer' | 'user' | 'assistant' | 'tool' | 'function'
  readonly content?: JsonValue
}

export interface Usage {
  readonly promptTokens: number
  readonly outputTokens: number
}

export const noUsage: Usage = { promptTokens: 0, outputTokens: 0 }

export const addUsage = (a: Usage, b: Usage): Usage => ({
  promptTokens: a.promptTokens + b.promptTokens,
  outputTokens: a.outputTokens + b.outputTokens,
})

/** Text of a message's content: the string itself, or its text parts joined by newlines. */
export function textOf(message: ChatMessage): string {
  const { content } = message
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  const parts: string[] = []
  for (const part of content as readonly JsonValue[]) {
    const text = (part as JsonObject | null)?.['text']
    if (typeof text === 'string') parts.push(text)
  }
  return parts.join('\n')
}

/** Rough token count where no tokenizer is at hand: a quarter of the characters, rounded up. Off by some 15 %. */
export const estimateTokens = (text: string): number => Math.ceil(text.length / 4)
