import { describe, expect, it } from 'vitest'
import { executorProperties } from '../../test/policy/executor.properties.ts'
import { coder, paperModels, paperPrior, paperState } from '../../test/policy/paper-pool.ts'
import { plannerProperties } from '../../test/policy/planner.properties.ts'
import { predictorProperties } from '../../test/policy/predictor.properties.ts'
import { createRandom, type StepContext } from '../core/index.ts'
import { aClusterState, aQuery, aStepContext } from '../testing/index.ts'
import { armScorerConfig, type ExecutorSpec } from './executor/index.ts'
import { type CandidateScorerConfig, candidateScorerShapes, initialise } from './nn/index.ts'
import { planScorerConfig } from './planner/index.ts'
import { createPolicySet, type PolicySetOptions } from './policy-set.ts'

const create = (options: Partial<PolicySetOptions> = {}) =>
  createPolicySet({ prior: paperPrior, models: paperModels, ...options })

predictorProperties('the pool predictor', () => create().predictor)
/** Weights as they are before training, and at random all over: whatever was learnt, what every policy keeps is kept. */
const hidden = 8
const weightsOf = (config: CandidateScorerConfig, isWild: boolean) => {
  const random = createRandom(3)
  const parameters = initialise(candidateScorerShapes(config), random)
  return isWild ? parameters.map(() => 3 * random.normal()) : parameters
}
const learned = (isWild: boolean, temperature: number | null): Partial<PolicySetOptions> => ({
  // Else it would be the training-free policy that is tested.
  onFallback: ({ level, reason }) => {
    throw new Error(`${level} fell back: ${reason}`)
  },
  planner: { kind: 'learned', hidden, temperature, parameters: weightsOf(planScorerConfig(hidden), isWild) },
  executor: { kind: 'learned', hidden, temperature, parameters: weightsOf(armScorerConfig(hidden), isWild) },
})

plannerProperties('rules', () => create().planner)
plannerProperties('fixed', () => create({ planner: { kind: 'fixed', topology: 'debate', agents: 3 } }).planner)
plannerProperties('learned', () => create(learned(false, 0.02)).planner)
plannerProperties('learned from scratch, wild weights', () => create(learned(true, null)).planner)
executorProperties('slack-greedy', () => create().executor)
executorProperties('mcpp', () => create({ executor: 'mcpp' }).executor)
executorProperties('learned', () => create(learned(false, 0.02)).executor)
executorProperties('learned from scratch, wild weights', () => create(learned(true, null)).executor)
executorProperties('least-loaded', () => create({ executor: 'least-loaded' }).executor)
executorProperties('round-robin', () => create({ executor: 'round-robin' }).executor)
executorProperties('fixed', () => create({ executor: { kind: 'fixed', model: coder, strategy: 'Concise' } }).executor)

