/**
 * @file Policies of a gateway that serves over HTTP: exchanged under load without losing a request, left where they fail,
 * watched by another one; and budgets that the gateway predicts. Whatever is slow here, nothing may be lost.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { policyOf } from '../../src/cli/gateway/policy-of.ts'
import { ConfigError, type RunRecord } from '../../src/core/index.ts'
import { type Config, loadConfig } from '../../src/serve/index.ts'
import { writePolicy } from '../learned-policies.ts'
import { openTwinGateway, type TwinGateway } from '../open-twin-gateway.ts'
import { ask, expectHonest, expectQuiet, question, until } from './http-client.ts'

const folder = mkdtempSync(join(tmpdir(), 'inframind-swap-'))
const seeds = [1, 2, 3]
for (const seed of seeds) writePolicy(join(folder, `p${seed}`), { seed, weight: 2 })
writePolicy(join(folder, 'torn'))
writeFileSync(join(folder, 'torn/policy.safetensors'), 'not what it was')

const learned = (seed: number) => `{ planner: learned, executor: learned, file: ./p${seed} }`
const configOf = (policy: string, models = '{}'): Config =>
  loadConfig(
    {
      text: `{ version: 1, engines: [{ url: "http://127.0.0.1:1" }], policy: ${policy}, models: ${models} }`,
      baseDir: folder,
    },
    { env: {} },
  )

let gateway: TwinGateway
beforeAll(async () => {
  gateway = await openTwinGateway({ models: ['Llama-3.2-3B-Instruct', 'Llama-3.1-8B-Instruct'], timeScale: 40 })
})
afterAll(async () => {
  await gateway.stop()
  rmSync(folder, { recursive: true })
})

const asked = (index: number, fields: object = {}) =>
  question(gateway.questions[index % gateway.questions.length]!.text, { inframind: { budget_ms: 20_000 }, ...fields })
/** Written once the engines have settled every call of the run. */
async function recordOf(runId: string): Promise<RunRecord> {
  const find = () => gateway.finished.find((record) => record.runId === runId)
  await until(`the record of ${runId} is written`, () => find() !== undefined)
  return find() as RunRecord
}
const metric = async (line: string) => {
  const text = await (await fetch(`${gateway.url}/metrics`)).text()
  const found = text.split('\n').find((one) => one.startsWith(line))
  return found === undefined ? null : Number(found.slice(found.lastIndexOf(' ') + 1))
}

const reloaded = async (outcome: string) => (await metric(`inframind_policy_reloads_total{outcome="${outcome}"}`)) ?? 0
async function compared(outcome: string) {
  return (await metric(`inframind_policy_shadow_total{level="planner",outcome="${outcome}"}`)) ?? 0
}

describe('policies exchanged under load', () => {
  it('lose no request: 200 queries, 20 exchanges, and every answer says by whom it was planned', async () => {
    const hashes = new Set<string>()
    const before = gateway.finished.length
    const reloads = await reloaded('applied')
    const answers = []
    for (let wave = 0; wave < 20; wave += 1) {
      for (let index = 0; index < 10; index += 1) answers.push(ask(gateway.url, asked(wave * 10 + index)))
      // Some are planned, some wait, some are half done.
      await answers[wave * 5]
      const policy = wave % 4 === 3 ? '{ executor: mcpp }' : learned(seeds[wave % 3] as number)
      hashes.add(gateway.reload(configOf(policy)).hash)
    }
    const replies = await Promise.all(answers)
    expect(replies.map(({ status }) => status)).toEqual(Array(200).fill(200))
    for (const { json } of replies) expectHonest(json.inframind)
    await until('all records are written', () => gateway.finished.length >= before + 200)
    const fingerprints = new Set<string>()
    for (const { json } of replies) {
      const { system_fingerprint } = json as unknown as { system_fingerprint: string }
      fingerprints.add(system_fingerprint)
      expect((await recordOf(json.inframind.run_id)).policy.hash).toBe(system_fingerprint)
    }
    expect(hashes.size).toBe(4)
    expect(fingerprints.size).toBeGreaterThan(3)
    expect(await reloaded('applied')).toBe(reloads + 20)
    await expectQuiet(gateway)
  })

  it('stay where the next ones cannot be used', async () => {
    const { hash } = gateway.reload(configOf(learned(1)))
    const refused = await reloaded('refused')
    for (const file of ['./torn', './nowhere', 'nobody']) {
      expect(() => gateway.reload(configOf(`{ planner: learned, file: ${file} }`))).toThrow(ConfigError)
    }
    const { status, json } = await ask(gateway.url, asked(1))
    expect([status, (json as unknown as { system_fingerprint: string }).system_fingerprint]).toEqual([200, hash])
    expect(await reloaded('refused')).toBe(refused + 3)
    expect(await metric(`inframind_policy_info{planner="learned",executor="learned",hash="${hash}"}`)).toBe(1)
  })

  it('are named by what is in effect: not by a discipline that waits, nor by who looks on', () => {
    const { hash } = gateway.reload(configOf(learned(1)))
    const rest = learned(1).slice(2, -2)
    const { hash: same, waiting } = gateway.reload(
      configOf(`{ ${rest}, discipline: fcfs, shadow: { executor: mcpp } }`),
    )
    expect(waiting).toContain('policy.discipline')
    expect(same).toBe(hash)
    expect(gateway.reload(configOf(learned(2))).hash).not.toBe(hash)
  })

  it('bring new virtual models with them, and take old ones away', async () => {
    expect((await ask(gateway.url, asked(1, { model: 'quick' }))).status).toBe(404)
    const { waiting } = gateway.reload(configOf('{}', '{ quick: { budget: 9s, max_agents: 1 } }'))
    expect(waiting).toContain('engines')
    const { json } = await ask(gateway.url, asked(1, { model: 'quick', inframind: {} }))
    expect(json.inframind.budget_ms).toBe(9000)
    gateway.reload(configOf('{}'))
    expect((await ask(gateway.url, asked(1, { model: 'quick' }))).status).toBe(404)
  })
})

