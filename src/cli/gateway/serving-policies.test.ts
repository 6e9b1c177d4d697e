import { describe, expect, it } from 'vitest'
import { learnedPolicy } from '../../../test/learned-policies.ts'
import { llama8, paperModels, paperPrior, paperState } from '../../../test/policy/paper-pool.ts'
import { restrictState } from '../../flow/index.ts'
import { defaultPolicy, type PolicyChoice } from '../../lab/index.ts'
import { createFeatures, type PolicyFallback, specsOf } from '../../policy/index.ts'
import { createTopologyBook } from '../../team/index.ts'
import { aClusterState, aQuery, aStepContext, aStepOutcome } from '../../testing/index.ts'
import { createServingPolicies } from './serving-policies.ts'

const pool = { models: paperModels, prior: paperPrior, tiers: {}, topologies: createTopologyBook() }
const learned = (seed: number, weight = 1): PolicyChoice => {
  const { planner, executor } = specsOf(learnedPolicy({ seed, weight }), 'x')
  return { planner, executor, discipline: 'edf-demote' }
}
const query = aQuery({ domain: 'math', budgetMs: 30_000, features: createFeatures('x') })

function serve(choice: PolicyChoice = defaultPolicy, shadow: PolicyChoice | null = null) {
  const heard: unknown[] = []
  const policies = createServingPolicies({ choice, shadow }, pool, {
    fellBack: (fallback: PolicyFallback) => void heard.push(fallback),
    compared: (comparison) => void heard.push(comparison),
  })
  return { policies, heard, plan: () => policies.set.planner.plan(query, paperState()) }
}