describe('createPolicySet', () => {
  it('takes the training-free policies unless told otherwise', () => {
    const { planner, executor } = create()
    expect([planner.name, executor.name]).toEqual(['rules', 'slack-greedy'])
  })

  it('names fixed policies by what they are fixed to', () => {
    const { planner, executor } = create({
      planner: { kind: 'fixed', topology: 'io', agents: 2 },
      executor: { kind: 'fixed', model: coder, strategy: 'Flash' },
    })
    expect(planner.name).toBe('fixed:io:2')
    expect(executor.name).toBe(`fixed:${coder}:Flash`)
  })

  it('lets a baseline take the place of planner and executor', () => {
    const { planner, executor } = create({ baseline: { kind: 'moa' }, executor: 'round-robin' })
    expect([planner.name, executor.name]).toEqual(['moa', 'moa'])
    const plan = planner.plan(aQuery(), paperState())
    expect(plan).toMatchObject({ agents: paperModels.length, merge: 'model' })
  })

  it('compares models that nobody calibrated by their tier and their name', () => {
    const models = ['nobody-knows-3b', 'nobody-knows-70b', 'called-small']
    const tiers = { 'called-small': 'large' } as const
    const large = createPolicySet({ prior: { models: {} }, models, tiers, baseline: { kind: 'first-large' } }).executor
    const state = aClusterState({ models: models.map((model) => ({ model })) })
    const armOf = (step: StepContext) => large.choose(step, state)
    expect(armOf(aStepContext())).toMatchObject({ arm: { model: 'nobody-knows-70b' } })
    const excludedModels = ['nobody-knows-70b']
    expect(armOf(aStepContext({ excludedModels }))).toMatchObject({ arm: { model: 'called-small' } })
  })

  it('hands its seed to what draws', () => {
    const drawn = (options: Partial<PolicySetOptions>) => {
      const { executor } = create(options)
      return Array.from({ length: 30 }, (_, index) =>
        JSON.stringify(executor.choose(aStepContext({ query: aQuery({ runId: `run_${index}` }) }), paperState())),
      )
    }
    for (const options of [{ baseline: { kind: 'random' } }, { executor: 'mcpp' }] as const) {
      expect(drawn({ ...options, seed: 4 })).toEqual(drawn({ ...options, seed: 4 }))
      expect(drawn({ ...options, seed: 4 })).not.toEqual(drawn({ ...options, seed: 5 }))
      expect(drawn(options)).toEqual(drawn({ ...options, seed: 1 }))
    }
  })

  it('takes the number of rollouts from the executor that it names', () => {
    const query = aQuery({ domain: 'math', budgetMs: 6_000 })
    const scoreAt = (executor: ExecutorSpec) => {
      const choice = create({ executor }).executor.choose(aStepContext({ query }), paperState({ load: 0.6 }))
      return choice.kind === 'arm' ? choice.score : null
    }
    expect(scoreAt({ kind: 'mcpp', rollouts: 1_500 })).toBe(scoreAt('mcpp'))
    expect(scoreAt({ kind: 'mcpp', rollouts: 60 })).not.toBe(scoreAt('mcpp'))
  })

  it('lets planner and executor share one safety factor', () => {
    const { planner, executor } = create({ safety: 1 })
    const alone = { limits: { maxAgents: 1 }, domain: 'math', soloReason: 'tools' } as const
    const predictedMs = () => planner.plan(aQuery({ ...alone, budgetMs: 9_000 }), paperState()).predictedMs
    const before = predictedMs()
    const late = { domain: 'math', budgetMs: 20_000, latencyMs: 40_000, strategy: null } as const
    for (let run = 0; run < 400; run += 1)
      executor.runFinished?.({ ...late, isAnswered: true, isOnTime: false, isDegraded: false, isFallback: false })
    expect(predictedMs()).toBeLessThan(before)
  })

  it('starts from the safety factor that it is told: a larger one allows shallower answers only', () => {
    const query = aQuery({ limits: { maxAgents: 1 }, domain: 'math', soloReason: 'tools', budgetMs: 9_000 })
    const predictedMs = [1, 2.2, 3.3].map((safety) => create({ safety }).planner.plan(query, paperState()).predictedMs)
    expect(predictedMs).toEqual([...predictedMs].sort((a, b) => b - a))
    expect(predictedMs[0]).toBeGreaterThan(predictedMs[2] as number)
    expect(create().planner.plan(query, paperState()).predictedMs).toBe(predictedMs[1])
  })

  it('refuses a pool without models and a topology that does not exist', () => {
    expect(() => create({ models: [] })).toThrow('at least one model')
    expect(() => create({ planner: { kind: 'fixed', topology: 'debatte', agents: 2 } })).toThrow('debate')
  })

  it('leaves nothing to chance: two sets that see the same decide the same', () => {
    const [one, other] = [create(), create()]
    for (let index = 0; index < 20; index += 1) {
      const query = aQuery({ arrivedAtMs: index * 500, budgetMs: 5_000 + index * 3_000 })
      const state = paperState({ atMs: index * 500, load: (index % 7) / 5 })
      const plans = [one, other].map(({ planner }) => planner.plan(query, state))
      expect(plans[0]).toEqual(plans[1])
      const [plan] = plans
      if (!plan) throw new Error('no plan')
      const step = aStepContext({ query, plan, step: plan.steps[0] as (typeof plan.steps)[number] })
      const choices = [one, other].map(({ executor }) => JSON.stringify(executor.choose(step, state)))
      expect(choices[0]).toBe(choices[1])
    }
  })
})
