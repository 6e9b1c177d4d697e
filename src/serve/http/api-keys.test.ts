/** @file API keys: who gets in, and what a key bounds. */
import { describe, expect, it } from 'vitest'
import { aGateway, answered, says, until } from '../../../test/gateway-fakes.ts'
import { ask, errorOf, get } from '../../../test/gateway-requests.ts'
import { aRunRecord, ManualClock } from '../../testing/index.ts'
import { type ApiKey, hashKey } from '../config/index.ts'

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
      get('/nothing', headers),
      get('/%761/models', headers),
      get('/v%31/runs/run_1', headers),
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
    await until(() => runtime.requests.length > 0)
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
