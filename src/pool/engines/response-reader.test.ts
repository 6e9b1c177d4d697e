/** @file Bodies of every kind, fed to the reader as bytes: streams, plain answers, refusals, and what is none of these. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chunk, usageChunk } from '../../../test/loopback-server.ts'
import type { Delta } from '../../core/index.ts'
import { ResponseReader } from './response-reader.ts'

const events = { 'content-type': 'text/event-stream; charset=utf-8' }
const json = { 'content-type': 'application/json' }

const sse = (...data: readonly (object | string)[]) =>
  data.map((item) => `data: ${typeof item === 'string' ? item : JSON.stringify(item)}\n\n`).join('')

interface Fed {
  readonly reader: ResponseReader
  readonly deltas: readonly Delta[]
}

/** Feeds a whole body. `pieceBytes`: how large the pieces are; `isCut`: the connection breaks instead of ending. */
function feed(
  body: string | Uint8Array,
  { headers = events as Record<string, string>, status = 200, pieceBytes = 7, isCut = false } = {},
): Fed {
  const reader = new ResponseReader({ status, headers }, () => 0)
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body
  const deltas: Delta[] = []
  for (let at = 0; at < bytes.length; at += pieceBytes) deltas.push(...reader.push(bytes.subarray(at, at + pieceBytes)))
  if (isCut) reader.broken(Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' }))
  else deltas.push(...reader.end())
  return { reader, deltas }
}

const failure = ({ reader }: Fed) => (reader.outcome?.status === 'failed' ? reader.outcome.error : null)

const hello = [chunk({ role: 'assistant', content: '' }), chunk({ content: 'Hé' }), chunk({ content: 'llo' })]

describe('a stream', () => {
  it('adds up to an answer, with usage in a chunk of its own', () => {
    const { reader, deltas } = feed(sse(...hello, chunk({}, 'stop'), usageChunk(9, 2), '[DONE]'))
    expect(deltas).toEqual([{ text: 'Hé' }, { text: 'llo' }])
    expect(reader.answer.text).toBe('Héllo')
    expect(reader.outcome).toEqual({ status: 'done', finishReason: 'stop' })
    expect(reader.answer.reportedUsage).toEqual({ promptTokens: 9, outputTokens: 2 })
  })

  it('takes usage from the chunk that says finish_reason', () => {
    const last = { ...chunk({}, 'length'), usage: { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 } }
    const { reader } = feed(sse(...hello, last, '[DONE]'))
    expect(reader.outcome).toEqual({ status: 'cut', finishReason: 'length' })
    expect(reader.answer.usage(1)).toEqual({ promptTokens: 9, outputTokens: 2 })
  })

  it('estimates usage that nobody sent: one token per delta', () => {
    const { reader } = feed(sse(...hello, chunk({}, 'stop'), '[DONE]'))
    expect(reader.answer.reportedUsage).toBeNull()
    expect(reader.answer.usage(50)).toEqual({ promptTokens: 50, outputTokens: 2 })
  })

  it.each(['reasoning_content', 'reasoning'])('keeps %s apart from the text', (field) => {
    const { reader, deltas } = feed(
      sse(chunk({ [field]: 'hm' }), chunk({ [field]: null, content: 'so' }), chunk({}, 'stop'), '[DONE]'),
    )
    expect(deltas).toEqual([{ reasoning: 'hm' }, { text: 'so' }])
    expect(reader.answer).toMatchObject({ text: 'so', reasoning: 'hm' })
  })

  it('merges tool calls by index', () => {
    const call = (index: number, rest: object) => chunk({ tool_calls: [{ index, ...rest }] })
    const { reader, deltas } = feed(
      sse(
        call(0, { id: 'a', type: 'function', function: { name: 'add', arguments: '' } }),
        call(1, { id: 'b', type: 'function', function: { name: 'mul', arguments: '{"x"' } }),
        call(0, { function: { arguments: '{"y":' } }),
        call(1, { id: '', function: { name: null, arguments: ':1}' } }),
        call(0, { function: { arguments: '2}' } }),
        chunk({}, 'tool_calls'),
        '[DONE]',
      ),
    )
    expect(reader.outcome).toEqual({ status: 'done', finishReason: 'tool_calls' })
    expect(reader.answer.toolCalls()).toEqual([
      { id: 'a', type: 'function', function: { name: 'add', arguments: '{"y":2}' } },
      { id: 'b', type: 'function', function: { name: 'mul', arguments: '{"x":1}' } },
    ])
    expect(deltas).toHaveLength(5)
    expect(deltas[2]).toEqual({ toolCalls: [{ index: 0, function: { arguments: '{"y":' } }] })
  })

  it('joins log-probabilities', () => {
    const logprobs = (token: string) => ({ logprobs: { content: [{ token, logprob: -1 }], refusal: null } })
    const { reader } = feed(
      sse(chunk({ content: 'a' }, null, logprobs('a')), chunk({ content: 'b' }, 'stop', logprobs('b')), '[DONE]'),
    )
    expect(reader.answer.logprobs()).toEqual({
      content: [
        { token: 'a', logprob: -1 },
        { token: 'b', logprob: -1 },
      ],
    })
  })

  it.each([
    ['stop', 'done', 'stop'],
    ['length', 'cut', 'length'],
    ['max_tokens', 'cut', 'length'],
    ['tool_calls', 'done', 'tool_calls'],
    ['function_call', 'done', 'tool_calls'],
    ['content_filter', 'done', 'content_filter'],
    ['eos', 'done', 'stop'],
  ])('ends with %s as %s, %s', (word, status, finishReason) => {
    expect(feed(sse(chunk({ content: 'a' }, word), '[DONE]')).reader.outcome).toEqual({ status, finishReason })
  })

  it('counts an answer that the engine gave up as interrupted', () => {
    const fed = feed(sse(...hello, chunk({}, 'abort'), '[DONE]'))
    expect(failure(fed)?.code).toBe('STREAM_INTERRUPTED')
    expect(fed.reader.answer.text).toBe('Héllo')
  })

  it.each([
    ['[DONE] without finish_reason', sse(...hello, '[DONE]'), 'stop'],
    ['finish_reason without [DONE]', sse(...hello, chunk({}, 'stop')), 'stop'],
    ['[DONE] without its blank line', `${sse(...hello, chunk({}, 'length'))}data: [DONE]`, 'length'],
    ['a last chunk without its blank line', sse(...hello, chunk({}, 'stop')).trimEnd(), 'stop'],
  ])('is whole: %s', (_name, body, finishReason) => {
    expect(feed(body).reader.outcome).toMatchObject({ finishReason })
  })

  it('knows its outcome at [DONE], and lets nothing after it count', () => {
    const reader = new ResponseReader({ status: 200, headers: events }, () => 0)
    const bytes = new TextEncoder().encode(sse(...hello, chunk({}, 'stop'), '[DONE]', chunk({ content: '!' })))
    expect(reader.push(bytes)).toHaveLength(2)
    expect(reader.outcome?.status).toBe('done')
    expect(reader.push(new TextEncoder().encode(sse({ error: 'late' })))).toEqual([])
    reader.broken(new Error('late'))
    expect(reader.end()).toEqual([])
    expect(reader.outcome).toEqual({ status: 'done', finishReason: 'stop' })
    expect(reader.answer.text).toBe('Héllo')
  })

  it.each([
    ['after a whole event', sse(...hello)],
    ['in the middle of an event', sse(...hello).slice(0, -30)],
    ['before the first byte', ''],
  ])('cut %s is interrupted, with the text so far', (_name, body) => {
    for (const isCut of [true, false]) {
      const fed = feed(body, { isCut })
      expect(failure(fed)).toMatchObject({ code: 'STREAM_INTERRUPTED', status: 200 })
      expect('Héllo'.startsWith(fed.reader.answer.text)).toBe(true)
    }
  })

  it('broken after finish_reason is whole all the same', () => {
    expect(feed(sse(...hello, chunk({}, 'stop')), { isCut: true }).reader.outcome?.status).toBe('done')
  })

  it.each([
    ['no JSON', 'data: {oops}\n\n'],
    ['JSON, but no object', 'data: [1]\n\n'],
    ['an object without choices', sse({ hello: 'world' })],
    ['not one event', '<html>hello</html>'],
    ['an error', sse({ error: { message: 'boom', type: 'server_error', code: null } })],
  ])('of %s is a bad response', (_name, body) => {
    expect(failure(feed(body))).toMatchObject({ code: 'ENGINE_BAD_RESPONSE', status: 200 })
  })

  it('keeps the text before an error', () => {
    const fed = feed(
      sse(...hello, { error: { message: 'CUDA is out of memory', code: 500 } }, chunk({ content: 'never' })),
    )
    expect(failure(fed)?.message).toContain('CUDA is out of memory')
    expect(fed.reader.answer.text).toBe('Héllo')
    expect(fed.deltas).toHaveLength(2)
  })

  it('without end and without events is given up', () => {
    const reader = new ResponseReader({ status: 200, headers: events }, () => 0)
    const piece = new TextEncoder().encode('x'.repeat(1024 * 1024))
    for (let count = 0; count < 17; count += 1) reader.push(piece)
    expect(reader.outcome).toMatchObject({ status: 'failed', error: { code: 'ENGINE_BAD_RESPONSE' } })
  })

  it('comes out the same however it is cut', () => {
    const body = sse(...hello, chunk({ content: '\u{1f680}' }), chunk({}, 'stop'), usageChunk(9, 3), '[DONE]')
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), (pieceBytes) => {
        const { reader, deltas } = feed(body, { pieceBytes })
        expect(deltas.map(({ text }) => text)).toEqual(['Hé', 'llo', '\u{1f680}'])
        expect(reader.outcome?.status).toBe('done')
      }),
    )
  })

  it('settles whatever bytes come', () => {
    const kinds = fc.constantFrom<Record<string, string>>(events, json, {}, { 'content-type': 'text/html' })
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 80 }),
        kinds,
        fc.constantFrom(200, 204, 302, 400, 503),
        (bytes, headers, status) => {
          expect(feed(bytes, { headers, status }).reader.outcome).not.toBeNull()
        },
      ),
    )
  })
})

