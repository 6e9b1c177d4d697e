import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../core/index.ts'
import { binomialLowerBound, incompleteBeta } from './binomial.ts'

/** P(X >= k) by adding up the terms. */
function upperTail(k: number, n: number, p: number): number {
  let [term, sum] = [(1 - p) ** n, 0]
  for (let i = 0; i <= n; i += 1) {
    if (i >= k) sum += term
    term *= ((n - i) / (i + 1)) * (p / (1 - p))
  }
  return sum
}

describe('incompleteBeta', () => {
  it('has its closed forms', () => {
    expect(incompleteBeta(0.3, 1, 1)).toBeCloseTo(0.3, 12)
    expect(incompleteBeta(0.3, 3, 1)).toBeCloseTo(0.027, 12)
    expect(incompleteBeta(0.3, 1, 4)).toBeCloseTo(1 - 0.7 ** 4, 12)
    expect([incompleteBeta(0, 2, 3), incompleteBeta(1, 2, 3)]).toEqual([0, 1])
  })

  it('is the upper tail of the binomial', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 80 }).chain((n) => fc.tuple(fc.integer({ min: 1, max: n }), fc.constant(n))),
        fc.double({ min: 0.02, max: 0.98, noNaN: true }),
        ([k, n], p) => Math.abs(incompleteBeta(p, k, n - k + 1) - upperTail(k, n, p)) < 1e-10,
      ),
    )
  })
})

describe('binomialLowerBound', () => {
  it('agrees with published two-sided 95 % limits (0.187 for 5 of 10; 0.0025 for 1 of 10)', () => {
    expect(binomialLowerBound(5, 10, 0.975)).toBeCloseTo(0.18709, 5)
    expect(binomialLowerBound(1, 10, 0.975)).toBeCloseTo(0.002529, 6)
  })

  it('has its closed forms at the ends', () => {
    expect(binomialLowerBound(0, 50)).toBe(0)
    expect(binomialLowerBound(0, 0)).toBe(0)
    // The rule of three: no miss in n trials bounds the share of misses by about 3 / n.
    expect(1 - binomialLowerBound(3000, 3000)).toBeCloseTo(3 / 3000, 5)
  })

  it('solves its own equation, also for large counts', () => {
    for (const [k, n] of [
      [999, 1000],
      [149_870, 150_000],
      [7, 150_000],
    ] as const) {
      const bound = binomialLowerBound(k, n)
      expect(bound).toBeLessThan(k / n)
      expect(incompleteBeta(bound, k, n - k + 1)).toBeCloseTo(0.05, 6)
    }
  })

  it('lies below the truth at least as often as it promises', () => {
    const random = createRandom(5)
    const [share, trials, rounds] = [0.99, 400, 2000]
    let below = 0
    for (let round = 0; round < rounds; round += 1) {
      let successes = 0
      for (let trial = 0; trial < trials; trial += 1) if (random.uniform() < share) successes += 1
      if (binomialLowerBound(successes, trials) <= share) below += 1
    }
    expect(below / rounds).toBeGreaterThan(0.945)
    expect(below / rounds).toBeLessThan(0.99)
  })
})
