/** @file Least squares with weights that must not be negative, and the search over a pair. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fitNonNegative, type LinearRow, searchPair } from './least-squares.ts'

const terms = fc.array(fc.double({ min: 0.1, max: 10, noNaN: true }), { minLength: 3, maxLength: 3 })
const residualOf = (rows: readonly LinearRow[], weights: readonly number[]) =>
  rows.reduce(
    (sum, row) => sum + (row.target - row.terms.reduce((part, term, index) => part + term * weights[index]!, 0)) ** 2,
    0,
  )

describe('fitNonNegative', () => {
  it('finds weights that explain the rows', () => {
    const rows = [
      [1, 0, 2],
      [1, 3, 1],
      [1, 5, 4],
      [1, 2, 8],
    ].map((row) => ({ terms: row, target: 2 * row[0]! + 0.5 * row[1]! + 3 * row[2]! }))
    const { weights, residual } = fitNonNegative(rows)
    for (const [index, weight] of [2, 0.5, 3].entries()) expect(weights[index]).toBeCloseTo(weight, 8)
    expect(residual).toBeCloseTo(0, 6)
  })

  it('sets a weight to 0 rather than below it, and refits the others', () => {
    const rows = [1, 2, 3, 4].map((x) => ({ terms: [1, x], target: 10 - x }))
    // Free: 10 - x. Held: the mean.
    expect(fitNonNegative(rows).weights).toEqual([7.5, 0])
  })

  it('keeps columns of very different sizes apart', () => {
    const rows = [1, 2, 3, 5].map((x) => ({ terms: [1, 1e6 * x * x], target: 4 + 2e-6 * 1e6 * x * x }))
    expect(fitNonNegative(rows).weights[1]).toBeCloseTo(2e-6, 12)
  })

  it('shares nothing with a column of zeros', () => {
    expect(fitNonNegative([{ terms: [0, 2], target: 4 }]).weights).toEqual([0, 2])
  })

  it('is beaten by no other weights that are not negative', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ terms, target: fc.double({ min: -20, max: 20, noNaN: true }) }), {
          minLength: 4,
          maxLength: 12,
        }),
        fc.array(terms, { minLength: 5, maxLength: 5 }),
        (rows, others) => {
          const { weights } = fitNonNegative(rows)
          expect(Math.min(...weights)).toBeGreaterThanOrEqual(0)
          const least = residualOf(rows, weights)
          const slack = 1e-6 * (1 + least)
          for (const other of others) {
            expect(least).toBeLessThanOrEqual(residualOf(rows, other) + slack)
            const near = weights.map((weight, index) => weight * 0.99 + 0.01 * other[index]!)
            expect(least).toBeLessThanOrEqual(residualOf(rows, near) + slack)
          }
        },
      ),
    )
  })
})

describe('searchPair', () => {
  it('walks down a tilted bowl to its bottom', () => {
    const bowl = (a: number, b: number) => (a - 3) ** 2 + 2 * (a - 3) * (b + 1) + 3 * (b + 1) ** 2
    const [a, b] = searchPair(bowl, { from: [0, 0], step: 1, until: 1e-6 })
    expect(a).toBeCloseTo(3, 4)
    expect(b).toBeCloseTo(-1, 4)
  })

  it('stays where nothing is better', () => {
    expect(searchPair(() => 1, { from: [2, 5], step: 1, until: 0.1 })).toEqual([2, 5])
  })
})
