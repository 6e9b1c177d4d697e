/** @file What every Executor keeps: an arm that can be sent and is priced, or a stop where one is allowed. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Choice, Executor, Query, StepContext } from '../../src/core/index.ts'
import { strategyIds } from '../../src/core/index.ts'
import { aClusterState, anAnswerInHand, aQuery, aStepContext, aStepOutcome } from '../../src/testing/index.ts'

export interface ExecutorHarness {
  readonly executor: Executor
  /** Models that the executor has a prior for: two at least. */
  readonly models: readonly [string, string, ...string[]]
  query?(overrides: Partial<Query>): Query
}

function expectPriced(choice: Choice, context: StepContext, models: readonly string[]): void {
  expect(choice.reason).not.toBe('')
  if (choice.kind === 'stop') {
    expect(context.mayStop).toBe(true)
    return
  }
  const { arm, estimate } = choice
  expect(models).toContain(arm.model)
  expect(strategyIds).toContain(arm.strategy)
  expect(estimate.arm).toEqual(arm)
  expect(estimate.latencyMs.quantile(0.9)).toBeGreaterThanOrEqual(estimate.latencyMs.quantile(0.5))
  expect(estimate.latencyMs.mean).toBeGreaterThan(0)
  expect(estimate.quality >= 0 && estimate.quality <= 1).toBe(true)
  for (const alternative of choice.alternatives) expect(Number.isNaN(alternative.predictedMs)).toBe(false)
}

/** `isFixed`: the arm is configured and no limit moves it. */
export function describeExecutorContract(
  name: string,
  create: () => ExecutorHarness,
  { isFixed = false }: { readonly isFixed?: boolean } = {},
): void {
  const setUp = () => {
    const { executor, models, query = aQuery } = create()
    const context = (overrides: Partial<StepContext> = {}, queryOverrides: Partial<Query> = {}) =>
      aStepContext({ query: query(queryOverrides), ...overrides })
    const state = (waiting = 0) =>
      aClusterState({
        models: models.map((model) => ({ model, replicas: [{ running: Math.min(8, waiting), waiting }] })),
      })
    return { executor, models, context, state }
  }

  describe(`${name} keeps the contract of an executor`, () => {
    it('picks a priced arm for any time left, any prompt and any load', () => {
      const times = fc.integer({ min: -5_000, max: 300_000 })
      const prompts = fc.integer({ min: 1, max: 30_000 })
      fc.assert(
        fc.property(times, prompts, fc.integer({ min: 0, max: 300 }), (remainingMs, promptTokens, waiting) => {
          const { executor, models, context, state } = setUp()
          const step = context({ remainingMs, promptTokens })
          expectPriced(executor.choose(step, state(waiting)), step, models)
        }),
        { numRuns: 60 },
      )
    })

    it('chooses the same for the same inputs', () => {
      const choices = [setUp(), setUp()].map(({ executor, context, state }) => {
        const choice = executor.choose(context({ remainingMs: 20_000 }), state(3))
        return choice.kind === 'arm' ? { ...choice, estimate: choice.estimate.latencyMs.mean } : choice
      })
      expect(choices[1]).toEqual(choices[0])
    })

    it('stops only where it may, though all answers agree', () => {
      for (const mayStop of [false, true]) {
        const { executor, models, context, state } = setUp()
        const answers = [anAnswerInHand(), anAnswerInHand({ stepId: '0/1' })]
        const step = context({ answers, agreement: 1, mayStop })
        expectPriced(executor.choose(step, state()), step, models)
      }
    })

    it.skipIf(isFixed)('leaves out models that failed this step or cannot be used', () => {
      const { executor, models, context } = setUp()
      const [failed, down, ...others] = models
      const isOther = (choice: Choice, left: readonly string[]) =>
        choice.kind === 'arm' && left.includes(choice.arm.model)
      const state = aClusterState({ models: models.map((model) => ({ model })) })
      const without = executor.choose(context({ excludedModels: [failed] }), state)
      expect(isOther(without, [down, ...others])).toBe(true)
      const crippled = aClusterState({
        models: models.map((model) => ({ model, replicas: [{ isUsable: model !== down }] })),
      })
      for (let turn = 0; turn < 2 * models.length; turn += 1) {
        expect(isOther(executor.choose(context(), crippled), [failed, ...others])).toBe(true)
      }
    })

    it.skipIf(isFixed)('thinks no deeper than the caller allows', () => {
      for (const deepestStrategy of strategyIds) {
        const { executor, context, state } = setUp()
        const choice = executor.choose(context({}, { budgetMs: 300_000, limits: { deepestStrategy } }), state())
        const depth = choice.kind === 'arm' ? strategyIds.indexOf(choice.arm.strategy) : 0
        expect(depth).toBeLessThanOrEqual(strategyIds.indexOf(deepestStrategy))
      }
    })

    it.skipIf(isFixed)('takes the depth that the caller demands', () => {
      for (const strategy of strategyIds) {
        const { executor, context, state } = setUp()
        const choice = executor.choose(context({}, { limits: { strategy } }), state())
        expect(choice).toMatchObject({ kind: 'arm', arm: { strategy } })
      }
    })

    it('learns from steps and runs without failing', () => {
      const { executor, models, context, state } = setUp()
      const step = context()
      executor.stepFinished?.(aStepOutcome({ arm: { model: models[0], strategy: 'Concise' } }))
      executor.runFinished?.({
        domain: 'math',
        budgetMs: 10_000,
        latencyMs: 12_000,
        isAnswered: true,
        isOnTime: false,
        isDegraded: false,
        isFallback: false,
        strategy: 'Concise',
      })
      expectPriced(executor.choose(step, state()), step, models)
    })
  })
}
