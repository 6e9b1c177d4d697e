/** @file The gateway in-process: every route, every refusal in OpenAI's shape, keys, limits, draining. */
import { describe, expect, it } from 'vitest'
import { aborted, aGateway, answered, chat, engineSays, says, virtualModel } from '../../../test/gateway-fakes.ts'
import { InframindError, type RunRecord } from '../../core/index.ts'
import { aRunRecord, ManualClock } from '../../testing/index.ts'
import { type ApiKey, hashKey } from '../config/index.ts'
import type { InjectedRequest, InjectedResponse } from './ports.ts'

const post = (path: string, body: unknown, headers: Record<string, string> = {}): InjectedRequest => ({
  method: 'POST',
  path,
  headers,
  body: body as object,
})
const ask = (fields: object = {}, headers: Record<string, string> = {}) =>
  post('/v1/chat/completions', chat(fields), headers)
const get = (path: string, headers: Record<string, string> = {}): InjectedRequest => ({ method: 'GET', path, headers })
const errorOf = ({ status, body, headers }: InjectedResponse) => ({
  status,
  ...(
    JSON.parse(body) as {
      error: { message: string; param: string | null; code: string | null; inframind_code: string }
    }
  ).error,
  headers,
})

const apiKey = (overrides: Partial<ApiKey> = {}): ApiKey => ({
  id: 'team',
  sha256: hashKey('secret'),
  ratePerMinute: null,
  concurrency: null,
  maxBudgetMs: null,
  models: null,
  maxCalls: null,
  maxTotalTokens: null,
  ...overrides,
})
const bearer = (key = 'secret') => ({ authorization: `Bearer ${key}` })

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
    const { body, headers } = await gateway.inject(get('/metrics'))
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

