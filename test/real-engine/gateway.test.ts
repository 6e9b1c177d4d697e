/**
 * @file The whole gateway over a real llama.cpp engine: planned, streamed, cancelled. The model's words mean nothing, so
 * only the protocol is looked at.
 */
import OpenAI, { APIUserAbortError } from 'openai'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { listEngines, openEngines } from '../../src/cli/engines/engine-list.ts'
import { type OpenGateway, openGateway } from '../../src/cli/gateway/open-gateway.ts'
import { createWallClock, type RunRecord } from '../../src/core/index.ts'
import { defaultPolicy, loadProfile, type PolicyChoice } from '../../src/lab/index.ts'
import type { HttpEngine } from '../../src/pool/index.ts'
import { configFromEngines } from '../../src/serve/index.ts'
import { allEvents, ask, type Chunk, post, question, quickest, textOfChunk, until } from '../e2e/http-client.ts'
import { isRealEngineInstalled, type RealEngine, startRealEngine } from './start-real-engine.ts'

const budgetMs = 30_000
const plain = question('What is 17 * 23?', { inframind: { budget_ms: budgetMs, strategy: 'Flash' }, max_tokens: 60 })
/** Goes on until its cap: there is something to cancel. */
const endless = question('Tell me all you know.', { inframind: { budget_ms: budgetMs, max_agents: 1 }, stream: true })
const fixedTeam: PolicyChoice = {
  planner: { kind: 'fixed', topology: 'debate', agents: 2 },
  executor: { kind: 'fixed', model: 'tiny-random', strategy: 'Flash' },
  discipline: 'edf-demote',
}

/** As `inframind serve --engine URL` does it: everything about the engine is found out by asking it. */
async function serve(engine: RealEngine, policy: PolicyChoice, sinks: { write(record: RunRecord): void }[] = []) {
  const config = configFromEngines([engine.url])
  const clock = createWallClock()
  const listed = await listEngines(config.engines, clock)
  const engines: readonly HttpEngine[] = openEngines(listed, clock)
  const open = await openGateway({
    config: { ...config, listen: { host: '127.0.0.1', port: 0 } },
    engines,
    slots: () => null,
    prior: loadProfile('paper-b200').prior,
    tiers: {},
    policy,
    seed: 1,
    sinks,
    recordsDirectory: null,
    isSimulated: false,
    logger: { info: () => {}, warn: () => {}, error: () => {} },
  })
  return { open, listed }
}

describe.skipIf(!isRealEngineInstalled)('the gateway over a real engine', () => {
  let engine: RealEngine
  let open: OpenGateway
  let listed: Awaited<ReturnType<typeof serve>>['listed']

  beforeAll(async () => {
    engine = await startRealEngine({ sequences: 3, endsItself: false })
    ;({ open, listed } = await serve(engine, defaultPolicy))
  })
  afterEach(async () => {
    await until('the slots are free', async () => (await engine.busySlots()) === 0)
    await until('the ledger is empty', () => open.world.monitor.inFlight('tiny-random#1') === 0)
    expect(open.world.dispatcher.stats()).toMatchObject({ waiting: 0, inFlight: 0 })
  })
  afterAll(async () => {
    await open?.close(1000)
    await engine?.close()
  })

  it('finds out what the engine is', async () => {
    expect(listed).toMatchObject([{ model: 'tiny-random', dialect: 'llama-cpp' }])
    expect(open.world.state().models).toMatchObject([{ model: 'tiny-random', isUsable: true, slots: 3 }])
    expect((await fetch(`${open.url}/ready`)).status).toBe(200)
  })

  it('answers a planned query, with its story', async () => {
    const { status, json } = await ask(open.url, plain)
    expect(status).toBe(200)
    expect(json.choices[0]?.message.content).toMatch(/\S/)
    expect(json.inframind).toMatchObject({ on_time: true, budget_ms: budgetMs })
    expect(json.inframind.steps.some(({ status }) => status === 'done' || status === 'cut')).toBe(true)
    const tokens = json.inframind.steps.map((step) => step.prompt_tokens + step.output_tokens)
    expect(json.usage.total_tokens).toBe(tokens.reduce((sum, count) => sum + count, 0))
  })

  it('answers with a team of a fixed plan', async () => {
    const finished: RunRecord[] = []
    const team = await serve(engine, fixedTeam, [{ write: (record) => void finished.push(record) }])
    try {
      const { status, json } = await ask(team.open.url, plain)
      expect(status).toBe(200)
      expect(json.inframind).toMatchObject({ topology: 'debate', on_time: true })
      await until('the record is written', () => finished.length === 1)
      expect(finished[0]?.calls).toBeGreaterThan(1)
      expect(
        finished[0]?.steps.every(({ firstTokenAtMs, outcome }) => firstTokenAtMs !== null || outcome !== 'done'),
      ).toBe(true)
    } finally {
      await team.open.close(1000)
    }
  })

  it('streams an answer as the engine writes it', async () => {
    const body = { ...plain, max_tokens: 40, stream: true, stream_options: { include_usage: true } }
    const chunks = await allEvents(await post(open.url, { ...body, inframind: { budget_ms: budgetMs, max_agents: 1 } }))
    const pieces = chunks.map(textOfChunk).filter((text) => text !== '')
    expect(pieces.length).toBeGreaterThan(1)
    expect(pieces.join('')).toMatch(/^[ -~\n]+$/)
    expect(chunks.at(-1)).toBe('[DONE]')
    expect((chunks.at(-2) as Chunk).usage?.total_tokens).toBeGreaterThan(40)
    expect((chunks.at(-3) as Chunk).inframind).toMatchObject({ on_time: true })
  })

  it('relays by the engine’s own name', async () => {
    const openai = new OpenAI({ baseURL: `${open.url}/v1`, apiKey: 'any', maxRetries: 0 })
    const messages = [{ role: 'user' as const, content: 'hello' }]
    const answer = await openai.chat.completions.create({ model: 'tiny-random', messages, max_tokens: 12 })
    expect(answer).toMatchObject({ choices: [{ finish_reason: 'length' }], usage: { completion_tokens: 12 } })
  })

  it('frees the slot within 250 ms of the client leaving', async () => {
    const openai = new OpenAI({ baseURL: `${open.url}/v1`, apiKey: 'any', maxRetries: 0 })
    const leave = async () => {
      const client = new AbortController()
      const read = async () => {
        const body = endless as unknown as OpenAI.ChatCompletionCreateParamsStreaming
        for await (const chunk of await openai.chat.completions.create(body, { signal: client.signal })) {
          expect(chunk.object).toBe('chat.completion.chunk')
        }
        // An iteration ends in silence where its user aborts it.
        throw new APIUserAbortError()
      }
      const ended = read().catch((error: unknown) => error)
      await until('the slot is taken', async () => (await engine.busySlots()) > 0)
      client.abort()
      expect(await ended).toBeInstanceOf(APIUserAbortError)
      return await until('the slot is free', async () => (await engine.busySlots()) === 0)
    }
    expect(await quickest(250, leave)).toBeLessThan(250)
    expect((await ask(open.url, plain)).status).toBe(200)
  })
})
