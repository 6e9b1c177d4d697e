/** @file Looking at a gateway before anything is sent. */
import { Agent } from 'undici'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Script, sendJson, startScriptedServer } from '../../../../test/scripted-chat-server.ts'
import { ConfigError } from '../../../core/index.ts'
import { findGateway } from './gateway.ts'

const models = (...ids: readonly (readonly [id: string, owner: string])[]) => ({
  object: 'list',
  data: ids.map(([id, owned_by]) => ({ id, object: 'model', owned_by })),
})

function serving(routes: Readonly<Record<string, unknown>>): Script {
  return ({ path }, response) =>
    path in routes ? sendJson(response, routes[path]) : sendJson(response, { error: { message: 'no' } }, 404)
}

async function find(script: Script, change: { readonly model?: string; readonly key?: string } = {}) {
  const server = await startScriptedServer(script)
  return { server, found: await findAt(server.url, change) }
}

function findAt(url: string, { model = 'inframind', key }: { readonly model?: string; readonly key?: string } = {}) {
  const agent = new Agent()
  onTestFinished(() => agent.destroy())
  return findGateway({ url, key: key ?? null, model }, agent)
}

const problemOf = async (promise: Promise<unknown>) => {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(ConfigError)
  return (error as ConfigError).problems[0]
}

const ours = {
  '/v1/models': models(['inframind', 'inframind'], ['large', 'engine']),
  '/v1/cluster': { models: [] },
}

describe('findGateway', () => {
  it('knows an INFRAMIND gateway by its cluster, and an orchestrated model by its owner', async () => {
    expect((await find(serving(ours))).found).toMatchObject({
      hasCluster: true,
      isOrchestrated: true,
      isSimulated: false,
      models: ['inframind', 'large'],
    })
    expect((await find(serving(ours), { model: 'inframind@10s' })).found.isOrchestrated).toBe(true)
    expect((await find(serving(ours), { model: 'large' })).found.isOrchestrated).toBe(false)
  })

  it('sees that a pool is simulated', async () => {
    const data = [{ id: 'inframind', owned_by: 'inframind', simulated: true }]
    expect((await find(serving({ ...ours, '/v1/models': { data } }))).found.isSimulated).toBe(true)
  })

  it('takes any server that speaks the API, and one that lists no models', async () => {
    const vllm = { '/v1/models': models(['qwen', 'vllm']) }
    expect((await find(serving(vllm), { model: 'qwen' })).found).toMatchObject({
      hasCluster: false,
      isOrchestrated: false,
    })
    expect((await find(serving({}), { model: 'whatever' })).found.models).toEqual([])
  })

  it('sends the key', async () => {
    const { server } = await find(serving(ours), { key: 'secret' })
    for (const { headers } of server.received) expect(headers.authorization).toBe('Bearer secret')
  })

  it('says that nobody listens', async () => {
    expect(await problemOf(findAt('http://127.0.0.1:1'))).toMatchObject({ path: '--live', got: 'ECONNREFUSED' })
  })

  it('says that the key is refused', async () => {
    const script: Script = (_, response) => sendJson(response, { error: {} }, 401)
    expect(await problemOf(find(script))).toMatchObject({ path: '--key', got: 'HTTP 401' })
  })

  it('names the nearest model', async () => {
    expect(await problemOf(find(serving(ours), { model: 'inframnd' }))).toMatchObject({
      path: '--model',
      got: 'inframnd',
      fix: expect.stringContaining('inframind'),
    })
  })

  it.each([
    ['a page', (_: unknown, response: Parameters<Script>[1]) => void response.end('<html>')],
    ['an error', (_: unknown, response: Parameters<Script>[1]) => sendJson(response, {}, 500)],
  ])('does not take %s for a gateway', async (_what, script) => {
    expect(await problemOf(find(script))).toMatchObject({ path: '--live' })
  })

  it.each(['127.0.0.1:8080', 'ftp://host', ''])('does not take %j for a URL', async (url) => {
    const error = await Promise.resolve()
      .then(() => findAt(url))
      .catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(ConfigError)
  })
})
