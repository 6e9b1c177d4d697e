/** @file The error table as users meet it. */
import { describe, expect, it } from 'vitest'
import { ConfigError, type ErrorCode, errorKinds, InframindError, invariant, toInframindError } from './errors.ts'

/** The published table: code, HTTP status, OpenAI's code, may a retry help. A change here is a change of the API. */
const published: readonly [ErrorCode, number, string | null, boolean][] = [
  ['REQUEST_INVALID', 400, null, false],
  ['UNSUPPORTED_PARAMETER', 400, 'unsupported_parameter', false],
  ['CONTEXT_TOO_LONG', 400, 'context_length_exceeded', false],
  ['UNAUTHORIZED', 401, 'invalid_api_key', false],
  ['FORBIDDEN', 403, null, false],
  ['MODEL_UNKNOWN', 404, 'model_not_found', false],
  ['NOT_FOUND', 404, null, false],
  ['METHOD_NOT_ALLOWED', 405, null, false],
  ['PAYLOAD_TOO_LARGE', 413, null, false],
  ['MEDIA_TYPE_UNSUPPORTED', 415, null, false],
  ['BUDGET_INFEASIBLE', 429, null, true],
  ['RATE_LIMITED', 429, 'rate_limit_exceeded', true],
  ['QUEUE_FULL', 429, null, true],
  ['INVARIANT_VIOLATED', 500, null, false],
  ['ENGINE_UNREACHABLE', 502, null, true],
  ['ENGINE_BAD_RESPONSE', 502, null, true],
  ['STREAM_INTERRUPTED', 502, null, true],
  ['POOL_UNAVAILABLE', 503, null, true],
  ['ENGINE_OVERLOADED', 503, null, true],
  ['ENGINE_TIMEOUT', 504, null, true],
  ['DEADLINE_EXCEEDED', 504, null, false],
]

describe('the error table', () => {
  it.each(published)('%s: %i, OpenAI %s, retry %s', (code, status, openaiCode, isRetryable) => {
    expect(errorKinds[code]).toMatchObject({ status, openaiCode, isRetryable })
    expect(new InframindError(code, 'x')).toMatchObject({ code, status, isRetryable })
  })

  it('has no code that is not published here, and types fit their status', () => {
    expect(Object.keys(errorKinds)).toEqual(published.map(([code]) => code))
    for (const { status, type } of Object.values(errorKinds)) expect(type === 'server_error').toBe(status >= 500)
  })
})

describe('InframindError', () => {
  it('carries param, retry time, details and cause; null where absent', () => {
    const cause = new Error('socket')
    const options = { param: 'messages[0]', retryAfterMs: 250, details: { waiting: 3 }, cause }
    expect(new InframindError('QUEUE_FULL', 'full', options)).toMatchObject({ ...options, message: 'full' })
    expect(new InframindError('QUEUE_FULL', 'full')).toMatchObject({ param: null, retryAfterMs: null, details: null })
    expect('cause' in new InframindError('QUEUE_FULL', 'full')).toBe(false)
  })

  it('is not retryable as a 422: such a budget never suffices', () => {
    const error = new InframindError('BUDGET_INFEASIBLE', 'too short', { status: 422 })
    expect(error).toMatchObject({ status: 422, isRetryable: false })
  })

  it('wraps what was not foreseen and passes its own kind through', () => {
    const own = new InframindError('FORBIDDEN', 'no')
    expect(toInframindError(own)).toBe(own)
    const cause = new TypeError('x is not a function')
    const wrapped = toInframindError(cause)
    expect(wrapped).toMatchObject({ code: 'INVARIANT_VIOLATED', status: 500, cause })
    expect(wrapped.message).toContain('x is not a function')
    expect(toInframindError('a string').message).toContain('a string')
  })
})

describe('invariant', () => {
  it('throws INVARIANT_VIOLATED only when the condition fails', () => {
    expect(() => invariant(true, 'fine')).not.toThrow()
    expect(() => invariant(0, 'count is zero')).toThrow(
      expect.objectContaining({ code: 'INVARIANT_VIOLATED', message: 'count is zero' }),
    )
  })
})

describe('ConfigError', () => {
  it('names the source, and of every problem the path, what was expected, what came, and the fix', () => {
    const error = new ConfigError(
      [
        { path: 'engines[1].url', expected: 'a URL', got: '"gpu1"', fix: 'Write http://gpu1:8000.' },
        { path: 'listen', expected: 'host:port', got: 'nothing', fix: 'Add listen.' },
      ],
      'inframind.yaml',
    )
    expect(error.code).toBe('CONFIG_INVALID')
    expect(error.message.split('\n')).toEqual([
      'CONFIG_INVALID: inframind.yaml cannot be used:',
      '  engines[1].url: expected a URL, got "gpu1". Write http://gpu1:8000.',
      '  listen: expected host:port, got nothing. Add listen.',
    ])
  })
})
