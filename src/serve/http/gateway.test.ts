/** @file The gateway in-process: what it tells of itself, paths and methods, bodies that cannot be read, models. */
import { describe, expect, it } from 'vitest'
import { aGateway, chat, engineSays, says, until, virtualModel } from '../../../test/gateway-fakes.ts'
import { ask, errorOf, get, post } from '../../../test/gateway-requests.ts'
import type { RunRecord } from '../../core/index.ts'
import { aRunRecord } from '../../testing/index.ts'
import type { InjectedRequest } from './ports.ts'

describe('what the gateway tells of itself', () => {
  it('lists virtual models and engines, and finds each by name, slashes included', async () => {
    const { gateway } = await aGateway()
    const { data } = JSON.parse((await gateway.inject(get('/v1/models'))).body)
    expect(data.map((model: { id: string }) => model.id)).toEqual(['inframind', 'fast', 'small', 'org/large'])
    expect(data[2]).toMatchObject({ object: 'model', owned_by: 'engine', max_model_len: 8192 })
    expect(data[3]).not.toHaveProperty('max_model_len')
    expect(JSON.parse((await gateway.inject(get('/v1/models/org/large'))).body).id).toBe('org/large')
    expect(errorOf(await gateway.inject(get('/v1/models/none')))).toMatchObject({
      status: 404,
      code: 'model_not_found',
    })
  })

  it('says so where engines are simulated', async () => {
    const { gateway } = await aGateway(says('x'), { simulated: true })
    expect(JSON.parse((await gateway.inject(get('/v1/models'))).body).data[0].simulated).toBe(true)
    expect(JSON.parse((await gateway.inject(get('/v1/cluster'))).body).simulated).toBe(true)
    expect(JSON.parse((await gateway.inject(ask())).body).inframind.simulated).toBe(true)
  })

  it('shows the cluster with null where nothing is known', async () => {
    const { gateway } = await aGateway()
    const cluster = JSON.parse((await gateway.inject(get('/v1/cluster'))).body)
    expect(cluster).toMatchObject({ load: 0, models: [{ model: 'small', kv_usage: 0 }, { kv_usage: null }] })
    expect(cluster.models[0].replicas[0]).toMatchObject({
      replica: 'small#1',
      usable: true,
      slots: 8,
      kv_tokens: 100000,
    })
  })

  it('finds the record of a run', async () => {
    const record: RunRecord = aRunRecord({ runId: 'run_1' })
    const { gateway } = await aGateway(undefined, { runs: { find: (id) => (id === 'run_1' ? record : undefined) } })
    expect(JSON.parse((await gateway.inject(get('/v1/runs/run_1'))).body)).toEqual(JSON.parse(JSON.stringify(record)))
    expect(errorOf(await gateway.inject(get('/v1/runs/run_2')))).toMatchObject({
      status: 404,
      inframind_code: 'NOT_FOUND',
    })
  })

  it('is healthy always, and ready while an engine is usable', async () => {
    let isUsable = false
    const { gateway } = await aGateway(undefined, { isReady: () => isUsable })
    expect((await gateway.inject(get('/health'))).status).toBe(200)
    expect((await gateway.inject(get('/ready'))).status).toBe(503)
    isUsable = true
    expect(await gateway.inject(get('/ready'))).toMatchObject({ status: 200, body: '{"ready":true}' })
  })

  it('counts in /metrics what happened, and leaves out a KV usage that nobody reports', async () => {
    const { gateway } = await aGateway(says('391', { degraded: ['cut'] }))
    await gateway.inject(ask())
    await gateway.inject(ask({ n: 2 }))
    await gateway.inject(post('/v1/embeddings', { model: 'small', input: 'x' }))
    await gateway.inject(ask({ model: 'nothing-of-ours' }))
    // A relayed request counts when its last byte is out, which its reader may see first.
    let { body, headers } = await gateway.inject(get('/metrics'))
    await until(async () => {
      ;({ body, headers } = await gateway.inject(get('/metrics')))
      return body.includes('kind="relayed",model="small",outcome')
    })
    expect(headers['content-type']).toContain('text/plain')
    for (const line of [
      'inframind_requests_total{kind="orchestrated",model="inframind",outcome="answered"} 1',
      'inframind_requests_total{kind="relayed",model="small",outcome="answered"} 1',
      'inframind_requests_total{kind="orchestrated",model="unknown",outcome="model_unknown"} 1',
      'inframind_runs_by_deadline_total{model="inframind",on_time="true"} 1',
      'inframind_degraded_runs_total{degradation="cut"} 1',
      'inframind_steps_total{model="small",strategy="Concise",outcome="done"} 1',
      'inframind_queue_wait_seconds_count{model="small"} 1',
      'inframind_step_prediction_ratio_bucket{le="1",model="small"} 1',
      'inframind_request_duration_seconds_count{kind="relayed",model="small"} 1',
      'inframind_model_running{model="org/large"} 0',
      'inframind_model_kv_usage_ratio{model="small"} 0',
      'inframind_requests_under_way 0',
      'inframind_ready 1',
    ]) {
      expect(body).toContain(`${line}\n`)
    }
    expect(body).not.toContain('inframind_model_kv_usage_ratio{model="org/large"}')
    expect(body).not.toContain('nothing-of-ours')
  })
})

