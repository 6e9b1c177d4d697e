/** @file What every Predictor keeps: sane prices that follow load and length, and learning from what happened. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Arm, type Predictor, type Query, type StepShape, strategyIds } from '../../src/core/index.ts'
import { aCallResult, aClusterState, aQuery, aStepOutcome } from '../../src/testing/index.ts'

export interface PredictorHarness {
  readonly predictor: Predictor
  /** A model that it has a prior for. */
  readonly model: string
  query?(overrides: Partial<Query>): Query
}

export function describePredictorContract(name: string, create: () => PredictorHarness): void {
  const setUp = () => {
    const { predictor, model, query = aQuery } = create()
    const step = (overrides: Partial<StepShape> = {}): StepShape => ({
      query: query({}),
      kind: 'solve',
      promptTokens: 200,
      ...overrides,
    })
    const state = (running = 0, waiting = 0) => aClusterState({ models: [{ model, replicas: [{ running, waiting }] }] })
    const arm = (strategy: Arm['strategy'] = 'Concise'): Arm => ({ model, strategy })
    return { predictor, model, step, state, arm }
  }

  describe(`${name} keeps the contract of a predictor`, () => {
    it('prices every arm sanely under any load and prompt', () => {
      const loads = fc.integer({ min: 0, max: 500 })
      fc.assert(
        fc.property(
          fc.constantFrom(...strategyIds),
          loads,
          fc.integer({ min: 1, max: 30_000 }),
          (depth, load, promptTokens) => {
            const { predictor, step, state, arm } = setUp()
            const estimate = predictor.predict(
              arm(depth),
              step({ promptTokens }),
              state(Math.min(load, 8), Math.max(0, load - 8)),
            )
            expect(estimate.arm).toEqual(arm(depth))
            for (const { mean, quantile } of [
              { mean: estimate.latencyMs.mean, quantile: (p: number) => estimate.latencyMs.quantile(p) },
              { mean: estimate.outputTokens.mean, quantile: (p: number) => estimate.outputTokens.quantile(p) },
            ]) {
              expect(mean).toBeGreaterThan(0)
              expect(quantile(0.1)).toBeGreaterThanOrEqual(0)
              expect(quantile(0.5)).toBeGreaterThanOrEqual(quantile(0.1))
              expect(quantile(0.95)).toBeGreaterThanOrEqual(quantile(0.5))
            }
            for (const part of [estimate.queueMs, estimate.ttftMs, estimate.tpotMs, estimate.serviceMs]) {
              expect(part >= 0 && Number.isFinite(part)).toBe(true)
            }
            expect(estimate.serviceMs).toBeGreaterThan(0)
            expect(estimate.quality >= 0 && estimate.quality <= 1).toBe(true)
          },
        ),
        { numRuns: 60 },
      )
    })

    it('says the same for the same inputs', () => {
      const means = [setUp(), setUp()].map(
        ({ predictor, step, state, arm }) => predictor.predict(arm(), step(), state(4)).latencyMs.mean,
      )
      expect(means[1]).toBe(means[0])
    })

    it('expects longer waits behind longer queues, and longer answers from deeper thought', () => {
      const { predictor, step, state, arm } = setUp()
      const idle = predictor.predict(arm(), step(), state(0, 0))
      const queued = predictor.predict(arm(), step(), state(8, 40))
      expect(queued.queueMs).toBeGreaterThan(idle.queueMs)
      expect(queued.latencyMs.mean).toBeGreaterThan(idle.latencyMs.mean)
      const deep = predictor.predict(arm('DeepThink'), step(), state(0, 0))
      const shallow = predictor.predict(arm('Flash'), step(), state(0, 0))
      expect(deep.outputTokens.mean).toBeGreaterThan(shallow.outputTokens.mean)
      expect(deep.latencyMs.mean).toBeGreaterThan(shallow.latencyMs.mean)
    })

    it('does not expect a longer prompt to be quicker', () => {
      const { predictor, step, state, arm } = setUp()
      const short = predictor.predict(arm(), step({ promptTokens: 100 }), state())
      const long = predictor.predict(arm(), step({ promptTokens: 20_000 }), state())
      expect(long.ttftMs).toBeGreaterThanOrEqual(short.ttftMs)
    })

    it('learns: calls twice as long as expected raise the next estimate and show as error', () => {
      const { predictor, model, step, state, arm } = setUp()
      expect(predictor.error(model)).toBeNull()
      const first = predictor.predict(arm(), step(), state())
      for (let call = 0; call < 60; call += 1) {
        const estimate = predictor.predict(arm(), step(), state())
        const outputTokens = Math.round(2 * first.outputTokens.mean)
        const firstTokenAtMs = first.ttftMs
        const finishedAtMs = firstTokenAtMs + outputTokens * first.tpotMs
        const result = aCallResult({ usage: { promptTokens: 200, outputTokens }, firstTokenAtMs, finishedAtMs })
        predictor.observe(aStepOutcome({ arm: arm(), estimate, replica: `${model}#1`, result }))
      }
      const after = predictor.predict(arm(), step(), state())
      expect(after.outputTokens.mean).toBeGreaterThan(1.2 * first.outputTokens.mean)
      expect(after.latencyMs.mean).toBeGreaterThan(1.2 * first.latencyMs.mean)
      const error = predictor.error(model)
      expect(error?.count).toBeGreaterThan(0)
      expect(error?.bias).toBeGreaterThan(0)
      expect(error?.spread).toBeGreaterThanOrEqual(0)
    })

    it('is not misled by calls that failed or were aborted', () => {
      const { predictor, model, step, state, arm } = setUp()
      const before = predictor.predict(arm(), step(), state())
      for (const status of ['failed', 'aborted'] as const) {
        const result = aCallResult({
          status,
          usage: { promptTokens: 200, outputTokens: 0 },
          firstTokenAtMs: null,
          text: '',
        })
        predictor.observe(aStepOutcome({ arm: arm(), estimate: before, replica: `${model}#1`, result }))
      }
      const after = predictor.predict(arm(), step(), state())
      expect(after.outputTokens.mean).toBeGreaterThanOrEqual(before.outputTokens.mean * 0.999)
    })
  })
}
