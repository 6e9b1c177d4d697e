import { describe, expect, it } from 'vitest'
import { interval, markdownTable, none, percent, placeText, points } from './markdown.ts'

describe('numbers in tables', () => {
  it('are percent and points, and say so when there is none', () => {
    expect([percent(0.12345), percent(null), percent(Number.NaN)]).toEqual(['12.3', none, none])
    expect([points(0.0321), points(-0.0321), points(-0.0001), points(0)]).toEqual(['+3.2', '-3.2', '0.0', '0.0'])
    expect(interval({ estimate: 0.01, low: -0.002, high: 0.021 })).toBe('+1.0 [-0.2, +2.1]')
  })

  it('name a cell', () => {
    expect(placeText({ dataset: 'mixed', ratePerMinute: 10, budgetSeconds: null })).toBe('mixed, 10/min, 10-300 s')
  })

  it('cannot break out of their cell', () => {
    const table = markdownTable([{ name: 'a|b\nc' }], [{ head: 'name', align: 'left', value: ({ name }) => name }])
    expect(table).toBe('| name |\n| --- |\n| a\\|b c |')
  })
})
