/** @file Streams of chance: repeatable, uniform, and independent of one another. */
import { describe, expect, it } from 'vitest'
import { createRandom, keyedRandom } from './random.ts'
import { mean, normalCdf } from './statistics.ts'

const draw = (count: number, fn: () => number) => Array.from({ length: count }, fn)

/** Pearson's chi-square of values in [0, 1) over `bins` equal bins. */
function chiSquare(values: readonly number[], bins: number): number {
  const counts = new Array<number>(bins).fill(0)
  for (const value of values) counts[Math.floor(value * bins)]! += 1
  const expected = values.length / bins
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [mean(a), mean(b)]
  const covariance = mean(a.map((value, index) => (value - meanA) * (b[index]! - meanB)))
  const spread = (values: readonly number[], middle: number) =>
    Math.sqrt(mean(values.map((value) => (value - middle) ** 2)))
  return covariance / (spread(a, meanA) * spread(b, meanB))
}

const pinned = {
  uniform: [0.5484969296958297, 0.9677261400502175, 0.9560007166583091, 0.7904182230122387],
  normal: [1.2352495236471124, -0.2539780033085111, 0.6279430819863049],
  keyed: [0.3775728817563504, 0.23374075535684824, 0.6078249376732856],
}

// 99.9 % point of chi-square with 63 degrees of freedom is 103.4.
const bins = 64
const chiSquareLimit = 103.4

describe('a seeded stream', () => {
  it('gives these numbers for ever: records and results depend on them', () => {
    expect(draw(4, createRandom(1).uniform)).toEqual(pinned.uniform)
    expect(draw(3, createRandom(1).normal)).toEqual(pinned.normal)
    expect(createRandom(1).exponential(1)).toBeCloseTo(-Math.log(1 - pinned.uniform[0]!), 15)
    expect(draw(3, keyedRandom(1, 'question-7').uniform)).toEqual(pinned.keyed)
  })

  it('repeats itself under the same seed and differs under another', () => {
    expect(draw(50, createRandom(9).uniform)).toEqual(draw(50, createRandom(9).uniform))
    expect(draw(50, createRandom(9).uniform)).not.toEqual(draw(50, createRandom(10).uniform))
  })

  it('is uniform in [0, 1)', () => {
    const values = draw(64_000, createRandom(3).uniform)
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true)
    expect(chiSquare(values, bins)).toBeLessThan(chiSquareLimit)
  })

  it('is uniform across seeds too, from the first draw on', () => {
    for (const index of [0, 1, 2, 3]) {
      const values = draw(6_400, () => 0).map((_, seed) => draw(4, createRandom(seed).uniform)[index]!)
      expect(chiSquare(values, bins)).toBeLessThan(chiSquareLimit)
    }
  })

  it('draws normals whose distribution function is uniform', () => {
    const values = draw(64_000, createRandom(5).normal)
    expect(chiSquare(values.map(normalCdf), bins)).toBeLessThan(chiSquareLimit)
    expect(Math.abs(correlation(values.slice(1), values.slice(0, -1)))).toBeLessThan(0.015)
  })

  it('draws exponentials of the mean asked for', () => {
    const random = createRandom(6)
    const values = draw(64_000, () => random.exponential(40))
    expect(
      chiSquare(
        values.map((value) => 1 - Math.exp(-value / 40)),
        bins,
      ),
    ).toBeLessThan(chiSquareLimit)
  })

  it('draws every integer below n, and only those', () => {
    const random = createRandom(11)
    const seen = new Set(draw(500, () => random.below(7)))
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5, 6])
    expect(new Set(Array.from({ length: 200 }, () => random.pick(['a', 'b'])))).toEqual(new Set(['a', 'b']))
  })
})

describe('keyed streams', () => {
  const count = 20_000
  // Four standard errors of a correlation of independent streams.
  const limit = 4 / Math.sqrt(count)

  it('do not depend on draws made elsewhere', () => {
    const other = keyedRandom(1, 'other')
    const before = keyedRandom(1, 'key').uniform()
    draw(10, other.uniform)
    expect(keyedRandom(1, 'key').uniform()).toBe(before)
  })

  it('are uniform and independent across similar keys', () => {
    const streams = draw(count, () => 0).map((_, index) => draw(3, keyedRandom(7, `question-${index}`).uniform))
    const column = (index: number) => streams.map((stream) => stream[index]!)
    expect(chiSquare(column(0), bins)).toBeLessThan(chiSquareLimit)
    expect(Math.abs(correlation(column(0), column(1)))).toBeLessThan(limit)
    expect(Math.abs(correlation(column(1), column(2)))).toBeLessThan(limit)
    expect(Math.abs(correlation(column(0).slice(1), column(0).slice(0, -1)))).toBeLessThan(limit)
  })

  it('are independent across neighbouring seeds for one key', () => {
    const first = draw(count, () => 0).map((_, seed) => keyedRandom(seed, 'key').uniform())
    expect(chiSquare(first, bins)).toBeLessThan(chiSquareLimit)
    expect(Math.abs(correlation(first.slice(1), first.slice(0, -1)))).toBeLessThan(limit)
  })
})
