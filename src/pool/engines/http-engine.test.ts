/** @file The client over real sockets: streams, aborts, reused sockets that die, refusals, and answers that break off. */
import type { ServerResponse } from 'node:http'
import { createServer } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import {
  chunk,
  type Loopback,
  type LoopbackHandler,
  type LoopbackRequest,
  sendJson,
  startEvents,
  startLoopback,
  usageChunk,
} from '../../../test/loopback-server.ts'
import { createWallClock, type Delta } from '../../core/index.ts'
import { anEngineCall, ManualClock } from '../../testing/index.ts'
import { createHttpEngine, type HttpEngine, type HttpEngineOptions } from './http-engine.ts'

const never = () => new AbortController().signal
const closers: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

function engineAt(url: string, overrides: Partial<HttpEngineOptions> = {}): HttpEngine {
  const engine = createHttpEngine({
    id: 'small#1',
    model: 'small',
    servedModel: 'org/small',
    url,
    dialect: 'vllm',
    clock: createWallClock(),
    acceptsPriority: false,
    ...overrides,
  })
  closers.push(() => engine.close())
  return engine
}

async function serve(
  handler: LoopbackHandler,
  overrides: Partial<HttpEngineOptions> = {},
): Promise<{ server: Loopback; engine: HttpEngine }> {
  const server = await startLoopback(handler)
  closers.push(() => server.close())
  return { server, engine: engineAt(server.url, overrides) }
}

/** A whole answer in one piece, its end included: when the call has settled, its socket is free. */
function answer(response: ServerResponse, text = 'Hello'): void {
  const letters = [...text].map((letter) => chunk({ content: letter }))
  const chunks = [chunk({ role: 'assistant', content: '' }), ...letters, chunk({}, 'stop'), usageChunk(7, text.length)]
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.end([...chunks.map((item) => JSON.stringify(item)), '[DONE]'].map((data) => `data: ${data}\n\n`).join(''))
}

/** A socket is free again some turns of the event loop after its answer has ended. */
async function socketsFree(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate)
}

