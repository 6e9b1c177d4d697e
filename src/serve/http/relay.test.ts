/** @file Relayed requests: bytes in and out untouched, deadline scheduling, leases that end, clients that leave. */
import { PassThrough, Readable } from 'node:stream'
import { afterEach, describe, expect, it } from 'vitest'
import { aGateway, deferred, engineSays, type Harness, until } from '../../../test/gateway-fakes.ts'
import { InframindError } from '../../core/index.ts'
import { ManualClock } from '../../testing/index.ts'

const post = (path: string, body: string | object, headers: Record<string, string> = {}) =>
  ({ method: 'POST', path, headers, body }) as const
const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString()
const code = (body: string) => (JSON.parse(body) as { error: { inframind_code: string } }).error.inframind_code

describe('the request to the engine', () => {
  it.each([
    ['/v1/chat/completions?x=1', '{"model":"small","messages":[{"role":"user","content":"a"}],"temperature":1.50}'],
    ['/v1/completions', '{ "model" : "small", "prompt":"\\u00e9\\ud83d\\ude00", "n":1e0 }'],
    ['/v1/embeddings', '{"input":["a","b"],"model":"small"}'],
    ['/v1/rerank', '{"model":"small","query":"a","documents":["b"]}'],
    ['/v1/something/else', '{"model":"small","deep":{"inframind":{"kept":true}}}'],
  ])('%s is the caller own, byte for byte', async (path, body) => {
    const { gateway, relayed } = await aGateway()
    expect((await gateway.inject(post(path, body))).status).toBe(200)
    expect(relayed.map((request) => [request.replica, request.path, text(request.body)])).toEqual([
      ['small#1', path, body],
    ])
  })

  it('loses the inframind field alone, and gains a priority where the replica takes one', async () => {
    const clock = new ManualClock(1000)
    const body = '{"inframind": {"budget_ms": 2000},"model":"small", "priority":0,"x":[1.0]}'
    const without = await aGateway(undefined, { clock, relayPriority: () => null })
    await without.gateway.inject(post('/v1/completions', body))
    expect(text(without.relayed[0]?.body)).toBe('{"model":"small", "priority":0,"x":[1.0]}')
    const withPriority = await aGateway(undefined, {
      clock,
      relayPriority: (replica, atMs) => (replica === 'small#1' ? atMs : null),
    })
    await withPriority.gateway.inject(post('/v1/completions', body))
    expect(text(withPriority.relayed[0]?.body)).toBe('{"model":"small","x":[1.0],"priority":3000}')
  })

  it('carries the caller headers, but not its key, its connection or ours', async () => {
    const { gateway, relayed } = await aGateway()
    const headers = {
      authorization: 'Bearer gateway-key',
      cookie: 'a=b',
      'x-api-key': 'k',
      'x-request-id': 'mine',
      'x-inframind-budget-ms': '1000',
      'x-session-id': 's1',
      traceparent: '00-1',
      accept: 'text/event-stream',
    }
    await gateway.inject(post('/v1/completions', { model: 'small' }, headers))
    const sent = relayed[0]?.headers ?? {}
    expect(sent).toMatchObject({ 'x-session-id': 's1', traceparent: '00-1', accept: 'text/event-stream' })
    expect(sent['content-type']).toBe('application/json')
    expect(sent['x-request-id']).toMatch(/^relay_[0-9a-f]{32}$/)
    for (const name of [
      'authorization',
      'cookie',
      'x-api-key',
      'x-inframind-budget-ms',
      'host',
      'content-length',
      'connection',
    ]) {
      expect(sent).not.toHaveProperty(name)
    }
  })

  it('waits for a lease with its deadline and its size, and gives it back once', async () => {
    const { gateway, runtime } = await aGateway(undefined, { clock: new ManualClock(5000) })
    const messages = [
      { role: 'user', content: 'x'.repeat(400) },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'abcd' },
          { type: 'image_url', image_url: { url: 'y'.repeat(4000) } },
        ],
      },
    ]
    await gateway.inject(
      post('/v1/chat/completions', { model: 'small', messages, max_tokens: 64 }, { 'x-inframind-budget-ms': '1500' }),
    )
    await gateway.inject(post('/v1/embeddings', { model: 'small', input: [[1, 2, 3], 'abcde'], max_tokens: 'many' }))
    expect(runtime.leases).toEqual([
      expect.objectContaining({
        model: 'small',
        arrivedAtMs: 5000,
        deadlineAtMs: 6500,
        promptTokens: 101,
        maxOutputTokens: 64,
      }),
      expect.objectContaining({ deadlineAtMs: 35_000, promptTokens: 5, maxOutputTokens: null }),
    ])
    expect(runtime.leases[0]?.id).not.toBe(runtime.leases[1]?.id)
    await until(() => runtime.released === 2)
  })

  it.each([
    [{ topology: 'io' }, 'UNSUPPORTED_PARAMETER'],
    [{ domain: 'math' }, 'UNSUPPORTED_PARAMETER'],
    [{ max_calls: 2 }, 'UNSUPPORTED_PARAMETER'],
    [{ steps: 'events' }, 'UNSUPPORTED_PARAMETER'],
    [{ budget_ms: -1 }, 'REQUEST_INVALID'],
    [{ bugdet_ms: 1 }, 'REQUEST_INVALID'],
  ])('is refused with %j: %s', async (inframind, expected) => {
    const { gateway, relayed, runtime } = await aGateway()
    const { status, body } = await gateway.inject(post('/v1/completions', { model: 'small', inframind }))
    expect([status, code(body), relayed.length, runtime.leases.length]).toEqual([400, expected, 0, 0])
  })
})

