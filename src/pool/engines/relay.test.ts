/** @file The relay over real sockets: bytes both ways as they are, headers of one connection left out, ends passed on. */
import { afterEach, describe, expect, it } from 'vitest'
import { type Loopback, type LoopbackHandler, sendJson, startLoopback } from '../../../test/loopback-server.ts'
import { createWallClock } from '../../core/index.ts'
import { createHttpEngine, type HttpEngine } from './http-engine.ts'
import type { RelayRequest, RelayResponse } from './relay.ts'

const never = () => new AbortController().signal
const closers: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

async function serve(
  handler: LoopbackHandler,
  { apiKey, prefix = '' }: { readonly apiKey?: string; readonly prefix?: string } = {},
): Promise<{ server: Loopback; engine: HttpEngine }> {
  const server = await startLoopback(handler)
  const engine = createHttpEngine({
    id: 'small#1',
    model: 'small',
    servedModel: 'small',
    url: server.url + prefix,
    ...(apiKey === undefined ? {} : { apiKey }),
    dialect: 'openai',
    clock: createWallClock(),
    acceptsPriority: false,
  })
  closers.push(
    () => server.close(),
    () => engine.close(),
  )
  return { server, engine }
}

const request = (body: string | Uint8Array, headers: Record<string, string> = {}): RelayRequest => ({
  path: '/v1/embeddings?x=1',
  headers: { 'content-type': 'application/json', ...headers },
  body: typeof body === 'string' ? new TextEncoder().encode(body) : body,
})

async function bytesOf({ body }: RelayResponse): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of body) pieces.push(piece as Buffer)
  return Buffer.concat(pieces)
}

describe('relay', () => {
  it('passes bytes both ways unchanged, whatever they are', async () => {
    const bytes = Uint8Array.from({ length: 70_000 }, (_item, index) => (index * 7919) % 256)
    const { engine, server } = await serve((_request, response) => {
      response.writeHead(200, {
        'content-type': 'application/octet-stream',
        'content-encoding': 'gzip',
        'x-two': ['a', 'b'],
      })
      response.end(bytes)
    })
    const response = await engine.relay(request('{"input": "héllo",  "x":1}'), never())
    expect(response.status).toBe(200)
    expect(response.headers).toMatchObject({ 'content-encoding': 'gzip', 'x-two': ['a', 'b'] })
    expect(await bytesOf(response)).toEqual(Buffer.from(bytes))
    expect(server.requests[0]).toMatchObject({
      method: 'POST',
      path: '/v1/embeddings?x=1',
      body: '{"input": "héllo",  "x":1}',
    })
  })

  it('leaves out what belongs to one connection, and the key of the caller', async () => {
    const { engine, server } = await serve((_request, response) => sendJson(response, {}), {
      apiKey: 'ours',
      prefix: '/base/v1',
    })
    const headers = {
      authorization: 'Bearer theirs',
      'x-api-key': 'theirs',
      cookie: 'session=theirs',
      connection: 'close',
      host: 'gateway',
      'content-length': '999',
      'transfer-encoding': 'chunked',
      expect: '100-continue',
      'x-request-id': 'abc',
    }
    const response = await engine.relay(request('{}', headers), never())
    await bytesOf(response)
    const sent = server.requests[0]?.headers ?? {}
    expect(server.requests[0]?.path).toBe('/base/v1/embeddings?x=1')
    expect(sent).toMatchObject({ authorization: 'Bearer ours', 'x-request-id': 'abc', 'content-length': '2' })
    expect(sent.host).toMatch(/^127\.0\.0\.1:/)
    expect(sent).not.toHaveProperty('cookie')
    expect(sent).not.toHaveProperty('x-api-key')
    expect(response.headers).not.toHaveProperty('connection')
    expect(response.headers).not.toHaveProperty('transfer-encoding')
  })

  it('sends no key where none is configured', async () => {
    const { engine, server } = await serve((_request, response) => sendJson(response, {}))
    await bytesOf(await engine.relay(request('{}', { authorization: 'Bearer theirs' }), never()))
    expect(server.requests[0]?.headers).not.toHaveProperty('authorization')
  })

  it('passes a refusal on as an answer', async () => {
    const { engine } = await serve((_request, response) =>
      sendJson(response, { error: { message: 'no' } }, { status: 429, headers: { 'retry-after': '2' } }),
    )
    const response = await engine.relay(request('{}'), never())
    expect(response).toMatchObject({ status: 429, headers: { 'retry-after': '2' } })
    expect((await bytesOf(response)).toString()).toBe('{"error":{"message":"no"}}')
  })

  it('gives pieces as they come, and tells when the engine breaks off', async () => {
    const { engine } = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('data: 1\n\n', () => setImmediate(() => response.destroy()))
    })
    const response = await engine.relay(request('{}'), never())
    const heard: string[] = []
    await expect(
      (async () => {
        for await (const piece of response.body) heard.push(String(piece))
      })(),
    ).rejects.toThrow()
    expect(heard).toEqual(['data: 1\n\n'])
  })

  it('frees the engine when the body is destroyed, or the signal fires, though nobody listens', async () => {
    const { engine, server } = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('data: 1\n\n')
    })
    const first = await engine.relay(request('{}'), never())
    first.body.destroy()
    await server.until(() => server.openSockets === 0)
    const abort = new AbortController()
    const second = await engine.relay(request('{}'), abort.signal)
    abort.abort()
    await server.until(() => server.openSockets === 0)
    expect(second.body.destroyed).toBe(true)
  })

  it('rejects with the reason of the signal before a head has come', async () => {
    const { engine, server } = await serve(() => {})
    const abort = new AbortController()
    const reason = new Error('the client left')
    const running = engine.relay(request('{}'), abort.signal)
    await server.until(() => server.requests.length === 1)
    abort.abort(reason)
    await expect(running).rejects.toBe(reason)
    await expect(engine.relay(request('{}'), AbortSignal.abort(reason))).rejects.toBe(reason)
  })

  it('rejects with a code when the engine cannot be reached', async () => {
    const { engine, server } = await serve(() => {})
    await server.close()
    await expect(engine.relay(request('{}'), never())).rejects.toMatchObject({
      name: 'InframindError',
      code: 'ENGINE_UNREACHABLE',
      message: 'engine cannot be reached: connection refused',
    })
  })

  it('tries again once when a reused socket dies without an answer', async () => {
    const { engine, server } = await serve(({ onSocket, socket }, response) =>
      onSocket === 1 ? sendJson(response, {}) : void socket.destroy(),
    )
    await bytesOf(await engine.relay(request('{}'), never()))
    for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate)
    expect((await engine.relay(request('{}'), never())).status).toBe(200)
    expect(server.requests.map(({ onSocket }) => onSocket)).toEqual([1, 2, 1])
  })
})
