/** @file The shared statistics against tabled values. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clamp, logistic, logit, mean, normalCdf, normalQuantile, quantileSorted } from './statistics.ts'

describe('the standard normal', () => {
  it.each([
    [0, 0.5],
    [1, 0.8413447460685429],
    [-1, 0.15865525393145707],
    [1.959963984540054, 0.975],
    [2.575829303548901, 0.995],
    [-3, 0.0013498980316300933],
  ])('has cdf(%f) = %f within 7.5e-8', (z, p) => {
    expect(Math.abs(normalCdf(z) - p)).toBeLessThan(7.5e-8)
  })

  it.each([
    [0.5, 0],
    [0.9, 1.2815515655446004],
    [0.975, 1.959963984540054],
    [0.01, -2.3263478740408408],
    [0.001, -3.090232306167813],
    [1e-9, -5.997807015008182],
  ])('has quantile(%f) = %f within 1.2e-9 of its size', (p, z) => {
    expect(Math.abs(normalQuantile(p) - z)).toBeLessThanOrEqual(1.2e-9 * Math.max(1, Math.abs(z)))
  })

  it('has quantile as the inverse of cdf, antisymmetric, infinite at the ends', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true }), (p) => {
        expect(Math.abs(normalCdf(normalQuantile(p)) - p)).toBeLessThan(1e-7)
        expect(normalQuantile(1 - p)).toBeCloseTo(-normalQuantile(p), 5)
      }),
    )
    expect(normalQuantile(0)).toBe(-Infinity)
    expect(normalQuantile(1)).toBe(Infinity)
  })
})

describe('quantileSorted (R-7)', () => {
  it('interpolates between order statistics', () => {
    const values = [10, 20, 30, 40]
    expect(quantileSorted(values, 0)).toBe(10)
    expect(quantileSorted(values, 1)).toBe(40)
    expect(quantileSorted(values, 0.5)).toBe(25)
    expect(quantileSorted(values, 0.9)).toBeCloseTo(37, 12)
    expect(quantileSorted(new Float64Array([7]), 0.3)).toBe(7)
  })

  it('holds p to [0, 1] and says NaN of nothing', () => {
    expect(quantileSorted([1, 2], -1)).toBe(1)
    expect(quantileSorted([1, 2], 2)).toBe(2)
    expect(quantileSorted([], 0.5)).toBeNaN()
  })
})

describe('small functions', () => {
  it('takes means, NaN of nothing', () => {
    expect(mean([1, 2, 6])).toBe(3)
    expect(mean([])).toBeNaN()
  })

  it('has logit and logistic as inverses', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true }), (p) => {
        expect(logistic(logit(p))).toBeCloseTo(p, 12)
      }),
    )
    expect(logistic(0)).toBe(0.5)
    expect(logit(0.75)).toBeCloseTo(Math.log(3), 12)
    expect([logistic(-1000), logistic(1000)]).toEqual([0, 1])
  })

  it('clamps', () => {
    expect([clamp(-1, 0, 1), clamp(0.5, 0, 1), clamp(7, 0, 1)]).toEqual([0, 0.5, 1])
  })
})