describe('a call', () => {
  it('streams, tells of the first token, and comes back whole', async () => {
    const { engine, server } = await serve((_request, response) => answer(response))
    const deltas: Delta[] = []
    const firsts: number[] = []
    const result = await engine.run(anEngineCall({ id: 'run_1/0/0/0' }), never(), {
      firstToken: (atMs) => firsts.push(atMs),
      delta: (delta) => void deltas.push(delta),
    })
    expect(result).toMatchObject({
      status: 'done',
      text: 'Hello',
      reasoning: '',
      toolCalls: null,
      logprobs: null,
      usage: { promptTokens: 7, outputTokens: 5 },
      isUsageReported: true,
      finishReason: 'stop',
      error: null,
    })
    expect(deltas.map(({ text }) => text)).toEqual([...'Hello'])
    expect(firsts).toEqual([result.firstTokenAtMs])
    expect(result.sentAtMs).toBeLessThanOrEqual(result.firstTokenAtMs as number)
    expect(result.finishedAtMs).toBeGreaterThanOrEqual(result.firstTokenAtMs as number)
    const [request] = server.requests
    expect(request).toMatchObject({ method: 'POST', path: '/v1/chat/completions' })
    expect(request?.headers).toMatchObject({ 'x-request-id': 'run_1/0/0/0', 'content-type': 'application/json' })
    expect(request?.headers['authorization']).toBeUndefined()
    expect(JSON.parse(request?.body ?? '')).toMatchObject({ model: 'org/small', stream: true })
  })

  it('goes to the path, with the key and the priority of its engine', async () => {
    const server = await startLoopback((_request, response) => answer(response))
    closers.push(() => server.close())
    const engine = engineAt(`${server.url}/some/path/v1/`, { apiKey: 'secret', acceptsPriority: true })
    await engine.run(anEngineCall({ deadlineAtMs: 12_345.6 }), never())
    expect(server.requests[0]).toMatchObject({ path: '/some/path/v1/chat/completions' })
    expect(server.requests[0]?.headers['authorization']).toBe('Bearer secret')
    expect(JSON.parse(server.requests[0]?.body ?? '').priority).toBe(12_346)
    expect(engine.priorityFor(12_345.6)).toBe(12_346)
    expect(engineAt(server.url).priorityFor(1)).toBeNull()
    expect(engineAt(server.url, { acceptsPriority: true, dialect: 'openai' }).priorityFor(1)).toBeNull()
  })

  it('reads a plain JSON answer where the engine does not stream', async () => {
    const { engine } = await serve((_request, response) =>
      sendJson(response, {
        choices: [{ index: 0, message: { role: 'assistant', content: 'whole' }, finish_reason: 'length' }],
      }),
    )
    const call = anEngineCall({ promptTokens: 33 })
    expect(await engine.run(call, never())).toMatchObject({
      status: 'cut',
      text: 'whole',
      isUsageReported: false,
      usage: { promptTokens: 33, outputTokens: 2 },
    })
  })

  it('uses a socket again, and gives each of several calls its own', async () => {
    let release = (): void => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const { engine, server } = await serve(async (_request, response) => {
      if (server.requests.length > 2) await held
      answer(response)
    })
    await engine.run(anEngineCall(), never())
    await socketsFree()
    await engine.run(anEngineCall(), never())
    await socketsFree()
    expect(server.requests.map(({ onSocket }) => onSocket)).toEqual([1, 2])
    const calls = Array.from({ length: 5 }, () => engine.run(anEngineCall(), never()))
    await server.until(() => server.requests.length === 7)
    expect(server.openSockets).toBe(5)
    release()
    expect((await Promise.all(calls)).map(({ text }) => text)).toEqual(Array(5).fill('Hello'))
  })

  it('settles at [DONE], though the engine keeps its response open: its socket is given up a second later', async () => {
    const clock = new ManualClock(5_000)
    const { engine, server } = await serve(
      (_request, response) => {
        const send = startEvents(response)
        send(chunk({ content: 'a' }, 'stop'))
        send('[DONE]')
      },
      { clock },
    )
    expect(await engine.run(anEngineCall(), never())).toMatchObject({ status: 'done', text: 'a', sentAtMs: 5_000 })
    clock.advanceBy(999)
    await socketsFree()
    expect(server.openSockets).toBe(1)
    clock.advanceBy(1)
    await server.until(() => server.openSockets === 0)
  })

  it('fails without being sent when its request cannot be written', async () => {
    const { engine, server } = await serve((_request, response) => answer(response))
    const call = { ...anEngineCall(), messages: () => [{ role: 'user' as const, content: 10n as unknown as string }] }
    expect(await engine.run(call, never())).toMatchObject({ status: 'failed', error: { code: 'REQUEST_INVALID' } })
    const split = await engine.run(anEngineCall({ id: 'two\r\nlines' }), never())
    expect(split).toMatchObject({ status: 'failed', error: { code: 'REQUEST_INVALID' } })
    expect(server.requests).toEqual([])
  })

  it('takes observers that return anything, and fails when one throws', async () => {
    const { engine } = await serve((_request, response) => answer(response))
    const seen: Delta[] = []
    const pushed = await engine.run(anEngineCall(), never(), {
      delta: (delta) => seen.push(delta) as unknown as undefined,
    })
    expect(pushed.status).toBe('done')
    expect(seen).toHaveLength(5)
    const broken = new Error('reader broke')
    const observers = [
      { delta: () => Promise.reject(broken) },
      {
        delta: () => {
          throw broken
        },
      },
      {
        firstToken: () => {
          throw broken
        },
      },
    ]
    for (const observer of observers) {
      const result = await engine.run(anEngineCall(), never(), observer)
      expect(result).toMatchObject({ status: 'failed', error: { code: 'STREAM_INTERRUPTED' } })
      expect(result.error?.message).toContain('reader broke')
    }
  })
})

describe('backpressure', () => {
  it('holds the engine back while the observer has not taken a delta', async () => {
    const piece = 'x'.repeat(64 * 1024)
    let isFlowing = true
    let written = 0
    const { engine } = await serve(async (_request, response) => {
      const send = startEvents(response)
      while (written < 500) {
        send(chunk({ content: piece }))
        written += 1
        isFlowing = !response.writableNeedDrain
        if (!isFlowing) await new Promise((resolve) => response.once('drain', resolve))
      }
      send(chunk({}, 'stop'))
      response.end('data: [DONE]\n\n')
    })
    let open = (): void => {}
    const gate = new Promise<void>((resolve) => {
      open = resolve
    })
    let taken = 0
    const running = engine.run(anEngineCall(), never(), {
      delta: () => {
        taken += 1
        return taken === 1 ? gate : undefined
      },
    })
    // Let as much be sent as the buffers on the way take: until nothing more moves.
    for (let before = -1; before !== written || isFlowing; ) {
      before = written
      for (let turn = 0; turn < 200; turn += 1) await new Promise(setImmediate)
    }
    expect(written).toBeLessThan(500)
    expect(taken).toBe(1)
    open()
    const result = await running
    expect(result.status).toBe('done')
    expect(result.text.length).toBe(500 * piece.length)
    expect(taken).toBe(500)
  })
})

