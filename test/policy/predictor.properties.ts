/** @file What every predictor keeps: finite, ordered numbers for any arm on any state, also after any calls. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Predictor, strategyIds } from '../../src/core/index.ts'
import { aCallResult, aStepOutcome } from '../../src/testing/index.ts'
import { anyQuery, anyState } from './arbitraries.ts'
import { paperModels } from './paper-pool.ts'

const anyArm = fc.record({
  model: fc.constantFrom(...paperModels, 'nobody-knows-7b'),
  strategy: fc.constantFrom(...strategyIds),
})
const anyKind = fc.constantFrom('solve' as const, 'revise' as const, 'review' as const, 'aggregate' as const)
const anyCall = fc.record({
  status: fc.constantFrom('done' as const, 'cut' as const, 'aborted' as const, 'failed' as const),
  outputTokens: fc.integer({ min: 0, max: 4_096 }),
  serviceMs: fc.integer({ min: 0, max: 600_000 }),
  queueMs: fc.integer({ min: 0, max: 600_000 }),
})

export function predictorProperties(name: string, create: () => Predictor): void {
  describe(`${name} as a predictor`, () => {
    it('prices any arm on any state, also after calls of every kind', () => {
      const predictor = create()
      fc.assert(
        fc.property(anyArm, anyKind, anyQuery, anyState, anyCall, (arm, kind, query, state, call) => {
          const estimate = predictor.predict(arm, { query, kind, promptTokens: query.promptTokens }, state)
          const { latencyMs, outputTokens, quality } = estimate
          expect(estimate.arm).toEqual(arm)
          expect(quality >= 0 && quality <= 1).toBe(true)
          const quantiles = [0.05, 0.5, 0.95].map((p) => latencyMs.quantile(p))
          expect(quantiles).toEqual([...quantiles].sort((a, b) => a - b))
          for (const value of [latencyMs.mean, outputTokens.mean, ...quantiles])
            expect(value > 0 && Number.isFinite(value)).toBe(true)
          const { status, queueMs, serviceMs } = call
          const times = { sentAtMs: 0, firstTokenAtMs: serviceMs / 10, finishedAtMs: serviceMs }
          const usage = { promptTokens: 10, outputTokens: call.outputTokens }
          const result = aCallResult({ status, usage, ...times })
          predictor.observe(aStepOutcome({ arm, estimate, stepKind: kind, queueMs, result }))
        }),
        { numRuns: 300 },
      )
    })

    it('says nothing of its error before it has seen calls', () => {
      expect(create().error(paperModels[0] as string)).toBeNull()
    })
  })
}
