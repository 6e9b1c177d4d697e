/** Both learned baselines from questions to files and back, in small: synthetic questions, a few iterations. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { paperProfile } from '../../../../test/paper-profile.ts'
import { ConfigError } from '../../../core/index.ts'
import { priceSettings, routerPolicyOf, swarmSchemaId } from '../../../policy/index.ts'
import { loadBaselines } from '../../learned-baselines.ts'
import {
  createSyntheticQuestions,
  type Question,
  type SyntheticDataset,
  splitQuestions,
} from '../../questions/index.ts'
import { fitSwarm, type SwarmFit } from './gptswarm.ts'
import { type MasRouterFit, trainMasRouter } from './masrouter.ts'
import { writeMasRouter, writeSwarm } from './write-baselines.ts'

const profile = paperProfile()
const datasets: readonly SyntheticDataset[] = ['synthetic-math', 'synthetic-choice']
const parts = datasets.map((dataset) => splitQuestions(createSyntheticQuestions({ dataset, count: 120, seed: 4 })))
const options = {
  profile,
  sets: parts.map(({ train }) => train),
  heldOut: parts.flatMap(({ test }) => test.slice(0, 12)),
  seed: 1,
}
const short = { ...options, iterations: 3, samples: 2 }
const training = { iterations: 3, questions: 12, samples: 4 }

const home = mkdtempSync(join(tmpdir(), 'learned-baselines-'))
const folder = join(home, 'made', 'when-written')
let swarm: SwarmFit
let router: MasRouterFit

beforeAll(async () => {
  swarm = fitSwarm(short)
  router = await trainMasRouter({ ...options, training, restarts: 1 })
  writeSwarm(folder, swarm.policy)
  writeMasRouter(folder, { fit: router, profile, datasets })
}, 60_000)
afterAll(() => rmSync(home, { recursive: true }))

describe('gptswarm', () => {
  it('has a chance for every edge of every domain that was asked, and says what it was learnt from', () => {
    expect(Object.keys(swarm.policy.graphs).sort()).toEqual(['knowledge', 'math'])
    for (const edges of Object.values(swarm.policy.graphs)) expect(edges).toHaveLength(20)
    expect(swarm.policy.source).toContain('paper-b200')
    expect(swarm.policy.schema).toBe(swarmSchemaId)
  })

  it('is judged beside the complete graph and none', () => {
    expect(swarm.report.map(({ domain, graph }) => `${domain} ${graph}`).sort()).toEqual(
      ['knowledge', 'math'].flatMap((domain) => ['complete', 'learnt', 'none'].map((graph) => `${domain} ${graph}`)),
    )
    for (const { right, graph, edges } of swarm.report) {
      expect(right).toBeGreaterThan(0.2)
      if (graph === 'complete') expect(edges).toBe(10)
    }
  })

  it('comes out the same under the same seed', () => {
    expect(fitSwarm(short).policy).toEqual(swarm.policy)
    expect(fitSwarm({ ...short, seed: 2 }).policy.graphs).not.toEqual(swarm.policy.graphs)
  })
})

describe('masrouter', () => {
  it('thinks no deeper where it is dearer, and is judged at every price', () => {
    for (const domain of ['math', 'knowledge'] as const) {
      const lines = router.report.filter((line) => line.domain === domain)
      expect(lines.map(({ price }) => price)).toEqual(priceSettings)
      for (const { right, cost, calls, commonest } of lines) {
        expect(right).toBeGreaterThan(0)
        expect(cost).toBeGreaterThan(0)
        expect(calls).toBeGreaterThanOrEqual(1)
        expect(commonest).toMatch(/^\S+ [1-6]: /)
      }
    }
    expect(router.policy.depths.math.low).toBe('DeepThink')
    expect(router.policy.depths.math.high).not.toBe('DeepThink')
  })

  it('comes out the same under the same seed', async () => {
    const again = await trainMasRouter({ ...options, training, restarts: 1 })
    expect(again.policy).toEqual(router.policy)
  })

  it('keeps the one of its trainings that is worth most on held-out questions', async () => {
    const [two, three] = [
      await trainMasRouter({ ...options, training, restarts: 2 }),
      await trainMasRouter({ ...options, training, restarts: 3 }),
    ]
    expect(three.worths.slice(0, 2)).toEqual(two.worths)
    expect(two.worths[0]).toBe(router.worths[0])
    // Neither always the first nor always the last.
    expect([two.kept, three.kept]).toEqual([0, 2])
    for (const { kept, worths } of [two, three]) expect(worths[kept]).toBe(Math.max(...worths))
    expect(two.policy).toEqual(router.policy)
    expect(three.policy.networks).not.toEqual(router.policy.networks)
  })
})

it('both refuse questions that no team may answer', async () => {
  const sets = [[{ ...(parts[0]?.train[0] as Question), text: 'Hello, how are you today?' }]]
  expect(() => fitSwarm({ ...short, sets })).toThrow(/--datasets/)
  await expect(trainMasRouter({ ...options, sets, training })).rejects.toThrow(ConfigError)
})

describe('their files', () => {
  const damaged = (name: string, change: (text: string) => string) => {
    const path = join(folder, name)
    const text = readFileSync(path, 'latin1')
    writeFileSync(path, change(text), 'latin1')
    try {
      const baselines = loadBaselines(folder)
      return name.startsWith('gptswarm') ? baselines.swarm() : baselines.router()
    } finally {
      writeFileSync(path, text, 'latin1')
    }
  }

  it('give back what was learnt', () => {
    const baselines = loadBaselines(folder)
    expect(baselines.swarm()).toEqual(swarm.policy)
    expect(baselines.router()).toEqual(router.policy)
    expect(baselines.router()).toBe(baselines.router())
  })

  it.each<[string, string, (text: string) => string]>([
    ['gptswarm.json', 'half of it', (text) => text.slice(0, 80)],
    ['gptswarm.json', 'another schema', (text) => text.replace(swarmSchemaId, 'other/1')],
    ['masrouter/policy.json', 'another learner', (text) => text.replace('"masrouter"', '"ppo"')],
    ['masrouter/policy.json', 'another feature', (text) => text.replace('"bestNet"', '"load"')],
    ['masrouter/policy.json', 'another width', (text) => text.replace('"hidden": 32', '"hidden": 16')],
    ['masrouter/policy.json', 'no depths', (text) => text.replace('"depths"', '"deeps"')],
    ['masrouter/policy.safetensors', 'cut short', (text) => text.slice(0, -8)],
  ])('%s with %s is refused', (name, _, change) => {
    expect(() => damaged(name, change)).toThrow(ConfigError)
  })

  it('are missed by name', () => {
    expect(() => loadBaselines(join(folder, 'nowhere')).swarm()).toThrow(/gptswarm\.json[\s\S]*ENOENT/)
  })

  it('say where a policy of ours does not fit', () => {
    const policy = { header: { kind: 'ppo', head: 'joint', featureNames: {}, settings: {} }, networks: new Map() }
    const read = () => routerPolicyOf(policy as unknown as Parameters<typeof routerPolicyOf>[0], 'mine')
    expect(read).toThrow(/mine[\s\S]*kind[\s\S]*head[\s\S]*featureNames\.team\.context\[0\][\s\S]*settings\.hidden/)
  })
})
