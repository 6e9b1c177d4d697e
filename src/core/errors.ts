/**
 * @file The errors that users meet: one class, one table of stable codes.
 *
 * Every refusal carries an `inframind_code` from this table, the HTTP status that goes with it, OpenAI's own word for it
 * where there is one, and whether the same request can succeed later. Expected outcomes (late, degraded, a failed step)
 * are data, not exceptions; an `AbortSignal`'s reason passes through untouched.
 */
import type { JsonObject } from './json.ts'

interface ErrorKind {
  /** HTTP status of the answer. */
  readonly status: number
  /** OpenAI's `code`, where it has a word for this; null otherwise. */
  readonly openaiCode: string | null
  /** OpenAI's `type`. */
  readonly type: string
  /** Whether the same request, sent again, may succeed. */
  readonly isRetryable: boolean
}

const kind = (status: number, type: string, openaiCode: string | null, isRetryable: boolean): ErrorKind => ({
  status,
  type,
  openaiCode,
  isRetryable,
})

/** The whole table, by `inframind_code`. */
export const errorKinds = {
  REQUEST_INVALID: kind(400, 'invalid_request_error', null, false),
  UNSUPPORTED_PARAMETER: kind(400, 'invalid_request_error', 'unsupported_parameter', false),
  CONTEXT_TOO_LONG: kind(400, 'invalid_request_error', 'context_length_exceeded', false),
  UNAUTHORIZED: kind(401, 'authentication_error', 'invalid_api_key', false),
  FORBIDDEN: kind(403, 'permission_error', null, false),
  MODEL_UNKNOWN: kind(404, 'invalid_request_error', 'model_not_found', false),
  NOT_FOUND: kind(404, 'invalid_request_error', null, false),
  METHOD_NOT_ALLOWED: kind(405, 'invalid_request_error', null, false),
  PAYLOAD_TOO_LARGE: kind(413, 'invalid_request_error', null, false),
  MEDIA_TYPE_UNSUPPORTED: kind(415, 'invalid_request_error', null, false),
  /** Not now: 429. Never, even on an idle pool: thrown with `status: 422`. */
  BUDGET_INFEASIBLE: kind(429, 'rate_limit_error', null, true),
  RATE_LIMITED: kind(429, 'rate_limit_error', 'rate_limit_exceeded', true),
  QUEUE_FULL: kind(429, 'rate_limit_error', null, true),
  INVARIANT_VIOLATED: kind(500, 'server_error', null, false),
  ENGINE_UNREACHABLE: kind(502, 'server_error', null, true),
  ENGINE_BAD_RESPONSE: kind(502, 'server_error', null, true),
  STREAM_INTERRUPTED: kind(502, 'server_error', null, true),
  POOL_UNAVAILABLE: kind(503, 'server_error', null, true),
  ENGINE_OVERLOADED: kind(503, 'server_error', null, true),
  ENGINE_TIMEOUT: kind(504, 'server_error', null, true),
  DEADLINE_EXCEEDED: kind(504, 'server_error', null, false),
} as const satisfies Record<string, ErrorKind>

/** A stable code of the table above. */
export type ErrorCode = keyof typeof errorKinds

export interface InframindErrorOptions {
  /** The request field at fault, in OpenAI's `param`: `messages[0].content`. */
  readonly param?: string
  /** When a retry may help: milliseconds from now. */
  readonly retryAfterMs?: number
  readonly cause?: unknown
  /** Another HTTP status than the table's, where a code has two. A 422 is not retryable. */
  readonly status?: number
  /** Further fields for logs and records; never secrets. */
  readonly details?: JsonObject
}

/** Any refusal or failure that a user sees. Match on `code`, never on the message. */
export class InframindError extends Error {
  override readonly name = 'InframindError'
  readonly code: ErrorCode
  readonly param: string | null
  readonly retryAfterMs: number | null
  readonly details: JsonObject | null
  readonly status: number

  /** `message`: what was expected, what came, and what to do about it. */
  constructor(code: ErrorCode, message: string, options: InframindErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.param = options.param ?? null
    this.retryAfterMs = options.retryAfterMs ?? null
    this.details = options.details ?? null
    this.status = options.status ?? errorKinds[code].status
  }

  get isRetryable(): boolean {
    return errorKinds[this.code].isRetryable && this.status !== 422
  }
}

/** One thing wrong in a config file, a profile or a flag. */
export interface ConfigProblem {
  /** Where: `engines[1].url`. */
  readonly path: string
  readonly expected: string
  readonly got: string
  /** What to do: the nearest valid name, an example. */
  readonly fix: string
}

/** A config, profile or command line that cannot be used: exit 2. Lists every problem at once. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly code = 'CONFIG_INVALID'
  readonly problems: readonly ConfigProblem[]

  constructor(problems: readonly ConfigProblem[], source = 'config') {
    const lines = problems.map(({ path, expected, got, fix }) => `  ${path}: expected ${expected}, got ${got}. ${fix}`)
    super(`CONFIG_INVALID: ${source} cannot be used:\n${lines.join('\n')}`)
    this.problems = problems
  }
}

/** `error` as an InframindError: itself, or `INVARIANT_VIOLATED` around anything that we did not foresee. */
export function toInframindError(error: unknown): InframindError {
  if (error instanceof InframindError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new InframindError('INVARIANT_VIOLATED', `unexpected failure: ${message}`, { cause: error })
}

/** Throws `INVARIANT_VIOLATED` unless `condition` holds: for what only a bug of ours can break. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InframindError('INVARIANT_VIOLATED', message)
}
