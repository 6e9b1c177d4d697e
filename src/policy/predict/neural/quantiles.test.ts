import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { normalQuantile } from '../../../core/index.ts'
import {
  fitShifted,
  levelCount,
  meanOfExp,
  medianPlace,
  quantileAt,
  quantileLevels,
  type ShiftedShape,
  spreadOf,
  toQuantiles,
} from './quantiles.ts'

const outputs = fc.array(fc.float({ min: -20, max: 20, noNaN: true }), { minLength: levelCount, maxLength: levelCount })
const ofNormal = (mu: number, sigma: number) =>
  Float32Array.from(quantileLevels, (level) => mu + sigma * normalQuantile(level))

describe('the monotone head', () => {
  it('never lets quantiles cross, whatever the network says, and leaves its neighbours alone', () => {
    fc.assert(
      fc.property(outputs, (values) => {
        const row = Float32Array.of(7, ...values, 7)
        toQuantiles(row, 1)
        expect([row[0], row.at(-1)]).toEqual([7, 7])
        expect(row[1]).toBe(Math.fround(values[0]!))
        for (let level = 2; level <= levelCount; level += 1) expect(row[level]).toBeGreaterThanOrEqual(row[level - 1]!)
      }),
    )
  })

  it('ascends between and beyond its levels too', () => {
    fc.assert(
      fc.property(
        outputs,
        fc.array(fc.double({ min: 0.001, max: 0.999, noNaN: true }), { minLength: 2 }),
        (values, ps) => {
          const row = Float32Array.from(values)
          toQuantiles(row, 0)
          const read = ps.toSorted((a, b) => a - b).map((p) => quantileAt(row, 0, p))
          for (const [place, value] of read.entries())
            if (place > 0) expect(value).toBeGreaterThanOrEqual(read[place - 1]! - 1e-6)
        },
      ),
    )
  })
})

describe('what is read off quantiles', () => {
  it('is exact at the levels', () => {
    const row = Float32Array.of(9, 1, 2, 4, 5, 5.5, 8)
    for (const [place, level] of quantileLevels.entries())
      expect(quantileAt(row, 1, level)).toBeCloseTo(row[place + 1]!, 6)
  })

  it('is that of the normal law where they are its quantiles, in the tails too', () => {
    const row = ofNormal(2, 0.4)
    for (const p of [0.01, 0.025, 0.3, 0.5, 0.8, 0.975, 0.99])
      expect(quantileAt(row, 0, p)).toBeCloseTo(2 + 0.4 * normalQuantile(p), 5)
    expect(spreadOf(row, 0)).toBeCloseTo(0.4, 5)
    expect(meanOfExp(row, 0) / Math.exp(2 + 0.4 ** 2 / 2)).toBeCloseTo(1, 1)
  })

  it('is the value itself where nothing is uncertain', () => {
    const row = new Float32Array(levelCount).fill(1.5)
    expect(meanOfExp(row, 0)).toBeCloseTo(Math.exp(1.5), 5)
    expect(spreadOf(row, 0)).toBe(0)
  })
})

describe('the shifted lognormal', () => {
  const shape: ShiftedShape = { shift: 0, mu: 0, sigma: 0 }
  const fitted = (quantiles: readonly number[], sureValue: number) => {
    fitShifted(Float64Array.from(quantiles), sureValue, shape)
    return { ...shape }
  }

  it('finds the one that the quantiles are of', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 500, noNaN: true }),
        fc.double({ min: 2, max: 8, noNaN: true }),
        fc.double({ min: 0.1, max: 1.2, noNaN: true }),
        (shift, mu, sigma) => {
          const quantiles = quantileLevels.map((level) => shift + Math.exp(mu + sigma * normalQuantile(level)))
          const found = fitted(quantiles, quantiles[0]! * 0.999)
          expect(found.shift).toBeCloseTo(shift, 2)
          expect(found.mu).toBeCloseTo(mu, 2)
          expect(found.sigma).toBeCloseTo(sigma, 2)
        },
      ),
    )
  })

  it('keeps the median, is never shifted below 0 nor beyond what is sure, and always has some spread', () => {
    const steps = fc.array(fc.double({ min: 0, max: 1000, noNaN: true }), {
      minLength: levelCount,
      maxLength: levelCount,
    })
    fc.assert(
      fc.property(steps, fc.double({ min: 0, max: 0.8, noNaN: true }), (parts, share) => {
        let sum = 1
        const quantiles = parts.map((part) => {
          sum += part
          return sum
        })
        const sureValue = share * quantiles[0]!
        const { shift, mu, sigma } = fitted(quantiles, sureValue)
        expect(shift).toBeGreaterThanOrEqual(0)
        expect(shift).toBeLessThanOrEqual(sureValue)
        expect(sigma).toBeGreaterThan(0)
        expect((shift + Math.exp(mu)) / quantiles[medianPlace]!).toBeCloseTo(1, 6)
      }),
    )
  })
})
