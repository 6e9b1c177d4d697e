/** @file The paper's executor: legal arms, drawn by their probabilities, the training-free one where numbers fail. */
import { describe, expect, it } from 'vitest'
import { executorProperties } from '../../../../test/policy/executor.properties.ts'
import { paperModels, paperPrior, paperState, r1 } from '../../../../test/policy/paper-pool.ts'
import { ConfigError, createRandom, strategyIds } from '../../../core/index.ts'
import { aQuery, aStepContext } from '../../../testing/index.ts'
import { createFeatures, teamTexts } from '../../embed/index.ts'
import {
  createPaperExecutor,
  initialise,
  logProbabilityOf,
  paperExecutorShapes,
  type ScoredDecision,
} from '../../nn/index.ts'
import type { PolicyFallback } from '../../observe/index.ts'
import { createPolicySet, type PolicySetOptions } from '../../policy-set.ts'
import type { JointExecutorOptions } from './joint-executor.ts'

const parameters = initialise(paperExecutorShapes({ models: paperModels.length }), createRandom(3))
const setOf = (options: Partial<JointExecutorOptions> = {}, parts: Partial<PolicySetOptions> = {}) => {
  const executor = { kind: 'joint' as const, parameters, models: paperModels, temperature: null, ...options }
  return createPolicySet({ prior: paperPrior, models: paperModels, executor, ...parts })
}
const text = 'How many primes lie below 40?'
const query = aQuery({ text, domain: 'math', answerFormat: 'number', budgetMs: 60_000, features: createFeatures(text) })
const step = aStepContext({ query })

executorProperties('joint', () => setOf().executor)
executorProperties('joint over a base', () => setOf({ temperature: 0.02 }).executor)

/** Decisions of an exploring executor over steps at changing loads. */
function explored(options: Partial<JointExecutorOptions> = {}) {
  const told: ScoredDecision[] = []
  const sink = { decided: (_: string, __: string, decision: ScoredDecision) => void told.push(decision) }
  const { executor } = setOf({ ...options, exploration: { random: createRandom(8), sink } })
  const chosen = [0, 0.4, 0.9, 1.5].map((load) => executor.choose(step, paperState({ load })))
  return { told, chosen }
}

describe('the joint executor', () => {
  it('scores as the whole network does, over the allowed arms alone', () => {
    const { told, chosen } = explored()
    // A network of its own, in plain loops.
    const network = createPaperExecutor({ models: paperModels.length }, { parameters, roles: teamTexts().roles }, null)
    expect(told).toHaveLength(chosen.length)
    for (const [index, decision] of told.entries()) {
      const { context, candidates, count, taken, logProbability } = decision
      const [role = -1] = context
      const all = network.score({ query: decision.query as Float32Array, role, load: context.subarray(1) })
      const logits = Float32Array.from({ length: count }, (_, place) => all[candidates[place] as number] as number)
      expect(logProbabilityOf(logits, taken)).toBeCloseTo(logProbability, 5)
      const choice = chosen[index] as Extract<(typeof chosen)[number], { kind: 'arm' }>
      const place = candidates[taken] as number
      expect(choice.arm).toEqual({ model: paperModels[Math.floor(place / 3)], strategy: strategyIds[place % 3] })
      expect(choice.probability).toBeCloseTo(Math.exp(logProbability), 5)
    }
  })

  it('reads load, budget and role, and keeps each question by reference', () => {
    const { told } = explored()
    expect(told[0]?.query).toBe(query.features.embedding)
    expect(new Set(told.map(({ context }) => context.join(' '))).size).toBe(told.length)
    const [idle, , , full] = told
    expect(idle?.context[2]).toBe(0)
    expect(full?.context[2]).toBeCloseTo(24 / 16)
  })

  it('takes no arm of a model that cannot be called', () => {
    const state = paperState({ models: { [r1]: { isUsable: false } } })
    const { executor } = setOf()
    const choice = executor.choose(step, state)
    expect(choice.kind === 'arm' && choice.arm.model).not.toBe(r1)
  })

  it('leaves to slack-greedy what it cannot say', () => {
    const heard: PolicyFallback[] = []
    const onFallback = (fallback: PolicyFallback) => void heard.push(fallback)
    const broken = setOf({ parameters: parameters.slice().fill(Number.NaN) }, { onFallback })
    const free = createPolicySet({ prior: paperPrior, models: paperModels })
    const chosen = [broken, free].map(({ executor }) => executor.choose(step, paperState()))
    expect(JSON.stringify(chosen[0])).toBe(JSON.stringify(chosen[1]))
    const state = paperState({ models: { [r1]: { kvUsage: Number.NaN } } })
    setOf({}, { onFallback }).executor.choose(step, state)
    expect(heard).toEqual([
      { level: 'executor', reason: 'logits' },
      { level: 'executor', reason: 'features' },
    ])
  })

  it('is refused on a pool with a model more or less, and not for their order', () => {
    const on = (models: readonly string[]) => () => setOf({}, { models })
    expect(on(paperModels.toReversed())).not.toThrow()
    expect(on([...paperModels, 'new'])).toThrow(ConfigError)
    expect(on([...paperModels, 'new'])).toThrow(/new beside them/)
    expect(on(paperModels.slice(1))).toThrow(new RegExp(`no ${r1}`))
  })
})