describe('paths and methods', () => {
  it.each<[InjectedRequest['method'], string, number, string]>([
    ['GET', '/nothing', 404, 'NOT_FOUND'],
    ['GET', '/v1/events', 404, 'NOT_FOUND'],
    ['POST', '/nothing', 404, 'NOT_FOUND'],
    ['GET', '/v1/chat/completions', 405, 'METHOD_NOT_ALLOWED'],
    ['DELETE', '/v1/embeddings', 405, 'METHOD_NOT_ALLOWED'],
    ['PUT', '/v1/models', 405, 'METHOD_NOT_ALLOWED'],
    ['DELETE', '/v1/runs/run_1', 405, 'METHOD_NOT_ALLOWED'],
    ['POST', '/health', 405, 'METHOD_NOT_ALLOWED'],
    ['GET', '/%zz', 404, 'NOT_FOUND'],
  ])('%s %s: %i', async (method, path, status, code) => {
    const { gateway } = await aGateway()
    const response = await gateway.inject({ method, path })
    expect(errorOf(response)).toMatchObject({ status, inframind_code: code })
    expect(response.headers['x-should-retry']).toBe('false')
    expect('allow' in response.headers).toBe(status === 405)
  })

  it.each(['/v1/models', '/v1/models/small', '/v1/cluster', '/v1/runs/x'])('POST %s is 405', async (path) => {
    const { gateway } = await aGateway()
    expect(errorOf(await gateway.inject(post(path, chat())))).toMatchObject({
      status: 405,
      headers: { allow: 'GET, HEAD' },
    })
  })

  it.each(['/v1/../admin', '/v1/..', '/v1/a//b', '/v1/a%00', '/v1/'])('never passes %s on', async (path) => {
    const { gateway, relayed } = await aGateway()
    const { status } = await gateway.inject(post(path, { model: 'small' }))
    expect([404, relayed.length]).toEqual([status, 0])
  })
})

