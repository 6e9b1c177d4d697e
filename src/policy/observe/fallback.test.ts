import { describe, expect, it } from 'vitest'
import { whyUnfit } from './fallback.ts'
import { FeatureRow } from './feature-row.ts'

const rows = (...values: readonly (readonly number[])[]) => {
  const row = new FeatureRow(new Float32Array(values.length * 2), 2)
  const fill = (all: readonly (readonly number[])[]) => {
    for (const [index, [a, b]] of all.entries()) {
      row.begin(index)
      row.put(a as number)
      row.put(b as number)
      row.end()
    }
    return row
  }
  return { row: fill(values), fill }
}

describe('whyUnfit', () => {
  it.each<[string, readonly (readonly number[])[], readonly number[], string | null]>([
    ['nothing', [[1, 2]], [0.5, -3], null],
    ['what is only large', [[1e30, -1e30]], [1e30], null],
    ['a feature that is no number', [[1, Number.NaN]], [0], 'features'],
    [
      'one that is infinite, in any row',
      [
        [Infinity, 1],
        [1, 1],
      ],
      [0],
      'features',
    ],
    ['a logit that is no number', [[1, 2]], [0, Number.NaN], 'logits'],
    ['one that is infinite', [[1, 2]], [-Infinity, 0], 'logits'],
  ])('finds %s', (_, values, logits, expected) => {
    expect(whyUnfit([rows(values[0] as number[], ...values.slice(1)).row], Float32Array.from(logits))).toBe(expected)
  })

  it('forgets a flaw when the rows are written anew', () => {
    const { row, fill } = rows([Number.NaN, 1], [1, 1])
    expect(row.isFinite).toBe(false)
    expect(
      fill([
        [1, 1],
        [1, 1],
      ]).isFinite,
    ).toBe(true)
  })
})
