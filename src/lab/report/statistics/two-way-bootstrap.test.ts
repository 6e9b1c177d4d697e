import { describe, expect, it } from 'vitest'
import { createRandom, type Random } from '../../../core/index.ts'
import {
  bootstrapRatio,
  createDenominator,
  createResampling,
  intervalOf,
  isNotWorse,
  meanOf,
  type Resampling,
  replicateCount,
  verdictOf,
} from './two-way-bootstrap.ts'

const fill = (shape: Resampling, value: number) =>
  Array.from({ length: shape.seedCount }, () => new Int32Array(shape.questionCount).fill(value))

/** 1,000 queries of every question under every seed. */
const sampled = (shape: Resampling) => ({ denominator: createDenominator(fill(shape, 1000), shape), resampling: shape })

/** A difference with an effect per question and per seed: [seeds][questions], out of 1,000 queries each. */
function planted(random: Random, shape: Resampling, options: { effect: number; ofQuestions: number; ofSeeds: number }) {
  const perSeed = Array.from({ length: shape.seedCount }, () => options.ofSeeds * random.normal())
  const perQuestion = Array.from({ length: shape.questionCount }, () => options.ofQuestions * random.normal())
  return perSeed.map((ofSeed) =>
    Int32Array.from(perQuestion, (ofQuestion) =>
      Math.round(1000 * (options.effect + ofSeed + ofQuestion) + 20 * random.normal()),
    ),
  )
}

describe('the resampling', () => {
  const resampling = createResampling('a', { setSizes: [40], seedCount: 5 })

  it('draws one question and one seed fewer than there are, in every replicate', () => {
    for (const [weights, count] of [
      [resampling.questionWeights, 40],
      [resampling.seedWeights, 5],
    ] as const) {
      for (let replicate = 0; replicate < replicateCount; replicate += 1) {
        const row = weights.subarray(replicate * count, (replicate + 1) * count)
        expect(row.reduce((sum, weight) => sum + weight, 0)).toBe(count - 1)
      }
    }
  })

  it('draws from each set on its own where several are mixed', () => {
    const { questionWeights, questionCount } = createResampling('a', { setSizes: [30, 10], seedCount: 5 })
    expect(questionCount).toBe(40)
    for (let replicate = 0; replicate < replicateCount; replicate += 1) {
      const row = questionWeights.subarray(replicate * 40, (replicate + 1) * 40)
      expect(row.subarray(0, 30).reduce((sum, weight) => sum + weight, 0)).toBe(29)
      expect(row.subarray(30).reduce((sum, weight) => sum + weight, 0)).toBe(9)
    }
  })

  it('repeats, differs by question set, and shares the seeds between sets', () => {
    const again = createResampling('a', { setSizes: [40], seedCount: 5 })
    const other = createResampling('b', { setSizes: [40], seedCount: 5 })
    expect(again).toEqual(resampling)
    expect(other.questionWeights).not.toEqual(resampling.questionWeights)
    expect(other.seedWeights).toEqual(resampling.seedWeights)
  })
})