describe('the answer of the engine', () => {
  it('is passed on untouched: status, headers, bytes', async () => {
    const headers = { 'content-type': 'text/event-stream', 'x-engine': 'a', 'set-cookie': ['a=1', 'b=2'] }
    const bytes = 'data: {"a":1}\r\n\r\nevent: odd\ndata: x\n\n'
    const { gateway } = await aGateway(undefined, { engineAnswer: () => engineSays(bytes, { status: 418, headers }) })
    const response = await gateway.inject(post('/v1/chat/completions', { model: 'small', messages: [] }))
    expect(response).toMatchObject({ status: 418, headers, body: bytes })
    expect(Object.keys(response.headers).filter((name) => name.startsWith('x-inframind'))).toEqual([])
  })

  it.each([
    [new InframindError('ENGINE_UNREACHABLE', 'm'), 502, 'ENGINE_UNREACHABLE'],
    [new Error('what'), 500, 'INVARIANT_VIOLATED'],
  ])('that never comes is our error: %s', async (error, status, expected) => {
    const { gateway, runtime } = await aGateway(undefined, { engineAnswer: () => Promise.reject(error) })
    const response = await gateway.inject(post('/v1/completions', { model: 'small' }))
    expect([response.status, code(response.body), runtime.released]).toEqual([status, expected, 1])
  })

  it('without room in time is the refusal of the lease', async () => {
    const { gateway, runtime, relayed } = await aGateway()
    runtime.lease = () => Promise.reject(new InframindError('QUEUE_FULL', 'full', { retryAfterMs: 300 }))
    const response = await gateway.inject(post('/v1/completions', { model: 'small' }))
    expect(response).toMatchObject({ status: 429, headers: { 'retry-after-ms': '300' } })
    expect([relayed.length, runtime.released]).toEqual([0, 0])
  })
})

describe('over a socket', () => {
  const open: Harness[] = []
  afterEach(async () => {
    await Promise.all(open.splice(0).map(({ gateway }) => gateway.close({ drainMs: 0 })))
  })
  async function listening(overrides: Parameters<typeof aGateway>[1] = {}) {
    const harness = await aGateway(undefined, overrides)
    open.push(harness)
    const { url } = await harness.gateway.listen({ host: '127.0.0.1', port: 0 })
    const ask = (signal?: AbortSignal) =>
      fetch(`${url}/v1/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"model":"small"}',
        ...(signal && { signal }),
      })
    return { ...harness, ask }
  }
  it('streams as the engine does', async () => {
    const engine = new PassThrough()
    const { ask, runtime } = await listening({ engineAnswer: () => engineSays('', { body: engine }) })
    engine.write('one')
    const reader = (await ask()).body!.getReader()
    expect(text((await reader.read()).value)).toBe('one')
    expect(runtime.released).toBe(0)
    engine.end('two')
    expect(text((await reader.read()).value)).toBe('two')
    expect((await reader.read()).done).toBe(true)
    await until(() => runtime.released === 1)
  })

  it('ends the engine body when the client leaves mid-answer, and gives the lease back', async () => {
    const engine = new PassThrough()
    const { ask, runtime } = await listening({ engineAnswer: () => engineSays('', { body: engine }) })
    engine.write('one')
    const client = new AbortController()
    await ask(client.signal)
    client.abort()
    await until(() => engine.destroyed && runtime.released === 1)
  })

  it('aborts the signal when the client leaves before the engine answers, or while it waits for room', async () => {
    for (const wait of ['engine', 'lease']) {
      const { runtime, ask } = await listening()
      const begun = deferred<void>()
      const left = deferred<void>()
      const hold = (signal: AbortSignal | undefined) =>
        new Promise<never>((_, reject) => {
          begun.resolve()
          signal?.addEventListener('abort', () => {
            left.resolve()
            reject(signal.reason)
          })
        })
      if (wait === 'lease') runtime.lease = (_, signal) => hold(signal)
      const harness = wait === 'engine' ? await listening({ relay: (_, __, signal) => hold(signal) }) : null
      const client = new AbortController()
      const response = expect((harness?.ask ?? ask)(client.signal)).rejects.toThrow()
      await begun.promise
      client.abort()
      await Promise.all([response, left.promise])
      if (harness) await until(() => harness.runtime.released === 1)
    }
  })

  it('breaks off where the engine breaks off: half an answer must not look whole', async () => {
    const broken = Readable.from(
      (async function* () {
        yield Buffer.from('half')
        throw new Error('socket hang up')
      })(),
    )
    const { ask, runtime } = await listening({ engineAnswer: () => engineSays('', { body: broken }) })
    await expect(ask().then((response) => response.text())).rejects.toThrow()
    await until(() => runtime.released === 1)
  })

  it('is cut off when the gateway closes and drains no longer', async () => {
    const engine = new PassThrough()
    const { ask, gateway } = await listening({ engineAnswer: () => engineSays('', { body: engine }) })
    engine.write('one')
    const response = await ask()
    const failed = expect(response.text()).rejects.toThrow()
    expect(await gateway.close({ drainMs: 0 })).toBe(false)
    await failed
    expect(engine.destroyed).toBe(true)
  })
})
