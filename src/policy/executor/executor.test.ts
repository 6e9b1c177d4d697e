import { describe, expect, it } from 'vitest'
import {
  coder,
  llama3,
  llama8,
  mistral,
  paperModels,
  paperPrior,
  paperState,
  r1,
} from '../../../test/policy/paper-pool.ts'
import type { Choice, ClusterState, StepContext } from '../../core/index.ts'
import { aClusterState, anAnswerInHand, aPlan, aQuery, aStep, aStepContext } from '../../testing/index.ts'
import { createPredictor } from '../predict/index.ts'
import { createExecutor, type ExecutorSpec } from './create-executor.ts'
import { timeShareMs } from './time-share.ts'

const executorOf = (spec: ExecutorSpec = 'slack-greedy') =>
  createExecutor(spec, { predictor: createPredictor({ prior: paperPrior, models: paperModels }), models: paperModels })

/** What `slack-greedy` takes, afresh. */
function take(step: StepContext, state: ClusterState = paperState()): Choice & { readonly kind: 'arm' } {
  const choice = executorOf().choose(step, state)
  if (choice.kind !== 'arm') throw new Error(`stopped: ${choice.reason}`)
  return choice
}
const solo = (budgetMs: number, overrides: Partial<StepContext> = {}) =>
  aStepContext({ query: aQuery({ domain: 'math', budgetMs }), ...overrides })