describe('a policy that looks on', () => {
  it('is heard of in records and metrics, and nowhere else', async () => {
    gateway.reload(configOf('{ shadow: { planner: learned, executor: learned, file: ./p1 } }'))
    const before = (await compared('same')) + (await compared('different'))
    const { status, json } = await ask(gateway.url, asked(3))
    expect(status).toBe(200)
    expect(JSON.stringify(json)).not.toContain('shadow')
    const { plan, steps, policy } = await recordOf(json.inframind.run_id)
    expect(policy).toMatchObject({ planner: 'rules', executor: 'slack-greedy' })
    expect(plan.shadow).toMatchObject({ planner: 'learned', agrees: expect.any(Boolean) })
    expect(steps[0]?.shadow).toMatchObject({ executor: 'learned', probability: expect.any(Number) })
    expect((await compared('same')) + (await compared('different'))).toBe(before + 1)
    expect(await compared('failed')).toBe(0)
  })
})

describe('a policy whose numbers are not finite', () => {
  it('is left out of every decision, while answers come', async () => {
    const { choice } = policyOf(configOf(learned(2)).policy)
    for (const spec of [choice.planner, choice.executor]) {
      ;(spec as { parameters: Float32Array }).parameters.fill(Number.NaN)
    }
    const warnings: object[] = []
    const broken = await openTwinGateway({
      models: ['Llama-3.2-3B-Instruct', 'Llama-3.1-8B-Instruct'],
      timeScale: 40,
      policy: choice,
      logger: { info: () => {}, warn: (fields) => void warnings.push(fields), error: () => {} },
    })
    try {
      const replies = await Promise.all([0, 1, 2, 3].map((index) => ask(broken.url, asked(index))))
      expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200])
      const page = await (await fetch(`${broken.url}/metrics`)).text()
      expect(page).toMatch(/inframind_policy_fallbacks_total\{level="executor",reason="logits"\} [1-9]/)
      expect(warnings).toHaveLength(1)
    } finally {
      await broken.stop()
    }
  })
})

describe('a budget of auto', () => {
  it.each([
    ['the body', { inframind: { budget_ms: 'auto' } }, {}],
    ['the header', {}, { 'x-inframind-budget-ms': 'auto' }],
  ])('asked for in %s is predicted, told and recorded', async (_, fields, headers) => {
    gateway.reload(configOf('{}', '{ inframind: { auto_factor: 2 } }'))
    const { status, json } = await ask(gateway.url, asked(5, { inframind: {}, ...fields }), { headers })
    expect(status).toBe(200)
    const { autoBudget, budgetMs } = await recordOf(json.inframind.run_id)
    expect(autoBudget).toEqual({ predictedP95Ms: expect.any(Number), factor: 2 })
    expect(budgetMs).toBe(Math.round(Math.min(300_000, Math.max(250, 2 * autoBudget!.predictedP95Ms))))
    expect(json.inframind).toMatchObject({ budget: 'auto', budget_factor: 2, budget_ms: budgetMs })
  })

  it('belongs to a virtual model, and yields to a number', async () => {
    gateway.reload(configOf('{}', '{ easy: { budget: auto, max_agents: 1 } }'))
    const auto = await ask(gateway.url, asked(5, { model: 'easy', inframind: {} }))
    expect(auto.json.inframind).toMatchObject({ budget: 'auto', budget_factor: 1.5 })
    const given = await ask(gateway.url, asked(5, { model: 'easy', inframind: { budget_ms: 7000 } }))
    expect(given.json.inframind).toMatchObject({ budget_ms: 7000 })
    expect(given.json.inframind).not.toHaveProperty('budget')
  })

  it('is the default for an engine’s own model', async () => {
    const relayed = await ask(gateway.url, {
      model: 'Llama-3.2-3B-Instruct',
      messages: [{ role: 'user', content: 'Name a colour.' }],
      inframind: { budget_ms: 'auto' },
    })
    expect(relayed.status).toBe(200)
  })
})
