/** @file Lognormal lengths and the line of their growth. */
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../core/index.ts'
import { fitLine, fitLogNormal } from './log-normal.ts'

describe('fitLogNormal', () => {
  it('finds mean and spread of drawn lengths', () => {
    const random = createRandom(4)
    const { mu, sigma, meanTokens } = fitLogNormal(
      Array.from({ length: 20_000 }, () => Math.exp(5 + 0.6 * random.normal())),
    )
    expect(mu).toBeCloseTo(5, 1)
    expect(sigma).toBeCloseTo(0.6, 1)
    expect(meanTokens / Math.exp(5 + 0.18)).toBeCloseTo(1, 1)
  })

  it('counts runaways apart and fits without them', () => {
    const { runawayFraction, meanTokens, count } = fitLogNormal([100, 100, 100, 5000], 2000)
    expect({ runawayFraction, meanTokens, count }).toEqual({ runawayFraction: 0.25, meanTokens: 100, count: 3 })
  })
})

describe('fitLine', () => {
  it('finds slope, intercept and what is left', () => {
    const { slope, intercept, residual } = fitLine([0, 1, 2, 3], [1, 4, 5, 8])
    expect(slope).toBeCloseTo(2.2, 12)
    expect(intercept).toBeCloseTo(1.2, 12)
    expect(residual).toBeCloseTo(Math.sqrt((0.04 + 0.36 + 0.36 + 0.04) / 4), 12)
  })
})
