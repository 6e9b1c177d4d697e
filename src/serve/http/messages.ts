/**
 * @file The conversation of a request: checked, never changed. Its messages go to every step as they came, in order.
 */
import type { ChatMessage, JsonObject, JsonValue } from '../../core/index.ts'
import { invalid, unsupported } from './error-answer.ts'

export interface Conversation {
  readonly messages: readonly ChatMessage[]
  /** Tools were called or answered in it. */
  readonly hasToolMessages: boolean
}

const roles = ['system', 'developer', 'user', 'assistant', 'tool', 'function']

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function checkPart(part: JsonValue, param: string): void {
  if (!isObject(part)) throw invalid(param, 'expected a content part such as { "type": "text", "text": "..." }.')
  const { type } = part
  if (typeof type !== 'string') throw invalid(`${param}.type`, 'expected the type of a content part.')
  if (type === 'text' || type === 'refusal') {
    if (typeof part[type] !== 'string') throw invalid(`${param}.${type}`, 'expected a string.')
    return
  }
  throw unsupported(param, `content of type ${JSON.stringify(type.slice(0, 40))} is not available: send text.`)
}

function checkMessage(message: JsonValue, param: string): void {
  if (!isObject(message)) throw invalid(param, 'expected a message such as { "role": "user", "content": "..." }.')
  const { role, content } = message
  if (typeof role !== 'string' || !roles.includes(role)) {
    throw invalid(`${param}.role`, `expected one of ${roles.join(', ')}.`)
  }
  if (typeof content === 'string') return
  if (Array.isArray(content)) {
    for (const [index, part] of (content as readonly JsonValue[]).entries())
      checkPart(part, `${param}.content[${index}]`)
    return
  }
  // An assistant that only called tools has no content.
  if (role === 'assistant' && (content === null || content === undefined)) return
  throw invalid(`${param}.content`, 'expected a string or a list of content parts.')
}

const concernsTools = (message: JsonObject) =>
  message['role'] === 'tool' ||
  message['role'] === 'function' ||
  (message['tool_calls'] !== undefined && message['tool_calls'] !== null) ||
  (message['function_call'] !== undefined && message['function_call'] !== null)

/** Throws `REQUEST_INVALID`, or `UNSUPPORTED_PARAMETER` for images, audio and files, naming the place. */
export function parseMessages(value: JsonValue | undefined): Conversation {
  if (!Array.isArray(value)) throw invalid('messages', 'expected a list of messages.')
  if (value.length === 0) throw invalid('messages', 'expected at least one message.')
  const messages = value as readonly JsonValue[]
  for (const [index, message] of messages.entries()) checkMessage(message, `messages[${index}]`)
  return {
    messages: messages as readonly ChatMessage[],
    hasToolMessages: (messages as readonly JsonObject[]).some(concernsTools),
  }
}
