import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mean, normalQuantile } from '../../core/index.ts'
import type { Draft } from './formats/draft.ts'
import type { Level } from './question.ts'
import { difficultiesOf, standardised, textScoresOf } from './standardise.ts'

const draft = (rawDifficulty: number | null, level: Level | null): Draft => ({
  identity: '',
  group: '',
  text: '',
  format: 'number',
  key: '',
  mistakes: () => [],
  level,
  rawDifficulty,
})

describe('standardised', () => {
  it('has mean 0 and deviation 1, and keeps the order and the gaps', () => {
    const value = fc.double({ min: -100, max: 100, noNaN: true })
    fc.assert(
      fc.property(fc.array(fc.option(value), { minLength: 1, maxLength: 30 }), (values) => {
        const result = standardised(values)
        expect(result.map((score) => score === null)).toEqual(values.map((score) => score === null))
        const known = result.filter((score) => score !== null)
        const spread =
          Math.max(...values.filter((score) => score !== null)) - Math.min(...values.filter((score) => score !== null))
        fc.pre(spread > 1e-6)
        expect(mean(known)).toBeCloseTo(0, 6)
        expect(mean(known.map((score) => score ** 2))).toBeCloseTo(1, 6)
      }),
    )
    expect(standardised([1, null, 3])).toEqual([-1, null, 1])
  })

  it('is 0 where all are equal', () => {
    expect(standardised([7, 7])).toEqual([0, 0])
    expect(standardised([null])).toEqual([null])
  })
})

describe('difficulties of a set', () => {
  it("are the set's own, standardised", () => {
    expect(difficultiesOf([draft(1, null), draft(3, null), draft(null, 5)])).toEqual([-1, 1, null])
  })

  it('are quantiles of the mid-rank of the level where that is all there is', () => {
    // Shares 0.5, 0.25, 0.25: mid-ranks 0.25, 0.625, 0.875.
    const result = difficultiesOf([draft(null, 1), draft(null, 1), draft(null, 4), draft(null, 5), draft(null, null)])
    expect(result).toEqual([...[0.25, 0.25, 0.625, 0.875].map(normalQuantile), null])
  })

  it('are unknown without either', () => {
    expect(difficultiesOf([draft(null, null)])).toEqual([null])
    expect(difficultiesOf([])).toEqual([])
  })
})

describe('text scores', () => {
  it('rise with length and with numbers', () => {
    const [short, long, numbers] = textScoresOf([
      'a few words here',
      'a few words here and then some more',
      'a 3 w 5 ds 7 ere',
    ])
    expect(long as number).toBeGreaterThan(short as number)
    expect(numbers as number).toBeGreaterThan(short as number)
  })
})
