/** @file Two outcomes on the same questions. */
import { describe, expect, it } from 'vitest'
import { meanPhi, phi, transitionOf } from './outcome-pairs.ts'

const flags = (text: string) => [...text].map((letter) => letter === '1')

describe('phi', () => {
  it('is 1 for the same outcomes, -1 for opposite ones, 0 for unrelated ones', () => {
    expect(phi(flags('1100'), flags('1100'))).toBe(1)
    expect(phi(flags('1100'), flags('0011'))).toBe(-1)
    expect(phi(flags('1100'), flags('1010'))).toBe(0)
  })

  it('is the correlation of the 0/1 values', () => {
    // p = 3/4 and 1/2, both right 1/2.
    expect(phi(flags('1110'), flags('1100'))).toBeCloseTo((0.5 - 0.375) / Math.sqrt((3 / 16) * (1 / 4)), 12)
  })

  it('says nothing where an outcome never varies', () => {
    expect(phi(flags('1111'), flags('1100'))).toBeNaN()
  })

  it('averages over all pairs', () => {
    expect(meanPhi([flags('1100'), flags('1100'), flags('0011')])).toBeCloseTo(-1 / 3, 12)
  })
})

describe('transitionOf', () => {
  it('counts what stays right and what is mended', () => {
    expect(transitionOf(flags('111100'), flags('111010'))).toEqual({
      before: 4 / 6,
      after: 4 / 6,
      keep: 3 / 4,
      fix: 1 / 2,
    })
  })
})
