/** @file Probing: what stands behind a URL, and why not where nothing does. */
import { createServer } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { type LoopbackHandler, sendJson, startLoopback } from '../../../test/loopback-server.ts'
import { createWallClock } from '../../core/index.ts'
import { ManualClock } from '../../testing/index.ts'
import { type ProbeOptions, probeEngine } from './probe-engine.ts'

const closers: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

async function probe(handler: LoopbackHandler, options: Partial<ProbeOptions> = {}) {
  const server = await startLoopback(handler)
  closers.push(() => server.close())
  const report = await probeEngine({ url: server.url, timeoutMs: 10_000, clock: createWallClock(), ...options })
  return { report, server }
}

const metrics = 'vllm:num_requests_running 0\nvllm:cache_config_info{num_gpu_blocks="100",block_size="16"} 1\n'

/** Speaks like vLLM; `priorityStatus`: its answer to a request with a priority. */
const vllm =
  (priorityStatus = 200): LoopbackHandler =>
  ({ path, body }, response) => {
    if (path === '/health') return void response.end()
    if (path === '/metrics') return void response.end(metrics)
    if (path === '/v1/models')
      return sendJson(response, { data: [{ id: 'org/m', owned_by: 'vllm', max_model_len: 4096 }] })
    if (path !== '/v1/chat/completions') return sendJson(response, {}, { status: 404 })
    const isTiny = JSON.parse(body).max_tokens === 1 && JSON.parse(body).priority !== 0
    sendJson(response, {}, { status: isTiny ? priorityStatus : 418 })
  }

describe('probeEngine', () => {
  it('finds out what vLLM says of itself', async () => {
    const { report, server } = await probe(vllm())
    expect(report).toMatchObject({
      url: server.url,
      isReachable: true,
      reason: null,
      dialect: 'vllm',
      isGateway: false,
      servedModels: ['org/m'],
      contextTokens: 4096,
      kvTokens: 1600,
      slots: null,
      health: 'ok',
      acceptsPriority: null,
      metricNames: { running: 'vllm:num_requests_running', kvTokens: 'vllm:cache_config_info' },
    })
    expect(report.missing).toContain('kvUsage')
    expect(report.healthLatencyMs).toBeGreaterThanOrEqual(0)
    expect(server.requests.every(({ method }) => method === 'GET')).toBe(true)
  })

  it.each([
    [200, true],
    [400, false],
    [500, null],
  ])('asks about the priority only when told to: %i means %s', async (status, acceptsPriority) => {
    const { report, server } = await probe(vllm(status), { probePriority: true, apiKey: 'k' })
    expect(report.acceptsPriority).toBe(acceptsPriority)
    const posts = server.requests.filter(({ method }) => method === 'POST')
    expect(posts).toHaveLength(1)
    expect(posts[0]?.headers['authorization']).toBe('Bearer k')
  })

  it('knows llama.cpp by its properties, and that it has no priority', async () => {
    const { report, server } = await probe(
      ({ path }, response) => {
        if (path === '/v1/models') return sendJson(response, { data: [{ id: 'tiny', owned_by: 'me' }] })
        if (path === '/props')
          return sendJson(response, { total_slots: 4, default_generation_settings: { n_ctx: 2048 } })
        sendJson(response, {}, { status: path === '/health' ? 200 : 501 })
      },
      { probePriority: true },
    )
    expect(report).toMatchObject({ dialect: 'llama-cpp', slots: 4, contextTokens: 2048, acceptsPriority: false })
    expect(server.requests.every(({ method }) => method === 'GET')).toBe(true)
  })

  it('takes anything else that lists models for a generic server, under a path too', async () => {
    const { server } = await probe((_request, response) => sendJson(response, {}, { status: 404 }))
    await server.close()
    const second = await startLoopback(({ path }, response) =>
      path === '/api/v1/models' ? sendJson(response, { data: [{ id: 'm' }] }) : sendJson(response, {}, { status: 404 }),
    )
    closers.push(() => second.close())
    const report = await probeEngine({ url: `${second.url}/api/v1`, timeoutMs: 10_000, clock: createWallClock() })
    expect(report).toMatchObject({ isReachable: true, dialect: 'openai', servedModels: ['m'], health: 'ok' })
  })

  it('knows a gateway by who owns its models', async () => {
    const { report } = await probe(({ path }, response) =>
      path === '/v1/models'
        ? sendJson(response, {
            data: [
              { id: 'inframind', owned_by: 'inframind' },
              { id: 'm', owned_by: 'engine' },
            ],
          })
        : sendJson(response, {}, { status: 404 }),
    )
    expect(report).toMatchObject({ isReachable: true, isGateway: true, dialect: 'openai' })
  })

  it.each([
    [404, {}, 'not an OpenAI-compatible server: GET /v1/models answered 404'],
    [200, { hello: 1 }, 'not an OpenAI-compatible server: GET /v1/models answered 200 without a model'],
    [200, { data: [] }, 'not an OpenAI-compatible server: GET /v1/models answered 200 without a model'],
    [401, {}, 'GET /v1/models answered 401: set or correct api_key'],
    [503, {}, 'GET /v1/models answered 503: the engine is loading or shutting down'],
    [500, {}, 'not an OpenAI-compatible server: GET /v1/models answered 500'],
  ])('says why a server is none of ours: %i %j', async (status, body, reason) => {
    const { report } = await probe((_request, response) => sendJson(response, body, { status }))
    expect(report).toMatchObject({ isReachable: false, reason, dialect: null, servedModels: [], health: 'down' })
  })

  it('says that nobody listens, that nobody answers, and that this is no URL', async () => {
    const { server } = await probe((_request, response) => sendJson(response, {}))
    await server.close()
    const clock = createWallClock()
    expect(await probeEngine({ url: server.url, timeoutMs: 5_000, clock })).toMatchObject({
      reason: 'connection refused',
    })
    expect(await probeEngine({ url: 'gpu1', timeoutMs: 5_000, clock })).toMatchObject({
      reason: 'not an http or https URL',
    })

    const manual = new ManualClock()
    const silent = await startLoopback(() => {})
    closers.push(() => silent.close())
    const running = probeEngine({ url: silent.url, timeoutMs: 300, clock: manual })
    await silent.until(() => silent.requests.length === 3)
    manual.advanceBy(300)
    expect(await running).toMatchObject({ isReachable: false, reason: 'timed out after 300 ms' })
  })

  it('says that a server speaks another protocol', async () => {
    const server = createServer((socket) => void socket.on('error', () => {}).end('SSH-2.0-x\r\n'))
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    closers.push(async () => void server.close())
    const { port } = server.address() as { port: number }
    const report = await probeEngine({ url: `http://127.0.0.1:${port}`, timeoutMs: 5_000, clock: createWallClock() })
    expect(report.reason).toContain('does not speak HTTP')
  })
})
