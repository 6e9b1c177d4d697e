/** @file Averages between polls: kept without completions, forgotten on a restart. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DeltaAverage } from './delta-average.ts'

/** The average after each of the polls, given as [sumMs, count] or null. */
function averages(...polls: readonly (readonly [number, number] | null)[]): (number | null)[] {
  const average = new DeltaAverage()
  return polls.map((poll) => {
    average.update(poll === null ? null : { sumMs: poll[0], count: poll[1] })
    return average.averageMs
  })
}

describe('DeltaAverage', () => {
  it.each([
    ['one poll says nothing: its counters are of all time', [[900, 9]], [null]],
    [
      'the second poll says what ended between',
      [
        [900, 9],
        [1_000, 10],
      ],
      [null, 100],
    ],
    [
      'nothing ended: the old average stays',
      [
        [0, 0],
        [300, 3],
        [300, 3],
      ],
      [null, 100, 100],
    ],
    [
      'nothing has ever ended',
      [
        [0, 0],
        [0, 0],
      ],
      [null, null],
    ],
    ['a poll without the metric changes nothing', [[0, 0], [300, 3], null, [500, 4]], [null, 100, 100, 200]],
    [
      'a restart forgets',
      [
        [900, 9],
        [1_000, 10],
        [0, 0],
      ],
      [null, 100, null],
    ],
    [
      'after a restart, all that was counted since',
      [
        [900, 9],
        [1_000, 10],
        [60, 2],
        [100, 3],
      ],
      [null, 100, 30, 40],
    ],
    [
      'a sum that fell is a restart too',
      [
        [900, 9],
        [1_000, 10],
        [60, 12],
      ],
      [null, 100, 5],
    ],
  ] as const)('%s', (_name, polls, expected) => {
    expect(averages(...polls)).toEqual(expected)
  })

  it('is the mean of what ended between the last two polls that saw an end', () => {
    const batches = fc.array(fc.array(fc.integer({ min: 1, max: 1_000 }), { maxLength: 4 }), {
      minLength: 1,
      maxLength: 8,
    })
    fc.assert(
      fc.property(batches, (ended) => {
        const average = new DeltaAverage()
        let [sumMs, count] = [5_000, 7]
        average.update({ sumMs, count })
        for (const batch of ended) {
          sumMs += batch.reduce((total, value) => total + value, 0)
          count += batch.length
          average.update({ sumMs, count })
        }
        const last = ended.filter((batch) => batch.length > 0).at(-1)
        const expected = last ? last.reduce((total, value) => total + value, 0) / last.length : null
        if (expected === null) expect(average.averageMs).toBeNull()
        else expect(average.averageMs).toBeCloseTo(expected, 6)
      }),
    )
  })
})
