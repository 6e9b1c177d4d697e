/**
 * @file Errors as clients get them: OpenAI's shape, with our stable code beside it and a word on retrying.
 *
 * `code` is OpenAI's own word where it has one; `inframind_code` is always there. `x-should-retry: false` stops the
 * official clients from retrying what cannot help; `retry-after-ms` (and whole seconds in `retry-after`) says when it may.
 */
import { errorKinds, InframindError, toInframindError } from '../../core/index.ts'

export interface ErrorAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: {
    readonly error: {
      readonly message: string
      readonly type: string
      readonly param: string | null
      readonly code: string | null
      readonly inframind_code: string
    }
  }
}

/** Where nothing better is known: long enough to spread retries, short beside any budget. */
const defaultRetryMs = 1000

function retryHeaders(error: InframindError): Record<string, string> {
  if (!error.isRetryable) return { 'x-should-retry': 'false' }
  const isPushback = error.status === 429 || error.status === 503
  const retryAfterMs = error.retryAfterMs ?? (isPushback ? defaultRetryMs : null)
  if (retryAfterMs === null) return {}
  const ms = Math.max(0, Math.ceil(retryAfterMs))
  return { 'retry-after-ms': String(ms), 'retry-after': String(Math.ceil(ms / 1000)) }
}

/** `error` for the wire. What we did not foresee says so without its inner text: that may hold anything. */
export function toErrorAnswer(error: InframindError): ErrorAnswer {
  const { type, openaiCode } = errorKinds[error.code]
  const isOurBug = error.code === 'INVARIANT_VIOLATED'
  return {
    status: error.status,
    headers: retryHeaders(error),
    body: {
      error: {
        message: isOurBug ? 'The gateway failed unexpectedly; its log says more.' : error.message,
        type,
        param: error.param,
        code: openaiCode,
        inframind_code: error.code,
      },
    },
  }
}

/** Any thrown value as an InframindError; the server framework's own errors get the code that fits their status. */
export function toRequestError(error: unknown): InframindError {
  const { code, statusCode } = (error ?? {}) as { readonly code?: unknown; readonly statusCode?: unknown }
  if (error instanceof InframindError || typeof code !== 'string' || !code.startsWith('FST_')) {
    return toInframindError(error)
  }
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return new InframindError('PAYLOAD_TOO_LARGE', 'The request body is longer than this gateway takes.')
  }
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return new InframindError('MEDIA_TYPE_UNSUPPORTED', 'Expected content-type: application/json.')
  }
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
    return new InframindError('REQUEST_INVALID', 'The request cannot be read as HTTP with a JSON body.')
  }
  return toInframindError(error)
}

/** 400 for one field. `param`: its path in OpenAI's words, `messages[0].content`. */
export const invalid = (param: string, message: string): InframindError =>
  new InframindError('REQUEST_INVALID', `${param}: ${message}`, { param })

/** 400 for a field that is understood and not served. */
export const unsupported = (param: string, message: string): InframindError =>
  new InframindError('UNSUPPORTED_PARAMETER', `${param}: ${message}`, { param })