describe('an answer that is not streamed', () => {
  it('is a usual chat completion with summed usage, the story, and headers', async () => {
    const { gateway } = await aGateway(says('It is 391.'))
    const { status, headers, body } = await gateway.inject(ask({ model: 'inframind@10s' }))
    const answer = JSON.parse(body)
    expect(status).toBe(200)
    expect(answer).toMatchObject({
      object: 'chat.completion',
      model: 'inframind@10s',
      system_fingerprint: 'policy_1',
      choices: [
        { index: 0, message: { role: 'assistant', content: 'It is 391.' }, logprobs: null, finish_reason: 'stop' },
      ],
      usage: {
        prompt_tokens: 500,
        completion_tokens: 320,
        total_tokens: 820,
        completion_tokens_details: { reasoning_tokens: 200 },
      },
      inframind: {
        topology: 'io',
        final_usage: { prompt_tokens: 200, completion_tokens: 120, total_tokens: 320 },
        budget_ms: 10_000,
        elapsed_ms: 1300,
        slack_ms: 8700,
        on_time: true,
        degraded: null,
      },
    })
    expect(answer.inframind).not.toHaveProperty('simulated')
    expect(answer.inframind.steps).toEqual([
      {
        step: '0/0',
        role: 'MathSolver',
        model: 'small',
        strategy: 'Concise',
        queue_ms: 0,
        ttft_ms: 100,
        e2e_ms: 1300,
        prompt_tokens: 200,
        output_tokens: 120,
        predicted_ms: 1300,
        status: 'done',
      },
      expect.objectContaining({ step: '0/1', model: null, strategy: null, status: 'stopped' }),
    ])
    expect(answer.id).toBe(`chatcmpl-${answer.inframind.run_id}`)
    expect(headers).toMatchObject({
      'x-inframind-run-id': answer.inframind.run_id,
      'x-inframind-topology': 'io',
      'x-inframind-slack-ms': '8700',
      'x-inframind-degraded': 'none',
    })
  })

  it('relays tool calls, log-probabilities and the engine finish reason', async () => {
    const toolCalls = [{ id: 'call_1', type: 'function', function: { name: 'add', arguments: '{}' } }]
    const result = { toolCalls, finishReason: 'tool_calls', logprobs: { content: [] } }
    const { gateway } = await aGateway(async ({ request }) => answered(request, '', result))
    const { choices } = JSON.parse((await gateway.inject(ask())).body)
    expect(choices).toEqual([
      {
        index: 0,
        message: { role: 'assistant', content: null, tool_calls: toolCalls },
        logprobs: { content: [] },
        finish_reason: 'tool_calls',
      },
    ])
  })

  it('shows reasoning only where asked for', async () => {
    const { gateway } = await aGateway(says('391', { reasoning: 'since 17 x 23' }))
    const message = async (fields: object) => JSON.parse((await gateway.inject(ask(fields))).body).choices[0].message
    expect(await message({})).not.toHaveProperty('reasoning_content')
    expect((await message({ inframind: { steps: 'reasoning' } })).reasoning_content).toBe('since 17 x 23')
  })

  it('names the worst degradation, and a cut as length', async () => {
    const { gateway } = await aGateway(says('39', { degraded: ['steps-dropped', 'cut'] }))
    const { body, headers } = await gateway.inject(ask())
    expect(JSON.parse(body)).toMatchObject({ choices: [{ finish_reason: 'length' }], inframind: { degraded: 'cut' } })
    expect(headers['x-inframind-degraded']).toBe('cut')
  })

  it.each<[InframindError, number, Record<string, string | undefined>]>([
    [new InframindError('BUDGET_INFEASIBLE', 'm', { status: 422 }), 422, { 'x-should-retry': 'false' }],
    [
      new InframindError('BUDGET_INFEASIBLE', 'm', { retryAfterMs: 1200.4 }),
      429,
      { 'retry-after-ms': '1201', 'retry-after': '2' },
    ],
    [new InframindError('POOL_UNAVAILABLE', 'm'), 503, { 'retry-after-ms': '1000', 'x-should-retry': undefined }],
    [new InframindError('ENGINE_UNREACHABLE', 'm'), 502, { 'retry-after-ms': undefined, 'x-should-retry': undefined }],
    [new InframindError('DEADLINE_EXCEEDED', 'm'), 504, { 'x-should-retry': 'false' }],
    [new InframindError('CONTEXT_TOO_LONG', 'm', { param: 'messages' }), 400, { 'x-should-retry': 'false' }],
  ])('a run that fails with %o keeps its status', async (error, status, headers) => {
    for (const stream of [false, true]) {
      const { gateway } = await aGateway(async ({ request }) => answered(request, '', { status: 'failed', error }))
      const response = await gateway.inject(ask({ stream }))
      expect(errorOf(response)).toMatchObject({ status, inframind_code: error.code, message: 'm', param: error.param })
      expect(response.headers).toMatchObject(
        Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined)),
      )
      for (const [name, value] of Object.entries(headers))
        if (value === undefined) expect(response.headers[name]).toBeUndefined()
      expect(response.headers['x-inframind-run-id']).toMatch(/^run_[0-9a-f]{32}$/)
    }
  })

  it('hides what we did not foresee, and logs it', async () => {
    const logged: object[] = []
    const logger = { info: () => {}, error: (fields: object) => logged.push(fields) }
    const { gateway } = await aGateway(() => Promise.reject(new Error('inner secret')), { logger })
    const response = await gateway.inject(ask())
    expect(errorOf(response)).toMatchObject({ status: 500, inframind_code: 'INVARIANT_VIOLATED' })
    expect(response.body).not.toContain('inner secret')
    expect(logged).toHaveLength(1)
  })
})

