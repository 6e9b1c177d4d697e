import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { floatText, Histogram } from './histogram.ts'

const lastNumber = (lines: readonly string[], start: string) =>
  Number(
    lines
      .find((line) => line.startsWith(start))
      ?.split(' ')
      .at(-1),
  )

describe('a histogram', () => {
  it('puts what is new into the bucket of its mean, bounds included', () => {
    const histogram = new Histogram([0.1, 1])
    histogram.update({ sumMs: 100, count: 1 })
    histogram.update({ sumMs: 1100, count: 3 })
    histogram.update({ sumMs: 9100, count: 4 })
    expect(histogram.lines('h', 'a="b"')).toEqual([
      'h_bucket{a="b",le="0.1"} 1.0',
      'h_bucket{a="b",le="1.0"} 3.0',
      'h_bucket{a="b",le="+Inf"} 4.0',
      'h_count{a="b"} 4.0',
      'h_sum{a="b"} 9.1',
    ])
  })

  it('is not moved by totals that it has seen, or older ones', () => {
    const histogram = new Histogram([1])
    histogram.update({ sumMs: 5000, count: 4 })
    const before = histogram.lines('h', '')
    histogram.update({ sumMs: 5000, count: 4 })
    histogram.update({ sumMs: 1000, count: 1 })
    expect(histogram.lines('h', '')).toEqual(before)
  })

  it('always ends at its count, and buckets never fall', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(90_000), fc.nat(9))), (steps) => {
        const histogram = new Histogram([0.01, 0.5, 2, 60])
        let [sumMs, count] = [0, 0]
        for (const [ms, times] of steps) {
          sumMs += times === 0 ? 0 : ms
          count += times
          histogram.update({ sumMs, count })
        }
        const lines = histogram.lines('h', 'x="1"')
        const buckets = lines
          .filter((line) => line.startsWith('h_bucket'))
          .map((line) => Number(line.split(' ').at(-1)))
        expect(buckets.toSorted((a, b) => a - b)).toEqual(buckets)
        expect(buckets.at(-1)).toBe(count)
        expect(lastNumber(lines, 'h_count')).toBe(count)
        expect(lastNumber(lines, 'h_sum')).toBeCloseTo(sumMs / 1000, 9)
      }),
    )
  })
})

describe('numbers', () => {
  it.each([
    [0, '0.0'],
    [3, '3.0'],
    [0.25, '0.25'],
  ])('%d is written %s', (value, text) => {
    expect(floatText(value)).toBe(text)
  })
})
