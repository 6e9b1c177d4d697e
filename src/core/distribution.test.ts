/** @file The shifted lognormal: its parts agree with one another and with what it draws. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ShiftedLogNormal } from './distribution.ts'
import { createRandom } from './random.ts'
import { mean } from './statistics.ts'

const distributions = fc
  .tuple(
    fc.double({ min: 0, max: 5_000, noNaN: true }),
    fc.double({ min: 1, max: 50_000, noNaN: true }),
    fc.double({ min: 0.05, max: 1.5, noNaN: true }),
  )
  .map(([shift, uncertainMean, sigma]) => ShiftedLogNormal.fromMean(shift, uncertainMean, sigma))
const probabilities = fc.double({ min: 0.001, max: 0.999, noNaN: true })

describe('ShiftedLogNormal', () => {
  it('has quantile and cdf as inverses', () => {
    fc.assert(
      fc.property(distributions, probabilities, (distribution, p) => {
        expect(distribution.cdf(distribution.quantile(p))).toBeCloseTo(p, 5)
      }),
    )
  })

  it('has a rising quantile that stays above the shift', () => {
    fc.assert(
      fc.property(distributions, probabilities, probabilities, (distribution, p, q) => {
        fc.pre(Math.abs(p - q) > 1e-6)
        expect(distribution.quantile(p) < distribution.quantile(q)).toBe(p < q)
        expect(distribution.quantile(p)).toBeGreaterThanOrEqual(distribution.shift)
      }),
    )
  })

  it('has the mean asked for', () => {
    fc.assert(
      fc.property(distributions, ({ shift, mu, sigma }) => {
        const again = ShiftedLogNormal.fromMean(shift, Math.exp(mu + sigma ** 2 / 2), sigma)
        expect(again.mean / (shift + Math.exp(mu + sigma ** 2 / 2))).toBeCloseTo(1, 9)
      }),
    )
  })

  it('agrees with known values: median shift + e^mu, one sigma at 84.13 %', () => {
    const distribution = new ShiftedLogNormal(10, Math.log(100), 0.5)
    expect(distribution.quantile(0.5)).toBeCloseTo(110, 9)
    expect(distribution.quantile(0.8413447460685429)).toBeCloseTo(10 + 100 * Math.exp(0.5), 5)
    expect(distribution.mean).toBeCloseTo(10 + 100 * Math.exp(0.125), 9)
    expect(distribution.cdf(10)).toBe(0)
    expect(distribution.cdf(-5)).toBe(0)
  })

  it('draws samples with its mean and its median', () => {
    const distribution = ShiftedLogNormal.fromMean(50, 400, 0.6)
    const random = createRandom(1)
    const samples = Array.from({ length: 50_000 }, () => distribution.sample(random))
    // Standard error of the mean: 400 * sqrt(exp(0.36) - 1) / sqrt(50,000) = 1.2.
    expect(Math.abs(mean(samples) - 450)).toBeLessThan(5)
    const below = samples.filter((sample) => sample <= distribution.quantile(0.5)).length
    expect(Math.abs(below / samples.length - 0.5)).toBeLessThan(0.009)
  })

  it('is a point without spread', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 5_000, noNaN: true }),
        fc.double({ min: 1, max: 1e5, noNaN: true }),
        (a, b) => {
          const point = ShiftedLogNormal.fromMean(a, b, 0)
          expect(point.quantile(0.1)).toBe(point.quantile(0.9))
          expect(point.cdf(point.quantile(0.5))).toBe(1)
          expect(point.cdf(point.quantile(0.5) - 0.01)).toBe(0)
          expect(point.sample(createRandom(1))).toBeCloseTo(a + b, 6)
        },
      ),
    )
  })

  it('takes a mean of zero for almost nothing, not for NaN', () => {
    expect(ShiftedLogNormal.fromMean(5, 0, 0.3).mean).toBeCloseTo(5, 6)
  })
})
