/**
 * @file What went wrong on an engine, in our few codes: by HTTP status and error body, by an error inside a stream, by a
 * failed socket. The engine's own sentence is kept in the message, shortened.
 *
 * 400 about the context: CONTEXT_TOO_LONG; 404: MODEL_UNKNOWN; 408, 504: ENGINE_TIMEOUT; 429, 503, 529: ENGINE_OVERLOADED;
 * 401, 403 (our key is wrong, not the caller's), 3xx and other 5xx: ENGINE_BAD_RESPONSE; other 4xx: REQUEST_INVALID.
 */
import { z } from 'zod'
import type { EngineError, JsonValue } from '../../core/index.ts'
import { retryAfterMs, type WireHeaders } from './retry-after.ts'
import { isJsonObject, parseJson } from './wire.ts'

const longestMessage = 500

const codeValue = z.union([z.string(), z.number()]).nullish().catch(null)
const words = z.string().nullish().catch(null)
/** OpenAI's shape, vLLM's older flat one, FastAPI's `detail`, and a bare string under `error`. */
const errorBody = z.looseObject({
  error: z
    .union([z.string(), z.looseObject({ message: words, type: words, code: codeValue })])
    .nullish()
    .catch(null),
  message: words,
  detail: words,
  type: words,
  code: codeValue,
})

interface ErrorWords {
  readonly message: string
  readonly type: string
  readonly code: string | number | null
}

/** The engine's words in an error's parsed body; null: it has none that we know. */
function errorWords(body: JsonValue | undefined): ErrorWords | null {
  const parsed = errorBody.safeParse(body)
  if (!parsed.success) return null
  const { error, message, detail, type, code } = parsed.data
  if (typeof error === 'string') return { message: error, type: '', code: null }
  const inner = error ?? { message: message ?? detail, type, code }
  if (!inner.message && !inner.type && inner.code == null) return null
  return { message: inner.message ?? '', type: inner.type ?? '', code: inner.code ?? null }
}

const contextWords =
  /context[ _-]?(length|size|window)|maximum (context|input|sequence)|(input|prompt)\b.{0,40}\b(too long|exceed|longer than)/i

function isAboutContext({ message, type, code }: ErrorWords): boolean {
  return contextWords.test(String(code)) || contextWords.test(type) || contextWords.test(message)
}

function codeOfStatus(status: number, said: ErrorWords): EngineError['code'] {
  if ((status === 400 || status === 413 || status === 422) && isAboutContext(said)) return 'CONTEXT_TOO_LONG'
  if (status === 401 || status === 403) return 'ENGINE_BAD_RESPONSE'
  if (status === 404) return 'MODEL_UNKNOWN'
  if (status === 408 || status === 504) return 'ENGINE_TIMEOUT'
  if (status === 429 || status === 503 || status === 529) return 'ENGINE_OVERLOADED'
  return status >= 400 && status < 500 ? 'REQUEST_INVALID' : 'ENGINE_BAD_RESPONSE'
}

/** A failure in the form that results carry. */
export function engineError(
  code: EngineError['code'],
  message: string,
  { status = null, retryAfterMs: afterMs = null }: { status?: number | null; retryAfterMs?: number | null } = {},
): EngineError {
  return { code, message, status, retryAfterMs: afterMs }
}

export interface RefusalOptions {
  readonly status: number
  readonly headers: WireHeaders
  readonly body: string
  readonly nowMs: number
}

/** An answer whose status is not 2xx. */
export function errorFromRefusal({ status, headers, body, nowMs }: RefusalOptions): EngineError {
  const said = errorWords(parseJson(body)) ?? { message: body, type: '', code: null }
  const hint = status === 401 || status === 403 ? ' (the api_key configured for this engine is refused)' : ''
  const message = `engine answered ${status}${hint}: ${shorten(said.message || said.type || 'no reason given')}`
  return engineError(codeOfStatus(status, said), message, { status, retryAfterMs: retryAfterMs(headers, nowMs) })
}

/** The error that a chunk, or a 200's JSON, carries; null: it carries none. A status in it counts as in an HTTP answer. */
export function errorInAnswer(value: JsonValue): EngineError | null {
  if (!isJsonObject(value)) return null
  const isError = (value['error'] ?? null) !== null || value['object'] === 'error'
  if (!isError) return null
  const said = errorWords(value) ?? { message: '', type: '', code: null }
  const inside = Number(said.code)
  const status = Number.isInteger(inside) && inside >= 400 && inside < 600 ? inside : 500
  return engineError(codeOfStatus(status, said), `engine reported: ${shorten(said.message || said.type || 'an error')}`)
}

const unreachable: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'host not found',
  EAI_AGAIN: 'host not found (name service does not answer)',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  ETIMEDOUT: 'connecting timed out',
  UND_ERR_CONNECT_TIMEOUT: 'connecting timed out',
  UND_ERR_DESTROYED: 'this engine client is closed',
  UND_ERR_CLOSED: 'this engine client is closed',
}

/** Node's or undici's code of a failure; an AggregateError (several addresses tried) speaks by its first. */
function transportCode(error: unknown): string {
  const { code, name, errors } = error as { code?: unknown; name?: string; errors?: readonly unknown[] }
  if (typeof code === 'string') return code
  // undici leaves the code out where llhttp knows none.
  if (name === 'HTTPParserError') return 'HPE_UNKNOWN'
  return errors?.length ? transportCode(errors[0]) : ''
}

/** A failed socket, or bytes that are not HTTP. `hasFirstByte`: some of the answer had come. */
export function errorFromTransport(error: unknown, { hasFirstByte }: { readonly hasFirstByte: boolean }): EngineError {
  const code = transportCode(error)
  const words = unreachable[code] ?? (error instanceof Error && error.message !== '' ? error.message : code)
  if (code.startsWith('HPE_') || code === 'UND_ERR_HEADERS_OVERFLOW')
    return engineError('ENGINE_BAD_RESPONSE', `engine does not speak HTTP: ${shorten(words)}`)
  if (hasFirstByte) return engineError('STREAM_INTERRUPTED', `engine's answer broke off: ${shorten(words)}`)
  return engineError('ENGINE_UNREACHABLE', `engine cannot be reached: ${shorten(words)}`)
}

/** Whether the socket itself died: the one failure after which a reused socket is worth a second try. */
export const isSocketDeath = (error: unknown): boolean =>
  ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'].includes(transportCode(error))

function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > longestMessage ? `${line.slice(0, longestMessage)}...` : line
}
