/** @file Every way in which an engine can fail, as the code that users and the scheduler see. */
import { describe, expect, it } from 'vitest'
import { errorFromRefusal, errorFromTransport, errorInAnswer, isSocketDeath } from './engine-errors.ts'
import { retryAfterMs } from './retry-after.ts'

const refusal = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  errorFromRefusal({ status, headers, body: typeof body === 'string' ? body : JSON.stringify(body), nowMs: 1_000_000 })

const openAi = (message: string, code: string | number | null = null, type = 'invalid_request_error') => ({
  error: { message, type, param: null, code },
})

describe('a refusal', () => {
  it.each([
    ['OpenAI: context', 400, openAi('too many tokens', 'context_length_exceeded'), 'CONTEXT_TOO_LONG'],
    [
      'vLLM: context',
      400,
      openAi(
        "This model's maximum context length is 4096 tokens. However, you requested 5000.",
        400,
        'BadRequestError',
      ),
      'CONTEXT_TOO_LONG',
    ],
    [
      'older vLLM, flat',
      400,
      {
        object: 'error',
        message: "This model's maximum context length is 4096 tokens.",
        type: 'BadRequestError',
        code: 400,
      },
      'CONTEXT_TOO_LONG',
    ],
    [
      'llama.cpp: context',
      400,
      {
        error: {
          code: 400,
          message: 'the request exceeds the available context size',
          type: 'exceed_context_size_error',
        },
      },
      'CONTEXT_TOO_LONG',
    ],
    [
      'SGLang: context',
      400,
      openAi("The input (9000 tokens) is longer than the model's context length"),
      'CONTEXT_TOO_LONG',
    ],
    ['a prompt too long', 422, { detail: 'prompt is too long' }, 'CONTEXT_TOO_LONG'],
    ['a bad field', 400, openAi('temperature must be a number'), 'REQUEST_INVALID'],
    ['validation', 422, { detail: 'field required' }, 'REQUEST_INVALID'],
    ['too large', 413, openAi('body too large'), 'REQUEST_INVALID'],
    ['a wrong method', 405, '', 'REQUEST_INVALID'],
    ['an unknown model', 404, openAi('The model `x` does not exist.', 'model_not_found'), 'MODEL_UNKNOWN'],
    [
      'an unknown route',
      404,
      { error: { code: 404, message: 'File Not Found', type: 'not_found_error' } },
      'MODEL_UNKNOWN',
    ],
    ['our key refused', 401, openAi('Incorrect API key'), 'ENGINE_BAD_RESPONSE'],
    ['our key not enough', 403, openAi('no'), 'ENGINE_BAD_RESPONSE'],
    ['too many requests', 429, openAi('slow down'), 'ENGINE_OVERLOADED'],
    ['a full queue', 503, openAi('queue full'), 'ENGINE_OVERLOADED'],
    ['Dynamo overloaded', 529, '', 'ENGINE_OVERLOADED'],
    ['a request time-out', 408, '', 'ENGINE_TIMEOUT'],
    ['a gateway time-out', 504, '<html>504</html>', 'ENGINE_TIMEOUT'],
    ['a crash', 500, { error: 'boom' }, 'ENGINE_BAD_RESPONSE'],
    ['a crash about the context is still a crash', 500, openAi('context length bug'), 'ENGINE_BAD_RESPONSE'],
    ['a bad gateway', 502, '<html>502 Bad Gateway</html>', 'ENGINE_BAD_RESPONSE'],
    ['a redirect', 302, '', 'ENGINE_BAD_RESPONSE'],
  ])('%s', (_name, status, body, code) => {
    expect(refusal(status, body)).toMatchObject({ code, status })
  })

  it.each([
    [openAi('the reason'), 'engine answered 400: the reason'],
    [{ error: 'bare words' }, 'engine answered 400: bare words'],
    [{ detail: 'from FastAPI' }, 'engine answered 400: from FastAPI'],
    [{ message: 'flat' }, 'engine answered 400: flat'],
    [{ error: { type: 'only_a_type' } }, 'engine answered 400: only_a_type'],
    ['plain\n  text', 'engine answered 400: plain text'],
    ['', 'engine answered 400: no reason given'],
    [{ error: { message: 5, code: {} } }, 'engine answered 400: {"error":{"message":5,"code":{}}}'],
    [[1], 'engine answered 400: [1]'],
  ])('says why, from %j', (body, message) => {
    expect(refusal(400, body).message).toBe(message)
  })

  it('keeps a long reason short, and points at the key', () => {
    expect(refusal(500, 'x'.repeat(10_000)).message.length).toBeLessThan(600)
    expect(refusal(401, '').message).toContain('api_key')
  })

  it('passes on when to come back', () => {
    expect(refusal(429, '', { 'retry-after': '2' }).retryAfterMs).toBe(2000)
    expect(refusal(429, '').retryAfterMs).toBeNull()
  })
})

