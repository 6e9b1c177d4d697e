import { describe, expect, it } from 'vitest'
import { executorProperties } from '../../../../test/policy/executor.properties.ts'
import {
  coder,
  llama3,
  llama8,
  mistral,
  paperModels,
  paperPrior,
  paperState,
  r1,
} from '../../../../test/policy/paper-pool.ts'
import type { Choice, ClusterState, Plan, StepContext } from '../../../core/index.ts'
import { createTopologyBook, layOut, mergeInEffect, pickRoles } from '../../../team/index.ts'
import {
  aCallResult,
  aClusterState,
  anAnswerInHand,
  anEstimate,
  aPlan,
  aQuery,
  aStepContext,
  aStepOutcome,
} from '../../../testing/index.ts'
import { createPredictor, SafetyFactor } from '../../predict/index.ts'
import { createMcpp, type McppOptions } from './mcpp.ts'
import { sharedSpread } from './problem.ts'

const predictorOf = () => createPredictor({ prior: paperPrior, models: paperModels })
const executorOf = (options: McppOptions & { readonly seed?: number } = {}, safety = new SafetyFactor()) =>
  createMcpp({ predictor: predictorOf(), models: paperModels, safety, seed: options.seed ?? 1 }, options)

function take(
  step: StepContext,
  state: ClusterState = paperState(),
  options: Parameters<typeof executorOf>[0] = {},
): Choice & { readonly kind: 'arm' } {
  const choice = executorOf(options).choose(step, state)
  if (choice.kind !== 'arm') throw new Error(`stopped: ${choice.reason}`)
  return choice
}
const solo = (budgetMs: number, overrides: Partial<StepContext> = {}) =>
  aStepContext({ query: aQuery({ domain: 'math', budgetMs }), ...overrides })

const book = createTopologyBook()
function teamOf(id: string, agents: number, wish: 'model' | 'vote' = 'model'): Plan {
  const topology = book.get(id)
  const steps = layOut({ topology, agents, roles: pickRoles('math', 1), merge: wish, aggregatorRole: 'Judge' })
  return { ...aPlan({ topology: id, agents, merge: mergeInEffect(topology, agents, wish) }), steps }
}
const firstOf = (plan: Plan, budgetMs: number) =>
  aStepContext({ query: aQuery({ domain: 'math', budgetMs }), plan, step: plan.steps[0] as StepContext['step'] })

executorProperties('mcpp', () => executorOf())
executorProperties('mcpp with 40 rollouts', () => executorOf({ rollouts: 40 }))