describe('slack-greedy', () => {
  it('spends more time on better answers as the budget grows', () => {
    const choices = [1_500, 4_000, 30_000].map((budgetMs) => take(solo(budgetMs)))
    const qualities = choices.map(({ estimate }) => estimate.quality)
    expect(qualities).toEqual([...qualities].sort((a, b) => a - b))
    expect(new Set(qualities).size).toBe(3)
    for (const { estimate, shareMs, reason, backup } of choices) {
      expect(reason).toBe(backup ? 'best-with-backup' : 'best-within-share')
      if (!backup) expect(estimate.latencyMs.mean).toBeLessThan(shareMs ?? 0)
    }
  })

  it('plans a quicker second call beside an arm that may be late, while the pool is quiet', () => {
    const { backup, arm, estimate, reason } = take(solo(30_000))
    expect(reason).toBe('best-with-backup')
    expect(backup?.arm.model).not.toBe(arm.model)
    // At the default safety factor it does not surely fit.
    expect(2.2 * (estimate.expectedMs ?? 0)).toBeGreaterThan(30_000)
    expect(backup?.leadMs).toBeLessThan(18_000)
    const busy = take(solo(30_000), paperState({ load: 0.6 }))
    expect([busy.backup, busy.reason]).toEqual([undefined, 'best-within-share'])
  })

  it('takes the soonest where nothing fits, and says so', () => {
    const { arm, reason } = take(solo(300))
    expect(reason).toBe('fastest-nothing-fits')
    expect([llama3, llama8]).toContain(arm.model)
  })

  it('leaves a congested model to those who need it', () => {
    const idle = take(solo(30_000))
    const load = { [idle.arm.model]: 1.1 }
    const congested = take(solo(30_000), paperState({ load }))
    expect(congested.arm.model).not.toBe(idle.arm.model)
    const alternative = congested.alternatives.find(({ arm }) => arm.model === idle.arm.model)
    expect(alternative?.price ?? 1).toBeGreaterThan(0.05)
  })

  it('does not fill a long budget with waiting', () => {
    const load = { [mistral]: 1.6, [coder]: 1.6 }
    expect(take(solo(300_000), paperState({ load })).estimate.queueMs).toBeLessThan(1_000)
  })

  it('keeps off models that failed or are down, while any other is up', () => {
    const first = take(solo(30_000)).arm.model
    expect(take(solo(30_000, { excludedModels: [first] })).arm.model).not.toBe(first)
    const down = { models: { [first]: { isUsable: false } } }
    expect(take(solo(30_000), paperState(down)).arm.model).not.toBe(first)
    const excludedModels = paperModels.filter((model) => model !== llama3)
    expect(take(solo(30_000, { excludedModels })).arm.model).toBe(llama3)
  })

  it('comes back to failed models when they are all that is left', () => {
    expect(take(solo(30_000, { excludedModels: [...paperModels] })).reason).toBe('only-failed-models-left')
  })

  it('names some arm even where no model can be called, or none is known', () => {
    const models = Object.fromEntries(paperModels.map((model) => [model, { isUsable: false }]))
    expect(take(solo(30_000), paperState({ models })).reason).toBe('no-usable-model')
    expect(paperModels).toContain(take(solo(30_000), aClusterState({ models: [] })).arm.model)
  })

  it('keeps to the depth that the caller sets', () => {
    for (const strategy of ['Flash', 'Concise', 'DeepThink'] as const) {
      const forced = aQuery({ budgetMs: 60_000, limits: { strategy } })
      expect(take(aStepContext({ query: forced })).arm.strategy).toBe(strategy)
    }
    const ceiling = aQuery({ budgetMs: 60_000, limits: { deepestStrategy: 'Flash' } })
    expect(take(aStepContext({ query: ceiling })).arm.strategy).toBe('Flash')
  })

  it('leaves out arms without room for prompt and cap, or over the tokens that are left', () => {
    const deep = take(solo(300_000))
    expect(deep.arm.strategy).not.toBe('Flash')
    expect(take(solo(300_000, { promptTokens: 15_500 })).arm.strategy).toBe('Flash')
    expect(take(solo(300_000, { promptTokens: 50_000 })).reason).toBe('nothing-has-room')
    const frugal = aQuery({ budgetMs: 300_000, limits: { maxTotalTokens: 500 } })
    const { estimate } = take(aStepContext({ query: frugal, promptTokens: 100, tokensUsed: 150 }))
    expect(estimate.outputTokens.mean).toBeLessThan(250)
  })

  it('prefers another model than its siblings in a vote', () => {
    const plan = aPlan({ topology: 'io', agents: 3, merge: 'vote', stopsOnAgreement: true })
    const first = take(solo(40_000, { plan }))
    const second = take(solo(40_000, { plan, siblingArms: [first.arm] }))
    expect(second.arm.model).not.toBe(first.arm.model)
    const merged = aPlan({ topology: 'io', agents: 3, merge: 'model' })
    const alone = take(solo(40_000, { plan: merged }))
    expect(take(solo(40_000, { plan: merged, siblingArms: [alone.arm] })).arm).toEqual(alone.arm)
  })

  it('tells what it maximised, and the best few it passed over, best first', () => {
    const { alternatives, arm, score, price, estimate } = take(solo(30_000))
    expect(alternatives.length).toBeGreaterThan(2)
    expect(alternatives.length).toBeLessThanOrEqual(6)
    const scores = alternatives.map(({ score }) => score)
    expect(scores).toEqual([...scores].sort((a, b) => b - a))
    expect(alternatives.map((alternative) => alternative.arm)).not.toContainEqual(arm)
    expect(score).toBeGreaterThanOrEqual(scores[0] ?? Infinity)
    expect(score).toBeCloseTo(estimate.quality - (price ?? Infinity))
  })
})

describe('division of the slack', () => {
  const steps = [
    aStep({ id: '0/0', stepsToEnd: 3, isLast: false }),
    aStep({ id: '1/0', kind: 'review', dependsOn: ['0/0'], reads: ['0/0'], stepsToEnd: 2, isLast: false }),
    aStep({ id: 'last', kind: 'aggregate', dependsOn: ['1/0'], reads: ['1/0'], stepsToEnd: 1 }),
  ]
  const plan = aPlan({ steps })
  const shareOf = (index: number, reservedMs: number) =>
    timeShareMs(
      aStepContext({ plan, step: plan.steps[index] as (typeof steps)[number], remainingMs: 26_000, reservedMs }),
    )

  it('follows the weights of the way, the last step kept back', () => {
    expect(shareOf(0, 0)).toBeCloseTo(10_000)
    expect(shareOf(1, 0)).toBeCloseTo(13_000)
    expect(shareOf(0, 8_000)).toBeCloseTo(10_000)
    expect(shareOf(2, 0)).toBe(26_000)
  })

  it('is negative when time is up', () => {
    expect(timeShareMs(aStepContext({ remainingMs: -100 }))).toBe(-100)
  })
})