describe('a plain answer', () => {
  const plain = (message: object, finishReason = 'stop') => ({
    id: 'x',
    object: 'chat.completion',
    choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: finishReason, logprobs: null }],
    usage: { prompt_tokens: 4, completion_tokens: 6, total_tokens: 10 },
  })

  it('is read as one delta', () => {
    const { reader, deltas } = feed(JSON.stringify(plain({ content: 'whole', reasoning_content: 'hm' })), {
      headers: json,
    })
    expect(deltas).toEqual([{ text: 'whole', reasoning: 'hm' }])
    expect(reader.outcome).toEqual({ status: 'done', finishReason: 'stop' })
    expect(reader.answer.usage(1)).toEqual({ promptTokens: 4, outputTokens: 6 })
  })

  it('hands its tool calls on as chunks do, and keeps them as they came', () => {
    const calls = [{ id: 'a', type: 'function', function: { name: 'add', arguments: '{}' } }]
    const { reader, deltas } = feed(JSON.stringify(plain({ content: null, tool_calls: calls }, 'tool_calls')), {
      headers: json,
    })
    expect(reader.answer.toolCalls()).toEqual(calls)
    expect(deltas).toEqual([{ toolCalls: [{ index: 0, ...calls[0] }] }])
  })

  it('is known by its first byte where the content type says nothing', () => {
    expect(feed(` ${JSON.stringify(plain({ content: 'x' }))}`, { headers: {} }).reader.answer.text).toBe('x')
    expect(feed(sse(...hello, '[DONE]'), { headers: { 'content-type': 'text/plain' } }).reader.answer.text).toBe(
      'Héllo',
    )
  })

  it.each([
    ['an error with status 200', JSON.stringify({ error: { message: 'no' } }), json],
    ['broken JSON', '{"choices": [', json],
    ['an HTML page', '<html></html>', { 'content-type': 'text/html' }],
    ['nothing at all', '', json],
  ])('is not %s', (_name, body, headers) => {
    expect(failure(feed(body, { headers: headers as Record<string, string> }))?.code).toBe('ENGINE_BAD_RESPONSE')
  })

  it('that breaks off is interrupted', () => {
    expect(failure(feed('{"choices": [', { headers: json, isCut: true }))?.code).toBe('STREAM_INTERRUPTED')
  })
})

