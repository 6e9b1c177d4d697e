/** @file Readings over HTTP: health, load, capabilities, and what is missing, per dialect. */
import { readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { resolve } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { type Loopback, sendJson, startLoopback } from '../../../test/loopback-server.ts'
import { ManualClock } from '../../testing/index.ts'
import type { DialectId } from './dialects/dialect.ts'
import { createHttpEngine, type HttpEngine } from './http-engine.ts'

const never = () => new AbortController().signal
const closers: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

type Page = string | object | ((response: ServerResponse) => void)

/** A server of the given pages; 404 elsewhere. The pages may be changed on the way. */
async function serve(dialect: DialectId, pages: Record<string, Page>, slots: number | null = null) {
  const server: Loopback = await startLoopback(({ path }, response) => {
    const page = pages[path]
    if (page === undefined) return sendJson(response, { detail: 'Not Found' }, { status: 404 })
    if (typeof page === 'function') return page(response)
    if (typeof page === 'string') return void response.end(page)
    sendJson(response, page)
  })
  const clock = new ManualClock(1_000)
  const engine: HttpEngine = createHttpEngine({
    id: 'small#1',
    model: 'small',
    servedModel: 'served',
    url: server.url,
    dialect,
    clock,
    acceptsPriority: false,
    slots,
  })
  closers.push(
    () => server.close(),
    () => engine.close(),
  )
  const asked = (path: string) => server.requests.filter((request) => request.path === path).length
  return { engine, clock, pages, server, asked }
}

const fixture = (file: string) => {
  const text = readFileSync(resolve(import.meta.dirname, '../../../test/fixtures/llama-cpp', file), 'utf8')
  return text.startsWith('HTTP/') ? text.slice(text.indexOf('\r\n\r\n') + 4) : text
}

const status =
  (code: number, body = '') =>
  (response: ServerResponse) => {
    response.writeHead(code)
    response.end(body)
  }

const vllmPages = (): Record<string, Page> => ({
  '/health': '',
  '/metrics': 'vllm:num_requests_running 3\nvllm:num_requests_waiting 1\nvllm:kv_cache_usage_perc 0.5\n',
  '/v1/models': {
    data: [
      { id: 'adapter', max_model_len: 512 },
      { id: 'served', max_model_len: 4096, owned_by: 'vllm' },
    ],
  },
})

describe('a vLLM engine', () => {
  it('reads whole, and says what it does not publish', async () => {
    const { engine } = await serve('vllm', vllmPages(), 64)
    expect(await engine.read(never())).toEqual({
      atMs: 1_000,
      health: 'ok',
      dialect: 'vllm',
      running: 3,
      waiting: 1,
      kvUsage: 0.5,
      ttft: null,
      interToken: null,
      e2e: null,
      queueTime: null,
      contextTokens: 4096,
      slots: 64,
      kvTokens: null,
      servedModels: ['adapter', 'served'],
      metricNames: {
        running: 'vllm:num_requests_running',
        waiting: 'vllm:num_requests_waiting',
        kvUsage: 'vllm:kv_cache_usage_perc',
      },
      missing: ['ttft', 'interToken', 'e2e', 'queueTime', 'kvTokens'],
    })
  })

  it('is healthy without metrics: nulls, not zeros', async () => {
    const { engine } = await serve('vllm', { '/health': '' })
    const reading = await engine.read(never())
    expect(reading).toMatchObject({ health: 'ok', running: null, waiting: null, kvUsage: null, servedModels: [] })
    expect(reading.missing).toEqual(expect.arrayContaining(['running', 'waiting', 'kvUsage', 'contextTokens', 'slots']))
  })

  it('is asked for its models at first, once a minute, and after an outage', async () => {
    const { engine, clock, pages, asked } = await serve('vllm', vllmPages())
    await engine.read(never())
    await engine.read(never())
    expect(asked('/v1/models')).toBe(1)
    clock.advanceBy(60_000)
    await engine.read(never())
    expect(asked('/v1/models')).toBe(2)
    pages['/health'] = status(503)
    expect((await engine.read(never())).health).toBe('down')
    pages['/health'] = ''
    pages['/v1/models'] = { data: [{ id: 'served', max_model_len: 8192 }] }
    expect(await engine.read(never())).toMatchObject({ health: 'ok', contextTokens: 8192 })
    expect(asked('/metrics')).toBe(5)
  })

  it.each([
    ['dead', status(503), 'down'],
    ['loading', status(503, '{"error":{"code":503,"message":"Loading model"}}'), 'loading'],
    ['broken', status(500), 'down'],
    ['refusing our key', status(401), 'down'],
    ['without a health page', status(404), 'ok'],
  ] as const)('%s', async (_name, page, health) => {
    const { engine } = await serve('vllm', { ...vllmPages(), '/health': page })
    expect((await engine.read(never())).health).toBe(health)
  })

  it('reads as down when it is not there, and when it does not answer in time', async () => {
    const { engine, server } = await serve('vllm', { ...vllmPages(), '/health': () => {} })
    const abort = new AbortController()
    const reading = engine.read(abort.signal)
    await server.until(() => server.requests.some(({ path }) => path === '/health'))
    abort.abort()
    expect((await reading).health).toBe('down')
    await server.close()
    expect(await engine.read(never())).toMatchObject({ health: 'down', running: null })
  })
})

describe('a llama.cpp engine', () => {
  const pages = (): Record<string, Page> => ({
    '/health': { status: 'ok' },
    '/v1/models': JSON.parse(fixture('models.json')),
    '/props': JSON.parse(fixture('props.http')),
    '/slots': JSON.parse(fixture('slots-overload.json')),
    '/metrics': fixture('metrics-overload.prom'),
  })

  it('reads whole from recorded pages', async () => {
    const { engine, asked } = await serve('llama-cpp', pages())
    const reading = await engine.read(never())
    expect(reading).toMatchObject({
      health: 'ok',
      running: 2,
      waiting: 4,
      slots: 4,
      contextTokens: 2048,
      kvTokens: null,
      servedModels: ['tiny-random'],
    })
    expect(reading.metricNames).toMatchObject({ slots: '/props', running: 'llamacpp:requests_processing' })
    expect(reading.missing).toEqual(['ttft', 'e2e', 'queueTime', 'kvTokens'])
    expect(asked('/slots')).toBe(0)
  })

  it('without metrics: counts its busy slots', async () => {
    const busy = await serve('llama-cpp', { ...pages(), '/metrics': status(501) })
    expect(await busy.engine.read(never())).toMatchObject({
      running: 2,
      waiting: null,
      metricNames: { running: '/slots' },
    })
    const idle = await serve('llama-cpp', {
      ...pages(),
      '/metrics': status(501),
      '/slots': JSON.parse(fixture('slots-idle.http')),
    })
    expect((await idle.engine.read(never())).running).toBe(0)
    const closed = await serve('llama-cpp', { ...pages(), '/metrics': status(501), '/slots': status(501) })
    expect((await closed.engine.read(never())).running).toBeNull()
  })
})

describe('a generic engine', () => {
  it('is healthy when it lists its models, and says nothing else', async () => {
    const models = { data: [{ id: 'served', context_length: 32_000 }] }
    const { engine, asked } = await serve('openai', { '/v1/models': models, '/metrics': 'vllm:num_requests_running 3' })
    const reading = await engine.read(never())
    expect(reading).toMatchObject({ health: 'ok', running: null, contextTokens: 32_000, metricNames: {} })
    expect(asked('/metrics')).toBe(0)
  })
})
