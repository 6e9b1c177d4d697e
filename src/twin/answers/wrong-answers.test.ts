import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pickWrong, popularity } from './wrong-answers.ts'

const sharesOf = (cumulative: Float64Array) => [...cumulative].map((value, rank) => value - (cumulative[rank - 1] ?? 0))

describe('popularity of mistakes', () => {
  it.each([4, 5, 9, 30])('of %i distractors two agree with the chance asked for', (count) => {
    const shares = sharesOf(popularity(count, 0.33))
    expect(shares.reduce((sum, share) => sum + share ** 2, 0)).toBeCloseTo(0.33, 6)
    expect(shares.toSorted((a, b) => b - a)).toEqual(shares)
  })

  it('is even where even that is not little enough', () => {
    for (const share of sharesOf(popularity(3, 0.2))) expect(share).toBeCloseTo(1 / 3, 6)
  })

  it('always ends at 1, and every draw picks a distractor', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.double({ min: 0.05, max: 0.9, noNaN: true }),
        fc.double({ min: 0, max: 0.999_999, noNaN: true }),
        (count, same, uniform) => {
          const cumulative = popularity(count, same)
          expect(cumulative.at(-1)).toBeCloseTo(1, 9)
          const picked = pickWrong(cumulative, uniform)
          expect(uniform).toBeLessThan(Math.max(cumulative[picked] as number, picked === count - 1 ? 1 : 0))
          if (picked > 0) expect(uniform).toBeGreaterThanOrEqual(cumulative[picked - 1] as number)
        },
      ),
    )
  })
})