describe('retryAfterMs', () => {
  const nowMs = Date.parse('2026-11-20T10:00:00Z')
  it.each([
    [{ 'retry-after': '1.5' }, 1500],
    [{ 'retry-after': ' 3 ' }, 3000],
    [{ 'retry-after': 'Fri, 20 Nov 2026 10:00:05 GMT' }, 5000],
    [{ 'retry-after': 'Fri, 20 Nov 2026 09:00:00 GMT' }, 0],
    [{ 'retry-after-ms': '250', 'retry-after': '9' }, 250],
    [{ 'retry-after-ms': 'soon', 'retry-after': '9' }, 9000],
    [{ 'retry-after': ['4', '5'] }, 4000],
    [{ 'retry-after': '-1' }, 0],
    [{ 'retry-after': 'tomorrow' }, null],
    [{}, null],
  ])('%j: %s', (headers, expected) => {
    expect(retryAfterMs(headers, nowMs)).toBe(expected)
  })
})

describe('an error inside an answer', () => {
  it.each([
    [{ error: { message: 'boom', type: 'server_error', code: null } }, 'ENGINE_BAD_RESPONSE'],
    [{ error: { message: 'boom', code: 'weird' } }, 'ENGINE_BAD_RESPONSE'],
    [{ error: { message: 'full', code: 503 } }, 'ENGINE_OVERLOADED'],
    [{ error: { message: 'maximum context length is 5', code: 400 } }, 'CONTEXT_TOO_LONG'],
    [{ error: 'boom' }, 'ENGINE_BAD_RESPONSE'],
    [{ object: 'error', message: 'boom', code: 500 }, 'ENGINE_BAD_RESPONSE'],
  ])('%j: %s', (value, code) => {
    expect(errorInAnswer(value)).toMatchObject({ code, retryAfterMs: null })
  })

  it.each([[{ choices: [] }], [{ error: null, choices: [] }], [[1]], ['text'], [null]])('%j is none', (value) => {
    expect(errorInAnswer(value)).toBeNull()
  })
})

describe('a failed socket', () => {
  const failure = (code: string, message = 'words') => Object.assign(new Error(message), { code })

  it.each([
    ['ECONNREFUSED', 'connection refused'],
    ['ENOTFOUND', 'host not found'],
    ['EAI_AGAIN', 'name service'],
    ['EHOSTUNREACH', 'host unreachable'],
    ['UND_ERR_CONNECT_TIMEOUT', 'timed out'],
    ['UND_ERR_DESTROYED', 'closed'],
    ['CERT_HAS_EXPIRED', 'words'],
    ['ECONNRESET', 'words'],
  ])('%s before a byte: unreachable, saying %s', (code, words) => {
    const error = errorFromTransport(failure(code), { hasFirstByte: false })
    expect(error).toMatchObject({ code: 'ENGINE_UNREACHABLE', status: null })
    expect(error.message).toContain(words)
  })

  it('looks into a failure of several addresses', () => {
    const error = Object.assign(new Error(''), { errors: [failure('ECONNREFUSED'), failure('ENETUNREACH')] })
    expect(errorFromTransport(error, { hasFirstByte: false }).message).toContain('connection refused')
  })

  it('after a byte it is an answer that broke off; bytes that are no HTTP are a bad response', () => {
    expect(errorFromTransport(failure('ECONNRESET'), { hasFirstByte: true }).code).toBe('STREAM_INTERRUPTED')
    expect(errorFromTransport(failure('HPE_INVALID_CONSTANT'), { hasFirstByte: false }).code).toBe(
      'ENGINE_BAD_RESPONSE',
    )
    expect(errorFromTransport(failure('HPE_INVALID_CHUNK_SIZE'), { hasFirstByte: true }).code).toBe(
      'ENGINE_BAD_RESPONSE',
    )
  })

  it('knows the deaths that a reused socket may die', () => {
    const deaths = ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'ECONNREFUSED', 'HPE_INVALID_CONSTANT', 'UND_ERR_ABORTED']
    expect(deaths.filter((code) => isSocketDeath(failure(code)))).toEqual(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'])
  })
})