describe('bodies that cannot be read', () => {
  const raw = (body: string | Uint8Array, headers: Record<string, string> = {}): InjectedRequest => ({
    method: 'POST',
    path: '/v1/chat/completions',
    headers,
    body,
  })
  it.each<[string, InjectedRequest, number, string]>([
    ['nothing', { method: 'POST', path: '/v1/chat/completions' }, 400, 'REQUEST_INVALID'],
    ['an empty body', raw(''), 400, 'REQUEST_INVALID'],
    ['half an object', raw('{"model": "infra'), 400, 'REQUEST_INVALID'],
    ['a list', raw('[1]'), 400, 'REQUEST_INVALID'],
    ['null', raw('null'), 400, 'REQUEST_INVALID'],
    ['a number', raw('12'), 400, 'REQUEST_INVALID'],
    ['invalid UTF-8', raw(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])), 400, 'REQUEST_INVALID'],
    ['a byte-order mark', raw(`\uFEFF${JSON.stringify(chat())}`), 400, 'REQUEST_INVALID'],
    ['endless nesting', raw(`{"a":${'['.repeat(200_000)}`), 400, 'REQUEST_INVALID'],
    [
      'deep valid nesting',
      raw(JSON.stringify(chat({ x: JSON.parse('['.repeat(150) + ']'.repeat(150)) }))),
      400,
      'REQUEST_INVALID',
    ],
    ['a huge body', raw(JSON.stringify(chat({ x: 'y'.repeat(1024 * 1024) }))), 413, 'PAYLOAD_TOO_LARGE'],
    ['text', raw('hello', { 'content-type': 'text/plain' }), 415, 'MEDIA_TYPE_UNSUPPORTED'],
    ['a form', raw('a=b', { 'content-type': 'application/x-www-form-urlencoded' }), 415, 'MEDIA_TYPE_UNSUPPORTED'],
    ['a compressed body', raw('{}', { 'content-encoding': 'gzip' }), 415, 'MEDIA_TYPE_UNSUPPORTED'],
    ['a nonsense media type', raw('{}', { 'content-type': ';;;' }), 415, 'MEDIA_TYPE_UNSUPPORTED'],
  ])('%s: %#', async (_, request, status, code) => {
    const { gateway, runtime } = await aGateway()
    expect(errorOf(await gateway.inject(request))).toMatchObject({ status, inframind_code: code })
    expect(runtime.requests).toEqual([])
  })

  it('takes JSON with a charset', async () => {
    const { gateway } = await aGateway(says('ok'))
    const headers = { 'content-type': 'application/json; charset=utf-8' }
    expect((await gateway.inject(raw(JSON.stringify(chat()), headers))).status).toBe(200)
  })
})

describe('models', () => {
  it.each<[unknown, number, string]>([
    ['infra-mind', 404, 'Did you mean "inframind"?'],
    ['smal', 404, 'Did you mean "small"?'],
    ['gpt-9-turbo', 404, 'Known: inframind, fast, small, org/large.'],
    ['small@10s', 404, 'No model'],
    ['inframind@', 400, 'inframind@10s'],
    ['inframind@ten', 400, 'got "ten"'],
    ['inframind@10', 400, 'inframind@10s'],
    ['inframind@0s', 400, 'above 0'],
    ['inframind@-5s', 400, 'inframind@10s'],
    ['inframind@2d', 400, '24 h'],
    ['', 400, 'name of a model'],
    [7, 400, 'name of a model'],
    [null, 400, 'name of a model'],
    [undefined, 400, 'name of a model'],
  ])('%j is refused with %i', async (model, status, words) => {
    const { gateway } = await aGateway()
    const error = errorOf(await gateway.inject(ask({ model })))
    expect(error).toMatchObject({ status, param: 'model' })
    expect(error.message).toContain(words)
  })

  it('virtual ones answer chat alone', async () => {
    const { gateway } = await aGateway()
    const error = errorOf(await gateway.inject(post('/v1/embeddings', { model: 'fast', input: 'x' })))
    expect(error).toMatchObject({ status: 400, param: 'model', code: 'unsupported_parameter' })
  })

  it('take what the virtual model says where the request says nothing', async () => {
    const virtual = virtualModel({ domain: 'math', budgetMs: 9000, limits: { maxAgents: 2, maxCalls: 4 } })
    const { gateway, runtime } = await aGateway(says('x'), { virtualModels: new Map([['inframind', virtual]]) })
    await gateway.inject(ask({ inframind: { max_agents: 5 } }))
    expect(runtime.lastRequest).toMatchObject({ domain: 'math', budgetMs: 9000, limits: { maxAgents: 5, maxCalls: 4 } })
    await gateway.inject(ask({ model: 'inframind@1500ms', inframind: { domain: 'code' } }))
    expect(runtime.lastRequest).toMatchObject({ domain: 'code', budgetMs: 1500, limits: { maxAgents: 2 } })
  })

  it('of engines are relayed', async () => {
    const { gateway, relayed, runtime } = await aGateway(undefined, { engineAnswer: () => engineSays('{}') })
    await gateway.inject(ask({ model: 'org/large' }))
    expect([relayed[0]?.replica, runtime.requests]).toEqual(['org/large#1', []])
  })
})
