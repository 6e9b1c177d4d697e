/** @file Integrals of piecewise linear quantities, against sums of small slices. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Cumulative, type Ramp } from './cumulative.ts'

const ramp = fc
  .record({
    fromMs: fc.integer({ min: 0, max: 100 }),
    lengthMs: fc.integer({ min: 1, max: 100 }),
    level: fc.integer({ min: 0, max: 50 }),
    slope: fc.integer({ min: 0, max: 5 }),
  })
  .map(({ lengthMs, ...rest }): Ramp => ({ ...rest, toMs: rest.fromMs + lengthMs }))

const levelAt = (ramps: readonly Ramp[], atMs: number): number =>
  ramps
    .filter(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs)
    .reduce((sum, { fromMs, level, slope }) => sum + level + slope * (atMs - fromMs), 0)

describe('Cumulative', () => {
  it('has the mean of all ramps together over any span', () => {
    fc.assert(
      fc.property(
        fc.array(ramp, { maxLength: 6 }),
        fc.nat(150),
        fc.integer({ min: 1, max: 100 }),
        (ramps, from, length) => {
          // Levels change at whole ms only, and are linear between: the middle of each ms is its mean.
          const slices = Array.from({ length }, (_, index) => levelAt(ramps, from + index + 0.5))
          const expected = slices.reduce((sum, level) => sum + level, 0) / length
          expect(new Cumulative(ramps).meanOver(from, from + length)).toBeCloseTo(expected, 6)
        },
      ),
    )
  })

  it('is its level at an instant, and nothing before and after', () => {
    const one = new Cumulative([{ fromMs: 10, toMs: 20, level: 3, slope: 1 }])
    expect([5, 10, 15, 20, 30].map((atMs) => one.at(atMs))).toEqual([0, 3, 8, 0, 0])
    expect(one.meanOver(15, 15)).toBe(8)
    expect(new Cumulative([]).meanOver(0, 10)).toBe(0)
  })
})