describe('serving policies', () => {
  it('are named by what decides, weights and settings, and not by who looks on', () => {
    const hashes = [
      serve().policies.hash,
      serve({ ...defaultPolicy, safety: 1.5 }).policies.hash,
      serve(learned(1)).policies.hash,
      serve(learned(2)).policies.hash,
    ]
    expect(new Set(hashes).size).toBe(hashes.length)
    for (const hash of hashes) expect(hash).toMatch(/^inframind-[0-9a-f]{8}$/)
    expect(serve(learned(1)).policies.hash).toBe(hashes[2])
    expect(serve(learned(1), learned(2)).policies.hash).toBe(hashes[2])
  })

  it('change at once, and say so in the next plan', () => {
    const { policies, plan } = serve()
    expect(plan()).toMatchObject({ reason: expect.not.stringMatching('learned'), policyHash: policies.hash })
    const before = policies.hash
    policies.use({ choice: learned(1), shadow: null })
    expect(policies.hash).not.toBe(before)
    expect(plan()).toMatchObject({ reason: 'learned', policyHash: policies.hash })
  })

  it('stay as they are where the next ones cannot be made', () => {
    const { policies, plan } = serve(learned(1))
    const before = policies.hash
    const broken = {
      ...learned(2),
      planner: { kind: 'learned' as const, hidden: 3, temperature: 1, parameters: new Float32Array(7) },
    }
    expect(() => policies.use({ choice: broken, shadow: null })).toThrow('parameters')
    expect(policies.hash).toBe(before)
    expect(plan()).toMatchObject({ reason: 'learned', policyHash: before })
  })

  it('hand on what was learnt of the pool, unless the next ones predict otherwise', () => {
    const { policies } = serve()
    const model = paperModels[0] as string
    const count = () => policies.set.predictor.error(model)?.count ?? 0
    for (let call = 0; call < 40; call += 1) {
      policies.set.predictor.observe(aStepOutcome({ arm: { model, strategy: 'Concise' } }))
    }
    const learnt = count()
    expect(learnt).toBeGreaterThan(0)
    policies.use({ choice: learned(1), shadow: learned(2) })
    expect(count()).toBe(learnt)
    policies.use({ choice: { ...learned(1), safety: 1.5 }, shadow: null })
    expect(count()).toBe(learnt)
    policies.use({ choice: { ...learned(1), congestionFactor: 0 }, shadow: null })
    expect(count()).toBe(0)
  })

  it('hand on what a policy learnt while it looked on, when it is promoted', () => {
    const other = { ...learned(1), congestionFactor: 0 }
    const { policies } = serve(defaultPolicy, other)
    const model = paperModels[0] as string
    const count = () => policies.set.predictor.error(model)?.count ?? 0
    const observe = () => policies.set.predictor.observe(aStepOutcome({ arm: { model, strategy: 'Concise' } }))
    for (let call = 0; call < 40; call += 1) observe()
    const learnt = count()
    policies.use({ choice: other, shadow: defaultPolicy })
    expect(count()).toBe(learnt)
    // Served and shadow have changed places: each still hears every call once.
    observe()
    policies.use({ choice: defaultPolicy, shadow: null })
    expect(count()).toBe(learnt + 1)
  })

  it('do not take for its own what a policy that looks on has left to others', () => {
    const nan = learned(1)
    for (const spec of [nan.planner, nan.executor]) (spec as { parameters: Float32Array }).parameters.fill(Number.NaN)
    const { plan, heard, policies } = serve(defaultPolicy, nan)
    expect(plan()).not.toHaveProperty('shadow')
    policies.set.executor.choose(aStepContext({ query }), paperState())
    expect(heard).toEqual([
      { level: 'planner', outcome: 'failed' },
      { level: 'executor', outcome: 'failed' },
    ])
  })

  it('tell of decisions that were made twice, or left to others', () => {
    const { plan, heard, policies } = serve(learned(1), defaultPolicy)
    expect(plan().shadow).toMatchObject({ planner: 'rules', probability: 1 })
    expect(heard).toMatchObject([{ level: 'planner' }])
    const nan = learned(1)
    ;(nan.executor as { parameters: Float32Array }).parameters.fill(Number.NaN)
    policies.use({ choice: nan, shadow: null })
    policies.set.executor.choose(aStepContext({ query }), paperState())
    expect(heard.at(-1)).toEqual({ level: 'executor', reason: 'logits' })
  })

  it('predict what the default team takes: the same one longer under load, nothing without engines', () => {
    const { policies } = serve()
    const alone = { ...query, limits: { maxAgents: 1, strategy: 'Concise' as const } }
    const [idle, busy] = [0, 1.5].map((load) => {
      const state = restrictState(paperState({ load }), new Set([llama8]))
      return policies.predictP95Ms(alone, state) as number
    })
    expect(idle).toBeGreaterThan(500)
    expect(busy).toBeGreaterThan(idle as number)
    const down = aClusterState({
      models: paperModels.map((model) => ({ model, isUsable: false, replicas: [{ isUsable: false }] })),
    })
    expect(policies.predictP95Ms(query, down)).toBeNull()
    const elsewhere = { ...query, limits: { topology: 'nowhere' } }
    expect(policies.predictP95Ms(elsewhere, paperState())).toBeNull()
  })

  it('predict the same team where late runs have moved the safety factor', () => {
    const { policies } = serve()
    const asked = [4_000, 6_000, 10_000, 20_000, 30_000, 60_000].map((budgetMs) =>
      aQuery({ domain: 'math', answerFormat: 'number', budgetMs }),
    )
    const predicted = () => asked.map((one) => policies.predictP95Ms(one, paperState()))
    const planned = () => asked.map((one) => policies.set.planner.plan(one, paperState()).predictedMs)
    // Twice: the planner keeps to what it took last.
    planned()
    const before = { predicted: predicted(), planned: planned() }
    expect(planned()).toEqual(before.planned)
    const late = { domain: 'math', latencyMs: 40_000, isAnswered: true, isOnTime: false, isDegraded: false } as const
    for (let run = 0; run < 400; run += 1) {
      policies.set.executor.runFinished?.({ ...late, budgetMs: 30_000, isFallback: false, strategy: null })
    }
    expect(planned()).not.toEqual(before.planned)
    expect(predicted()).toEqual(before.predicted)
  })
})