describe('a refusal', () => {
  it('is mapped by status and body, even where it breaks off', () => {
    const body = JSON.stringify({ error: { message: 'queue full' } })
    for (const isCut of [true, false]) {
      const error = failure(feed(body, { headers: json, status: 503, isCut }))
      expect(error).toMatchObject({
        code: 'ENGINE_OVERLOADED',
        status: 503,
        message: 'engine answered 503: queue full',
      })
    }
  })

  it('is not read without end', () => {
    const reader = new ResponseReader({ status: 500, headers: {} }, () => 0)
    for (let count = 0; count < 20; count += 1) reader.push(new Uint8Array(8192).fill(120))
    expect(reader.outcome).toMatchObject({ status: 'failed', error: { code: 'ENGINE_BAD_RESPONSE' } })
  })
})

describe('recorded answers of llama.cpp', () => {
  const bodyOf = (file: string) => {
    const text = readFileSync(resolve(import.meta.dirname, '../../../test/fixtures/llama-cpp', file), 'utf8')
    return text.slice(text.indexOf('\r\n\r\n') + 4)
  }

  it('a stream: no role chunk, usage beside finish_reason', () => {
    const { reader, deltas } = feed(bodyOf('chat-stream.sse'), { pieceBytes: 100 })
    expect(reader.outcome).toEqual({ status: 'cut', finishReason: 'length' })
    expect(reader.answer.text).toBe(' bud3n deadl fin assistanc h thi th user td searcD modeM pl fina ther$Z~%')
    expect(reader.answer.reportedUsage).toEqual({ promptTokens: 30, outputTokens: 24 })
    expect(deltas.map(({ text }) => text).join('')).toBe(reader.answer.text)
  })

  it('a stream with log-probabilities', () => {
    const { reader } = feed(bodyOf('chat-stream-logprobs.sse'))
    const { content } = reader.answer.logprobs() as { content: { token: string }[] }
    expect(content.map(({ token }) => token).join('')).toBe(reader.answer.text)
    expect(content).toHaveLength(4)
  })

  it.each([
    ['chat-nonstream.http', 24],
    ['error-too-long.http', 8],
  ])('a plain answer: %s', (file, outputTokens) => {
    const { reader } = feed(bodyOf(file), { headers: json })
    expect(reader.outcome).toEqual({ status: 'cut', finishReason: 'length' })
    expect(reader.answer.reportedUsage?.outputTokens).toBe(outputTokens)
  })

  it.each([
    ['error-404.http', 404, 'MODEL_UNKNOWN', 'File Not Found'],
    ['error-badjson.http', 500, 'ENGINE_BAD_RESPONSE', 'parse error'],
    ['error-badtype.http', 500, 'ENGINE_BAD_RESPONSE', "Expected 'messages' to be an array"],
  ])('an error: %s', (file, status, code, words) => {
    const error = failure(feed(bodyOf(file), { headers: json, status }))
    expect(error).toMatchObject({ code, status })
    expect(error?.message).toContain(words)
  })
})