describe('an abort', () => {
  it('keeps the text so far, and closes the socket', async () => {
    const { engine, server } = await serve((_request, response) => {
      const send = startEvents(response)
      send(chunk({ content: 'par' }))
      send(chunk({ content: 'tial' }))
    })
    const abort = new AbortController()
    let heard = ''
    const result = await engine.run(anEngineCall({ promptTokens: 11 }), abort.signal, {
      delta: ({ text }) => {
        heard += text
        if (heard === 'partial') abort.abort()
      },
    })
    expect(result).toMatchObject({
      status: 'aborted',
      text: 'partial',
      finishReason: '',
      error: null,
      isUsageReported: false,
      usage: { promptTokens: 11, outputTokens: 2 },
    })
    await server.until(() => server.openSockets === 0)
  })

  it('settles before the engine has answered, and before a connection is there', async () => {
    const { engine, server } = await serve(() => {})
    const abort = new AbortController()
    const running = engine.run(anEngineCall(), abort.signal)
    await server.until(() => server.requests.length === 1)
    abort.abort()
    expect(await running).toMatchObject({ status: 'aborted', text: '', firstTokenAtMs: null })
    await server.until(() => server.openSockets === 0)

    const early = new AbortController()
    const unsent = engine.run(anEngineCall(), early.signal)
    early.abort()
    expect((await unsent).status).toBe('aborted')
    expect((await engine.run(anEngineCall(), AbortSignal.abort())).status).toBe('aborted')
    expect(server.requests).toHaveLength(1)
  })

  it('settles though the observer never comes back', async () => {
    const { engine, server } = await serve((_request, response) => answer(response))
    const abort = new AbortController()
    const running = engine.run(anEngineCall(), abort.signal, { delta: () => new Promise<void>(() => {}) })
    await server.until(() => server.requests.length === 1)
    abort.abort()
    expect((await running).status).toBe('aborted')
  })

  it('leaves no listener on the signal, and after the end changes nothing', async () => {
    const { engine } = await serve((_request, response) => answer(response))
    const abort = new AbortController()
    let listeners = 0
    const { signal } = abort
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = ((...args: Parameters<typeof add>) => {
      listeners += 1
      add(...args)
    }) as typeof add
    signal.removeEventListener = ((...args: Parameters<typeof remove>) => {
      listeners -= 1
      remove(...args)
    }) as typeof remove
    const result = await engine.run(anEngineCall(), signal)
    expect(listeners).toBe(0)
    abort.abort()
    expect(result.status).toBe('done')
  })
})

