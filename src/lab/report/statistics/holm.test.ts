import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../core/index.ts'
import { holmAdjusted } from './holm.ts'

describe('holmAdjusted', () => {
  it('corrects 0.01, 0.04, 0.03, 0.005 as worked by hand', () => {
    const adjusted = holmAdjusted([0.01, 0.04, 0.03, 0.005])
    for (const [index, expected] of [0.03, 0.06, 0.06, 0.02].entries()) {
      expect(adjusted[index]).toBeCloseTo(expected, 12)
    }
  })

  it('leaves one comparison as it is, and none alone', () => {
    expect(holmAdjusted([0.2])).toEqual([0.2])
    expect(holmAdjusted([])).toEqual([])
  })

  it('keeps the order, never falls below the raw value, never exceeds Bonferroni nor 1', () => {
    const p = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(fc.array(p, { minLength: 1, maxLength: 20 }), (raw) => {
        const adjusted = holmAdjusted(raw)
        for (const [index, value] of raw.entries()) {
          expect(adjusted[index]).toBeGreaterThanOrEqual(value)
          expect(adjusted[index]).toBeLessThanOrEqual(Math.min(1, raw.length * value))
          for (const [other, otherValue] of raw.entries()) {
            if (value < otherValue) expect(adjusted[index]).toBeLessThanOrEqual(adjusted[other] as number)
          }
        }
      }),
    )
  })

  it('raises a false alarm among 40 true nulls in about one family of twenty', () => {
    const random = createRandom(11)
    const families = 2000
    let alarms = 0
    for (let family = 0; family < families; family += 1) {
      const adjusted = holmAdjusted(Array.from({ length: 40 }, () => random.uniform()))
      if (adjusted.some((value) => value < 0.05)) alarms += 1
    }
    expect(alarms / families).toBeGreaterThan(0.03)
    expect(alarms / families).toBeLessThan(0.07)
  })
})