describe('stopping', () => {
  const plan = aPlan({
    merge: 'vote',
    stopsOnAgreement: true,
    steps: ['0/0', '0/1', '0/2', '0/3', '0/4'].map((id) => ({ id })),
  })
  const chooseAfter = (
    answers: readonly (string | null)[],
    agreement: number | null,
    overrides: Partial<StepContext> = {},
  ) =>
    executorOf().choose(
      aStepContext({
        plan,
        mayStop: true,
        agreement,
        answers: answers.map((answer, index) => anAnswerInHand({ stepId: `0/${index}`, answer })),
        ...overrides,
      }),
      paperState(),
    )

  it('stops when all answers agree, where it may', () => {
    expect(chooseAfter(['7', '7'], 1)).toEqual({ kind: 'stop', reason: 'answers-agree' })
    expect(chooseAfter(['7', '7'], 1, { mayStop: false }).kind).toBe('arm')
    expect(chooseAfter(['7', '8'], 0.5).kind).toBe('arm')
    expect(chooseAfter(['7'], null).kind).toBe('arm')
  })

  it('stops when no outstanding vote can change the leader', () => {
    expect(chooseAfter(['7', '7', '8', '7'], 0.75)).toEqual({ kind: 'stop', reason: 'majority-decided' })
    expect(chooseAfter(['7', '7', '8'], 0.67).kind).toBe('arm')
    expect(chooseAfter(['7', '7', '8', null], 0.67).kind).toBe('arm')
  })

  it('never stops on answers that cannot be compared', () => {
    const query = aQuery({ domain: 'code', answerFormat: 'code' })
    expect(chooseAfter(['f', 'f'], 1, { query }).kind).toBe('arm')
  })
})

describe('plain executors', () => {
  const models = (spec: ExecutorSpec, state: ClusterState, count = 5, overrides: Partial<StepContext> = {}) => {
    const executor = executorOf(spec)
    return Array.from({ length: count }, () => {
      const choice = executor.choose(solo(10_000, overrides), state)
      return choice.kind === 'arm' ? choice.arm.model : 'stop'
    })
  }
  const fixed = { kind: 'fixed', model: llama8, strategy: 'DeepThink' } as const

  it('round-robin takes the models in turn, passing over those it may not call', () => {
    expect(models('round-robin', paperState())).toEqual(paperModels)
    const down = paperState({ models: { [r1]: { isUsable: false } } })
    expect(models('round-robin', down)).not.toContain(r1)
  })

  it('least-loaded takes the model with most room, the next in turn on a tie', () => {
    const load = { [r1]: 0.5, [mistral]: 0.2, [coder]: 0.9, [llama8]: 0.1, [llama3]: 0.1 }
    expect(models('least-loaded', paperState({ load }), 1)).toEqual([llama8])
    expect(models('least-loaded', paperState())).toEqual(paperModels)
  })

  it('fixed keeps its arm whatever the load, and leaves it only when it cannot be called', () => {
    expect(models(fixed, paperState({ load: 3 }), 2)).toEqual([llama8, llama8])
    expect(models(fixed, paperState({ models: { [llama8]: { isUsable: false } } }), 1)).not.toContain(llama8)
    expect(models(fixed, paperState(), 1, { excludedModels: [llama8] })).not.toContain(llama8)
  })

  it.each(['round-robin', 'least-loaded', fixed] as const)('%o yields to the depth that the caller sets', (spec) => {
    const query = aQuery({ limits: { strategy: 'Flash' } })
    const ceiling = aQuery({ limits: { deepestStrategy: 'Flash' } })
    for (const asked of [query, ceiling])
      expect(executorOf(spec).choose(aStepContext({ query: asked }), paperState())).toMatchObject({
        arm: { strategy: 'Flash' },
      })
  })
})