describe('API keys', () => {
  const guarded = (key: Partial<ApiKey> = {}, clock = new ManualClock(1000)) =>
    aGateway(says('ok'), { keys: [apiKey({ id: 'other', sha256: hashKey('other') }), apiKey(key)], clock })

  it.each<[string, Record<string, string>]>([
    ['no key', {}],
    ['a wrong key', bearer('wrong')],
    ['a digest instead of the key', bearer(hashKey('secret'))],
    ['another scheme', { authorization: 'Basic secret' }],
    ['an empty key', { authorization: 'Bearer ' }],
  ])('refuse %s on every path under /v1', async (_, headers) => {
    const { gateway, runtime } = await guarded()
    for (const request of [
      ask({}, headers),
      get('/v1/models', headers),
      get('/v1/cluster', headers),
      get('/v1/no', headers),
    ]) {
      expect(errorOf(await gateway.inject(request))).toMatchObject({ status: 401, code: 'invalid_api_key' })
    }
    expect(runtime.requests).toEqual([])
    for (const path of ['/health', '/ready', '/metrics'])
      expect((await gateway.inject(get(path, headers))).status).toBe(200)
  })

  it('let a known key in', async () => {
    const { gateway } = await guarded()
    expect((await gateway.inject(ask({}, bearer()))).status).toBe(200)
    expect((await gateway.inject(get('/v1/models', { authorization: 'bearer other' }))).status).toBe(200)
  })

  it('bound models: to ask for, to see, and to work in teams', async () => {
    const { gateway, runtime, relayed } = await guarded({ models: ['inframind', 'small'] })
    expect(errorOf(await gateway.inject(ask({ model: 'fast' }, bearer())))).toMatchObject({
      status: 403,
      param: 'model',
    })
    expect((await gateway.inject(ask({ model: 'org/large' }, bearer()))).status).toBe(403)
    expect((await gateway.inject(ask({ model: 'no-such' }, bearer()))).status).toBe(403)
    expect((await gateway.inject(get('/v1/models/fast', bearer()))).status).toBe(403)
    const { data } = JSON.parse((await gateway.inject(get('/v1/models', bearer()))).body)
    expect(data.map(({ id }: { id: string }) => id)).toEqual(['inframind', 'small'])
    expect((await gateway.inject(ask({ model: 'inframind@1s' }, bearer()))).status).toBe(200)
    expect(runtime.lastRequest.allowedModels).toEqual(['small'])
    expect((await gateway.inject(ask({ model: 'small' }, bearer()))).status).toBe(200)
    expect(relayed[0]?.headers).not.toHaveProperty('authorization')
  })

  it('bound budget, calls and tokens', async () => {
    const { gateway, runtime } = await guarded({ maxBudgetMs: 7000, maxCalls: 3, maxTotalTokens: 900 })
    await gateway.inject(ask({ inframind: { max_calls: 9, max_total_tokens: 100 } }, bearer()))
    expect(runtime.lastRequest).toMatchObject({ budgetMs: 7000, limits: { maxCalls: 3, maxTotalTokens: 100 } })
    await gateway.inject(ask({ inframind: { budget_ms: 2000, max_calls: 2 } }, bearer()))
    expect(runtime.lastRequest).toMatchObject({ budgetMs: 2000, limits: { maxCalls: 2, maxTotalTokens: 900 } })
  })

  it('bound the rate, and say when to come back', async () => {
    const clock = new ManualClock(1000)
    const { gateway } = await guarded({ ratePerMinute: 2 }, clock)
    const status = async (key = 'secret') => (await gateway.inject(ask({}, bearer(key)))).status
    expect([await status(), await status()]).toEqual([200, 200])
    const refused = errorOf(await gateway.inject(ask({}, bearer())))
    expect(refused).toMatchObject({ status: 429, code: 'rate_limit_exceeded', headers: { 'retry-after-ms': '30000' } })
    expect(await status('other')).toBe(200)
    clock.advanceBy(29_000)
    expect(await status()).toBe(429)
    clock.advanceBy(1_001)
    expect([await status(), await status()]).toEqual([200, 429])
  })

  it('bound requests at once, and count down again', async () => {
    const { gateway, runtime } = await guarded({ concurrency: 1 })
    let finish = () => {}
    runtime.script = ({ request }) =>
      new Promise((resolve) => {
        finish = () => resolve(answered(request, 'x'))
      })
    const first = gateway.inject(ask({}, bearer()))
    while (runtime.requests.length === 0) await Promise.race([first, new Promise(setImmediate)])
    expect(errorOf(await gateway.inject(ask({}, bearer())))).toMatchObject({
      status: 429,
      inframind_code: 'RATE_LIMITED',
    })
    finish()
    expect((await first).status).toBe(200)
    runtime.script = says('y')
    expect((await gateway.inject(ask({}, bearer()))).status).toBe(200)
    expect((await gateway.inject(ask({ n: 2 }, bearer()))).status).toBe(400)
    expect((await gateway.inject(ask({}, bearer()))).status).toBe(200)
  })

  it('show a run to its owner alone', async () => {
    const { gateway } = await aGateway(says('ok'), {
      keys: [apiKey({ id: 'other', sha256: hashKey('other') }), apiKey()],
      runs: { find: (runId) => aRunRecord({ runId }) },
    })
    const { headers } = await gateway.inject(ask({}, bearer()))
    const path = `/v1/runs/${String(headers['x-inframind-run-id'])}`
    expect((await gateway.inject(get(path, bearer()))).status).toBe(200)
    expect((await gateway.inject(get(path, bearer('other')))).status).toBe(404)
    expect((await gateway.inject(get('/v1/runs/run_none', bearer()))).status).toBe(404)
  })
})