describe('bootstrapRatio', () => {
  const shape = createResampling('grid', { setSizes: [60], seedCount: 5 })

  it('is the plain ratio of sums, and sure where nothing varies', () => {
    const always = bootstrapRatio(fill(shape, 20), sampled(shape))
    expect(always.estimate).toBeCloseTo(0.02, 12)
    const { low, high, pValue } = intervalOf(always)
    expect(low).toBeCloseTo(0.02, 12)
    expect(high).toBeCloseTo(0.02, 12)
    expect(pValue).toBeLessThan(1e-6)
  })

  it('calls equality none, with p = 1', () => {
    const same = intervalOf(bootstrapRatio(fill(shape, 0), sampled(shape)))
    expect(same).toEqual({ estimate: 0, low: 0, high: 0, pValue: 1 })
    expect(verdictOf(same)).toBe('none')
  })

  it('says nothing of a cell that asks nothing', () => {
    const denominator = createDenominator(fill(shape, 0), shape)
    expect(bootstrapRatio(fill(shape, 0), { denominator, resampling: shape }).estimate).toBe(0)
  })

  it('has the standard error of a mean where only the questions differ', () => {
    const random = createRandom(3)
    const many = createResampling('many', { setSizes: [400], seedCount: 1 })
    const sums = [Int32Array.from({ length: 400 }, () => Math.round(1000 * random.normal()))]
    const { low, high } = intervalOf(bootstrapRatio(sums, sampled(many)))
    const expected = 1.96 / Math.sqrt(400)
    expect((high - low) / 2).toBeGreaterThan(0.85 * expected)
    expect((high - low) / 2).toBeLessThan(1.15 * expected)
  })

  it('is not fooled by one lucky seed, as resampling queries alone would be', () => {
    const lucky = Array.from({ length: 5 }, (_, seed) => new Int32Array(60).fill(seed === 0 ? 100 : 0))
    expect(verdictOf(intervalOf(bootstrapRatio(lucky, sampled(shape))))).toBe('none')
  })

  it.each([
    // Effects, seeds, and the share of intervals that must hold the truth: few seeds that differ are the weak spot.
    ['questions', { ofQuestions: 0.1, ofSeeds: 0 }, 5, 0.91],
    ['both', { ofQuestions: 0.1, ofSeeds: 0.02 }, 5, 0.88],
    ['seeds', { ofQuestions: 0, ofSeeds: 0.05 }, 12, 0.88],
    ['seeds', { ofQuestions: 0, ofSeeds: 0.05 }, 5, 0.8],
  ])('covers the true difference nearly as often as it says, with effects of %s', (_, effects, seedCount, least) => {
    const random = createRandom(17)
    const shape = createResampling('coverage', { setSizes: [60], seedCount })
    const asked = sampled(shape)
    let covered = 0
    const rounds = 400
    for (let round = 0; round < rounds; round += 1) {
      const { low, high } = intervalOf(bootstrapRatio(planted(random, shape, { effect: 0.03, ...effects }), asked))
      if (low <= 0.03 && 0.03 <= high) covered += 1
    }
    expect(covered / rounds).toBeGreaterThan(least)
    expect(covered / rounds).toBeLessThan(0.995)
  })
})

describe('meanOf', () => {
  it('is narrower than its parts where they are independent, not where they are the same', () => {
    const random = createRandom(23)
    const parts = ['x', 'y', 'z', 'w'].map((name) => {
      const shape = createResampling(name, { setSizes: [80], seedCount: 1 })
      return bootstrapRatio(planted(random, shape, { effect: 0, ofQuestions: 0.2, ofSeeds: 0 }), sampled(shape))
    })
    const width = (replicated: Parameters<typeof intervalOf>[0]) => {
      const { low, high } = intervalOf(replicated)
      return high - low
    }
    const single = parts[0] as (typeof parts)[number]
    expect(width(meanOf(parts))).toBeLessThan(0.7 * width(single))
    expect(width(meanOf([single, single, single]))).toBeCloseTo(width(single), 9)
    expect(meanOf(parts).estimate).toBeCloseTo(
      parts.reduce((sum, part) => sum + part.estimate / 4, 0),
      12,
    )
  })
})

describe('the verdicts', () => {
  const interval = (low: number, high: number) => ({ low, high })

  it('need the whole interval on one side', () => {
    expect(verdictOf(interval(0.001, 0.02))).toBe('better')
    expect(verdictOf(interval(-0.02, -0.001))).toBe('worse')
    expect(verdictOf(interval(-0.001, 0.02))).toBe('none')
    expect(verdictOf(interval(0, 0.02))).toBe('none')
  })

  it('not worse: the interval ends above minus the margin', () => {
    expect(isNotWorse(interval(-0.009, 0.02), 0.01)).toBe(true)
    expect(isNotWorse(interval(-0.011, 0.02), 0.01)).toBe(false)
  })
})