describe('mcpp', () => {
  it('spends more time on better answers as the budget grows', () => {
    const choices = [1_500, 4_000, 60_000].map((budgetMs) => take(solo(budgetMs)))
    const qualities = choices.map(({ estimate }) => estimate.quality)
    expect(qualities).toEqual([...qualities].sort((a, b) => a - b))
    expect(new Set(qualities).size).toBe(3)
    for (const { reason } of choices) expect(reason).toBe('best-by-rollouts')
  })

  it('scores by the chance to be in time and right, less the price', () => {
    const { score = 0, price = 0, estimate, alternatives } = take(solo(60_000))
    expect(score + price).toBeGreaterThan(0.95 * estimate.quality)
    expect(score + price).toBeLessThanOrEqual(estimate.quality + 1e-9)
    expect(alternatives.length).toBeGreaterThan(1)
    const scores = alternatives.map((other) => other.score)
    expect(scores).toEqual([...scores].sort((a, b) => b - a))
    expect(score).toBeGreaterThanOrEqual(scores[0] ?? Infinity)
  })

  it('gives up quality for the chance to be in time', () => {
    const { estimate, alternatives } = take(solo(4_000))
    expect(estimate.latencyMs.cdf(4_000)).toBeGreaterThan(0.8)
    const better = alternatives.filter(({ quality }) => quality > estimate.quality)
    for (const { predictedMs } of better) expect(predictedMs).toBeGreaterThan(estimate.latencyMs.mean)
  })

  it('takes the soonest where nothing can be in time, and says so', () => {
    const { arm, reason } = take(solo(60))
    expect(reason).toBe('fastest-nothing-fits')
    expect([llama3, llama8]).toContain(arm.model)
  })

  it('leaves a congested model to those who need it, though there is time to wait for it', () => {
    const idle = take(solo(60_000))
    const congested = take(solo(60_000), paperState({ load: { [idle.arm.model]: 1.1 } }))
    expect(congested.arm.model).not.toBe(idle.arm.model)
    expect(take(solo(300_000), paperState({ load: { [mistral]: 1.6, [coder]: 1.6 } })).estimate.queueMs).toBeLessThan(
      1_000,
    )
  })

  it('hurries where much is still to follow', () => {
    const alone = take(solo(9_000))
    const first = take(firstOf(teamOf('chain', 3), 9_000))
    expect(first.estimate.latencyMs.mean).toBeLessThan(alone.estimate.latencyMs.mean)
    const chain = teamOf('chain', 3)
    const step = chain.steps.at(-1) as StepContext['step']
    const last = take(aStepContext({ query: aQuery({ budgetMs: 9_000 }), plan: chain, step }))
    expect(last.estimate.latencyMs.mean).toBeGreaterThan(first.estimate.latencyMs.mean)
  })

  it('is more careful of a model whose predictions have been wrong', () => {
    const predictor = predictorOf()
    expect(sharedSpread(predictor, coder)).toBe(0.3)
    const estimate = anEstimate({ arm: { model: coder, strategy: 'Concise' } })
    const observe = (finishedAtMs: number) =>
      predictor.observe(
        aStepOutcome({ estimate, result: aCallResult({ sentAtMs: 0, firstTokenAtMs: 100, finishedAtMs }) }),
      )
    const medianMs = estimate.latencyMs.quantile(0.5)
    for (let call = 0; call < 40; call += 1) observe(medianMs)
    expect(sharedSpread(predictor, coder)).toBe(0.05)
    for (let call = 0; call < 40; call += 1) observe(4 * medianMs)
    expect(sharedSpread(predictor, coder)).toBeGreaterThan(0.5)
  })

  it('prefers another model than its siblings in a vote', () => {
    const plan = teamOf('io', 3, 'vote')
    const first = take(firstOf(plan, 60_000))
    const second = take({ ...firstOf(plan, 60_000), siblingArms: [first.arm] })
    expect(second.arm.model).not.toBe(first.arm.model)
  })

  it('stops when the answers in hand agree, where it may', () => {
    const answers = ['0/0', '0/1'].map((stepId) => anAnswerInHand({ stepId }))
    const context = solo(30_000, { answers, agreement: 1 })
    expect(executorOf().choose({ ...context, mayStop: true }, paperState())).toEqual({
      kind: 'stop',
      reason: 'answers-agree',
    })
    expect(executorOf().choose(context, paperState()).kind).toBe('arm')
  })

  it('keeps off models that failed or are down while any other is up, and says when none is', () => {
    const first = take(solo(30_000)).arm.model
    expect(take(solo(30_000, { excludedModels: [first] })).arm.model).not.toBe(first)
    expect(take(solo(30_000), paperState({ models: { [first]: { isUsable: false } } })).arm.model).not.toBe(first)
    expect(take(solo(30_000, { excludedModels: [...paperModels] })).reason).toBe('only-failed-models-left')
    const models = Object.fromEntries(paperModels.map((model) => [model, { isUsable: false }]))
    expect(take(solo(30_000), paperState({ models })).reason).toBe('no-usable-model')
    expect(take(solo(300_000, { promptTokens: 50_000 })).reason).toBe('nothing-has-room')
    expect(paperModels).toContain(take(solo(30_000), aClusterState({ models: [] })).arm.model)
  })

  it('says when there was nothing to choose', () => {
    const query = aQuery({ budgetMs: 60_000, limits: { strategy: 'Flash' } })
    const excludedModels = paperModels.filter((model) => model !== r1)
    expect(take(aStepContext({ query, excludedModels })).reason).toBe('only-arm')
  })

  it('decides by names of run and step and the seed, not by what it decided before', () => {
    const executor = executorOf()
    const step = firstOf(teamOf('debate', 3), 12_000)
    const before = JSON.stringify(executor.choose(step, paperState({ load: 0.8 })))
    for (let index = 0; index < 5; index += 1)
      executor.choose(solo(10_000, { query: aQuery({ runId: `run_${index}` }) }), paperState({ load: 0.8 }))
    expect(JSON.stringify(executor.choose(step, paperState({ load: 0.8 })))).toBe(before)
    const scoreOf = (seed: number) => take(step, paperState({ load: 0.8 }), { seed }).score
    expect(scoreOf(1)).not.toBe(scoreOf(2))
  })

  it('needs few rollouts to come near the choice of many', () => {
    for (const budgetMs of [2_000, 6_000, 12_000, 25_000]) {
      const step = firstOf(teamOf('io', 3), budgetMs)
      const many = take(step, paperState({ load: 0.6 }), { rollouts: 20_000 })
      const few = take(step, paperState({ load: 0.6 }))
      const worth = [many, ...many.alternatives].find(
        ({ arm }) => arm.model === few.arm.model && arm.strategy === few.arm.strategy,
      )
      expect((many.score ?? 0) - (worth?.score ?? -1)).toBeLessThan(0.02)
    }
  })

  it('feeds the safety factor that it shares with the planner', () => {
    const safety = new SafetyFactor()
    const executor = executorOf({}, safety)
    const late = { domain: 'math', budgetMs: 20_000, latencyMs: 40_000, strategy: null } as const
    for (let run = 0; run < 60; run += 1)
      executor.runFinished?.({ ...late, isAnswered: true, isOnTime: false, isDegraded: false, isFallback: false })
    expect(safety.value).toBeGreaterThan(new SafetyFactor().value)
  })
})
