/** @file Learned policies whose numbers are not finite: the training-free ones decide, as if they had been asked. */
import { describe, expect, it } from 'vitest'
import { type LearnedPolicyOptions, learnedPolicy } from '../../test/learned-policies.ts'
import { paperModels, paperPrior, paperState } from '../../test/policy/paper-pool.ts'
import { aQuery, aStepContext } from '../testing/index.ts'
import { createFeatures } from './embed/index.ts'
import { specsOf } from './learned-policy.ts'
import type { PolicyFallback } from './observe/index.ts'
import { createPolicySet } from './policy-set.ts'

const text = 'A tank holds 240 litres and loses 7 a minute. How many are left after 12 minutes?'
const query = aQuery({ text, domain: 'math', answerFormat: 'number', budgetMs: 60_000, features: createFeatures(text) })
const step = aStepContext({ query })
const free = () => createPolicySet({ prior: paperPrior, models: paperModels })

function learned(options: LearnedPolicyOptions = {}, broken: readonly ('planner' | 'executor')[] = []) {
  const heard: PolicyFallback[] = []
  const specs = specsOf(learnedPolicy(options), 'x')
  const parametersOf = (spec: unknown) => (spec as { parameters: Float32Array }).parameters
  // Weights that go wrong after they were read: a file with such weights is refused.
  for (const level of broken) parametersOf(specs[level]).fill(Number.NaN)
  const onFallback = (fallback: PolicyFallback) => void heard.push(fallback)
  return { set: createPolicySet({ prior: paperPrior, models: paperModels, ...specs, onFallback }), heard }
}

describe('a learned policy', () => {
  it('says the probability of what it takes, and of what it does not', () => {
    const { set, heard } = learned()
    const plan = set.planner.plan(query, paperState())
    const choice = set.executor.choose(step, paperState())
    for (const { probability = -1, alternatives } of [plan, choice as Extract<typeof choice, { kind: 'arm' }>]) {
      expect(probability).toBeGreaterThan(0)
      const others = alternatives.map((other) => other.probability as number)
      expect(others.length).toBeGreaterThan(1)
      expect(Math.max(...others)).toBeLessThanOrEqual(probability)
      expect(probability + others.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(1 + 1e-6)
    }
    expect(heard).toEqual([])
  })

  it('leaves to rules what its planner cannot say', () => {
    const { set, heard } = learned({}, ['planner'])
    for (const load of [0, 0.9, 1.5]) {
      const state = paperState({ load })
      expect(set.planner.plan(query, state)).toEqual(free().planner.plan(query, state))
    }
    expect(heard).toEqual(Array(3).fill({ level: 'planner', reason: 'logits' }))
  })

  it('leaves to slack-greedy what its executor cannot say', () => {
    const { set, heard } = learned({}, ['executor'])
    const chosen = [set, free()].map(({ executor }) => executor.choose(step, paperState()))
    expect(JSON.stringify(chosen[0])).toBe(JSON.stringify(chosen[1]))
    expect(chosen[0]).toMatchObject({ kind: 'arm', reason: expect.not.stringMatching('learned') })
    expect(heard).toEqual([{ level: 'executor', reason: 'logits' }])
  })

  it('leaves a decision of which a feature is missing, and takes the next one again', () => {
    const { set, heard } = learned()
    const { hand } = query.features
    for (const flawed of [hand.with(3, Number.NaN), hand.slice(0, -1)]) {
      const holed = { ...query, features: { ...query.features, hand: flawed } }
      expect(set.planner.plan(holed, paperState()).reason).not.toBe('learned')
    }
    expect(set.planner.plan(query, paperState()).reason).toBe('learned')
    const kvUsage = Number.NaN
    const state = paperState({ models: Object.fromEntries(paperModels.map((model) => [model, { kvUsage }])) })
    expect(set.executor.choose(step, state)).toMatchObject({ reason: expect.not.stringMatching('learned') })
    expect(set.executor.choose(step, paperState())).toMatchObject({ reason: 'learned' })
    expect(heard).toEqual([
      { level: 'planner', reason: 'features' },
      { level: 'planner', reason: 'features' },
      { level: 'executor', reason: 'features' },
    ])
  })
})