describe('bounds and draining', () => {
  const held = () => {
    const ends: (() => void)[] = []
    const script = ({ request, signal }: { request: Parameters<typeof answered>[0]; signal: AbortSignal }) =>
      Promise.race([
        new Promise<ReturnType<typeof answered>>((resolve) => ends.push(() => resolve(answered(request, 'late')))),
        aborted(signal).then(() => answered(request, '', { status: 'aborted' })),
      ])
    return { ends, script }
  }
  const begun = async (runtime: { requests: readonly unknown[] }, count: number) => {
    while (runtime.requests.length < count) await new Promise(setImmediate)
  }

  it('refuse more requests than the limit', async () => {
    const { ends, script } = held()
    const { gateway, runtime } = await aGateway(script, { limits: { waiting: 2, bodyBytes: 1000, connections: null } })
    const running = [gateway.inject(ask()), gateway.inject(ask())]
    await begun(runtime, 2)
    const refused = await gateway.inject(ask())
    expect(errorOf(refused)).toMatchObject({
      status: 429,
      inframind_code: 'QUEUE_FULL',
      headers: { 'retry-after': '1' },
    })
    for (const end of ends) end()
    expect((await Promise.all(running)).map(({ status }) => status)).toEqual([200, 200])
    runtime.script = says('again')
    expect((await gateway.inject(ask())).status).toBe(200)
  })

  it('let running requests finish, refuse new ones, and are not ready meanwhile', async () => {
    const { ends, script } = held()
    const { gateway, runtime } = await aGateway(script, { clock: new ManualClock() })
    const running = gateway.inject(ask())
    await begun(runtime, 1)
    const closed = gateway.close({ drainMs: 10_000 })
    expect((await gateway.inject(get('/ready'))).status).toBe(503)
    expect((await gateway.inject(get('/health'))).status).toBe(200)
    const refused = await gateway.inject(ask())
    expect(errorOf(refused)).toMatchObject({ status: 503, inframind_code: 'POOL_UNAVAILABLE' })
    expect(refused.headers).toMatchObject({ 'retry-after': '1', connection: 'close' })
    for (const end of ends) end()
    expect((await running).status).toBe(200)
    expect(await closed).toBe(true)
    expect(await gateway.close({ drainMs: 0 })).toBe(true)
  })

  it('abort what has not finished in time, with an answer that says so', async () => {
    const clock = new ManualClock()
    const { script } = held()
    const { gateway, runtime } = await aGateway(script, { clock })
    const running = gateway.inject(ask())
    await begun(runtime, 1)
    const closed = gateway.close({ drainMs: 5000 })
    clock.advanceBy(5000)
    expect(errorOf(await running)).toMatchObject({ status: 503, inframind_code: 'POOL_UNAVAILABLE' })
    expect(await closed).toBe(false)
  })

  it('close at once when nothing runs', async () => {
    const { gateway } = await aGateway(undefined, { clock: new ManualClock() })
    expect(await gateway.close({ drainMs: 5000 })).toBe(true)
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
