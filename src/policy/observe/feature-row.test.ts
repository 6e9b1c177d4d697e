import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { whyUnfit } from './fallback.ts'
import { FeatureRow } from './feature-row.ts'

describe('a row of features', () => {
  it('holds finite numbers within 8, whatever is put in, and remembers what was not', () => {
    fc.assert(
      fc.property(fc.array(fc.double(), { minLength: 1, maxLength: 9 }), (values) => {
        const numbers = new Float32Array(values.length)
        const row = new FeatureRow(numbers, values.length)
        row.begin(0)
        for (const value of values) row.put(value)
        row.end()
        expect(numbers.every((number) => Math.abs(number) <= 8)).toBe(true)
        expect(row.isFinite).toBe(values.every(Number.isFinite))
        expect(whyUnfit([row], new Float32Array(1))).toBe(row.isFinite ? null : 'features')
      }),
    )
  })

  it('writes rows one below the other, and forgets with row 0', () => {
    const numbers = new Float32Array(6)
    const row = new FeatureRow(numbers, 3)
    row.begin(0)
    row.put(Number.NaN)
    row.putFlag(true)
    row.put(-99)
    row.end()
    row.begin(1)
    row.putOneOf(['a', 'b', 'c'], 'b')
    row.end()
    expect([...numbers]).toEqual([0, 1, -8, 0, 1, 0])
    expect(row.isFinite).toBe(false)
    row.begin(0)
    expect(row.isFinite).toBe(true)
  })

  it('must be as long as its names', () => {
    const row = new FeatureRow(new Float32Array(4), 2)
    row.begin(1)
    row.put(1)
    expect(() => row.end()).toThrow('as long as its names')
  })

  it.each([Number.NaN, Infinity, -Infinity])('finds a logit of %f unfit', (logit) => {
    expect(whyUnfit([], Float32Array.of(0, logit))).toBe('logits')
  })
})
