/**
 * @file A short line that no other request has, before all else that is said.
 *
 * Every prompt is sent many times: an engine that caches prefixes would find it ready, and its prefill would look free.
 * Cached blocks hold from the first token on, so one line that differs at the beginning keeps all of them from use. Tools
 * of a request may stand before it in an engine's template; those alone may still be found ready.
 */
import { type ChatMessage, estimateTokens, hashText } from '../../core/index.ts'

/** Of the request that `key` names. */
export const saltOf = (key: string): string =>
  `Request ${[1, 2].map((seed) => hashText(key, seed).toString(16).padStart(8, '0')).join('')}.`

export const saltTokens = estimateTokens(saltOf('one of the same length')) + 1

/** `messages` with the line before the first one's text. */
export function withSalt(messages: readonly ChatMessage[], salt: string): readonly ChatMessage[] {
  const [first, ...rest] = messages
  if (first === undefined) return messages
  const { content } = first
  if (Array.isArray(content)) return [{ ...first, content: [{ type: 'text', text: salt }, ...content] }, ...rest]
  if (typeof content === 'string') return [{ ...first, content: `${salt}\n${content}` }, ...rest]
  return [{ role: 'system', content: salt }, ...messages]
}