describe('a socket that dies', () => {
  /** Serves the first request of every socket; later ones as `later` says. */
  const servesOnce =
    (later: (request: LoopbackRequest, response: ServerResponse) => void): LoopbackHandler =>
    (request, response) =>
      request.onSocket === 1 ? answer(response) : later(request, response)

  it('before the first byte, when reused: the call is sent once more', async () => {
    const { engine, server } = await serve(servesOnce(({ socket }) => socket.destroy()))
    await engine.run(anEngineCall(), never())
    await socketsFree()
    expect(await engine.run(anEngineCall({ id: 'run_2/0/0/0' }), never())).toMatchObject({
      status: 'done',
      text: 'Hello',
    })
    expect(server.requests.map(({ onSocket }) => onSocket)).toEqual([1, 2, 1])
    expect(server.requests.slice(1).map(({ headers }) => headers['x-request-id'])).toEqual([
      'run_2/0/0/0',
      'run_2/0/0/0',
    ])
  })

  it('by a reset, likewise', async () => {
    const { engine, server } = await serve(servesOnce(({ socket }) => socket.resetAndDestroy()))
    await engine.run(anEngineCall(), never())
    await socketsFree()
    expect((await engine.run(anEngineCall(), never())).status).toBe('done')
    expect(server.requests).toHaveLength(3)
  })

  it('a second time: no third try', async () => {
    let isSick = false
    const { engine, server } = await serve((request, response) =>
      isSick ? void request.socket.destroy() : answer(response),
    )
    await engine.run(anEngineCall(), never())
    await socketsFree()
    isSick = true
    expect(await engine.run(anEngineCall(), never())).toMatchObject({
      status: 'failed',
      error: { code: 'ENGINE_UNREACHABLE' },
    })
    expect(server.requests).toHaveLength(3)
  })

  it('when fresh: no second try', async () => {
    const { engine, server } = await serve(({ socket }) => void socket.destroy())
    expect(await engine.run(anEngineCall(), never())).toMatchObject({
      status: 'failed',
      error: { code: 'ENGINE_UNREACHABLE' },
    })
    expect(server.requests).toHaveLength(1)
  })

  it.each([
    ['in the head', 'HTTP/1.1 200 OK\r\nContent-Ty'],
    ['after the head', 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n'],
  ])('%s: no second try, for the engine had begun', async (_name, bytes) => {
    const { engine, server } = await serve(servesOnce(({ socket }) => socket.write(bytes, () => socket.destroy())))
    await engine.run(anEngineCall(), never())
    await socketsFree()
    expect(await engine.run(anEngineCall(), never())).toMatchObject({
      status: 'failed',
      error: { code: 'STREAM_INTERRUPTED' },
    })
    expect(server.requests).toHaveLength(2)
  })

  it('in the middle of an answer: the text so far is kept', async () => {
    const { engine, server } = await serve((_request, response) => {
      startEvents(response)(chunk({ content: 'half' }))
      response.write('data: {"choi', () => response.destroy())
    })
    expect(await engine.run(anEngineCall(), never())).toMatchObject({
      status: 'failed',
      text: 'half',
      finishReason: '',
      error: { code: 'STREAM_INTERRUPTED', status: 200 },
    })
    expect(server.requests).toHaveLength(1)
  })
})

describe('a failure', () => {
  it('of an engine that is not there', async () => {
    const server = await startLoopback(() => {})
    await server.close()
    const { error, status } = await engineAt(server.url).run(anEngineCall(), never())
    expect(status).toBe('failed')
    expect(error).toMatchObject({ code: 'ENGINE_UNREACHABLE', status: null, retryAfterMs: null })
    expect(error?.message).toContain('connection refused')
  })

  it('of an engine that does not speak HTTP', async () => {
    const server = createServer((socket) => socket.on('error', () => {}).end('SSH-2.0-OpenSSH_9.6\r\n'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    closers.push(async () => void server.close())
    const { port } = server.address() as { port: number }
    const result = await engineAt(`http://127.0.0.1:${port}`).run(anEngineCall(), never())
    expect(result).toMatchObject({ status: 'failed', error: { code: 'ENGINE_BAD_RESPONSE' } })
  })

  it.each([
    [400, 'CONTEXT_TOO_LONG'],
    [404, 'MODEL_UNKNOWN'],
    [429, 'ENGINE_OVERLOADED'],
    [500, 'ENGINE_BAD_RESPONSE'],
    [504, 'ENGINE_TIMEOUT'],
  ])('by refusal: %i is %s', async (status, code) => {
    const { engine, server } = await serve((_request, response) =>
      sendJson(
        response,
        { error: { message: 'maximum context length is 9 tokens', type: 'x', param: null, code: null } },
        { status, headers: { 'retry-after': '3' } },
      ),
    )
    const result = await engine.run(anEngineCall(), never())
    expect(result).toMatchObject({ status: 'failed', text: '', error: { code, status, retryAfterMs: 3000 } })
    expect(server.requests).toHaveLength(1)
  })

  it('by an error in the stream frees the socket, and keeps the text', async () => {
    const { engine, server } = await serve((_request, response) => {
      const send = startEvents(response)
      send(chunk({ content: 'a' }))
      send({ error: { message: 'out of memory', type: 'server_error', code: null } })
    })
    const result = await engine.run(anEngineCall(), never())
    expect(result).toMatchObject({ status: 'failed', text: 'a', error: { code: 'ENGINE_BAD_RESPONSE' } })
    await server.until(() => server.openSockets === 0)
  })

  it('by garbage without end frees the socket too', async () => {
    const { engine, server } = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' })
      response.write('<html>')
    })
    expect((await engine.run(anEngineCall(), never())).error?.code).toBe('ENGINE_BAD_RESPONSE')
    await server.until(() => server.openSockets === 0)
  })

  it('by closing the engine ends what is under way', async () => {
    const { engine, server } = await serve(() => {})
    const running = engine.run(anEngineCall(), never())
    await server.until(() => server.requests.length === 1)
    await engine.close()
    expect((await running).status).toBe('failed')
    expect((await engine.run(anEngineCall(), never())).error?.code).toBe('ENGINE_UNREACHABLE')
  })

  it.each(['', 'gpu1:8000', 'ftp://gpu1', 'http://'])('of an address that is none: %j', (url) => {
    expect(() => engineAt(url)).toThrow(/http or https/)
  })
})
