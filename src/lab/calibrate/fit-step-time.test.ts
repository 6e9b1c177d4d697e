/** @file Step times: known coefficients are found again, and points outside the region count for nothing. */
import { describe, expect, it } from 'vitest'
import type { StepTime } from '../../core/index.ts'
import { createStepTimer } from '../../twin/engine/step-time.ts'
import { fitStepTime, isWithin, type StepPoint, servingRegion, stepTimeError, stepTimeOf } from './fit-step-time.ts'

const known: StepTime = { decodeC0: 12, decodeC3: 4e-5, b0: 5, w0: 8, k1: 0.04, k2: 0.01, k3: 4e-5, k4: 1e-6 }

function pointsOf(coefficients: StepTime, scale: (prefillTokens: number) => number = () => 1): StepPoint[] {
  return [0, 64, 128, 256, 512, 1024, 2048, 8192].flatMap((prefillTokens) =>
    [0, 1, 4, 16, 64].flatMap((decodeSequences) =>
      [512, 4096].flatMap((context) => {
        if (prefillTokens + decodeSequences === 0) return []
        const load = { prefillTokens, decodeSequences, kvTokens: decodeSequences * context }
        return [{ ...load, ms: stepTimeOf(coefficients, load) * scale(prefillTokens) }]
      }),
    ),
  )
}

describe('fitStepTime', () => {
  it('finds known coefficients again', () => {
    const { coefficients, all } = fitStepTime(pointsOf(known))
    for (const [name, value] of Object.entries(known)) {
      expect(coefficients[name as keyof StepTime] / value).toBeCloseTo(1, 1)
    }
    expect(all.mean).toBeLessThan(0.001)
  })

  it('sees only steps that the region takes', () => {
    const bent = pointsOf(known, (prefillTokens) => (prefillTokens > 2048 ? 5 : 1))
    expect(fitStepTime(bent)).toEqual(fitStepTime(pointsOf(known)))
    expect(fitStepTime(bent, { ...servingRegion, maxPrefillTokens: 8192 }).all.mean).toBeGreaterThan(0.05)
  })

  it('judges the rounded coefficients, by kind of step', () => {
    const points = pointsOf(known)
    const { coefficients, decode, prefill, all } = fitStepTime(points)
    const within = points.filter((point) => isWithin(point, servingRegion))
    expect(all).toEqual(stepTimeError(coefficients, within))
    expect(all.points).toBe(decode.points + prefill.points)
    expect(coefficients.b0).toBe(Number(coefficients.b0.toPrecision(4)))
  })
})

describe('stepTimeOf', () => {
  it('is the step time that the simulated engine uses, without its host overhead', () => {
    const quantity = <T>(value: T) => ({ value, unit: 'ms', tag: 'assumed' as const, source: 'test' })
    const timer = createStepTimer({ step: quantity(known), host: quantity(0) })
    const load = { decodeSequences: 7, kvTokens: 9_000, prefillTokens: 700 }
    expect(stepTimeOf(known, load)).toBeCloseTo(timer.prefillMs(load), 9)
    expect(stepTimeOf(known, { ...load, prefillTokens: 0 })).toBeCloseTo(timer.decodeMs(9_000), 9)
  })
})

describe('stepTimeError', () => {
  it('is relative, and keeps the worst', () => {
    const load = { prefillTokens: 0, decodeSequences: 1, kvTokens: 0 }
    const points = [
      { ...load, ms: 12 },
      { ...load, ms: 10 },
      { ...load, ms: 24 },
    ]
    const { mean, max } = stepTimeError(known, points)
    expect(mean).toBeCloseTo((0 + 0.2 + 0.5) / 3, 12)
    expect(max).toBeCloseTo(0.5, 12)
  })
})
