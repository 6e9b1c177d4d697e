import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { utcDay } from './utc-day.ts'

describe('utcDay', () => {
  it.each([
    [0, '1970-01-01'],
    [-1, '1969-12-31'],
    [Date.UTC(2000, 1, 29), '2000-02-29'],
    [Date.UTC(2000, 2, 1) - 1, '2000-02-29'],
    [Date.UTC(2100, 1, 28), '2100-02-28'],
    [Date.UTC(2100, 2, 1), '2100-03-01'],
    [Date.UTC(2024, 11, 31, 23, 59, 59, 999), '2024-12-31'],
    [Date.UTC(2024, 11, 31, 23, 59, 59, 999) + 0.5, '2024-12-31'],
  ])('%d is %s', (ms, day) => {
    expect(utcDay(ms)).toBe(day)
  })

  it('agrees with the platform in the years 1 to 9999', () => {
    const range = { min: -62_135_596_800_000, max: Date.UTC(9999, 11, 31) }
    fc.assert(
      fc.property(fc.integer(range), (ms) => {
        expect(utcDay(ms)).toBe(new Date(ms).toISOString().slice(0, 10))
      }),
      { numRuns: 2_000 },
    )
  })
})
