import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { questionOrder } from './question-order.ts'

function take(count: number, ...order: Parameters<typeof questionOrder>): readonly number[] {
  const indices = questionOrder(...order)
  return Array.from({ length: count }, () => indices.next().value)
}

const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0)
const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 6 })

describe('the order of questions', () => {
  it('stays within the questions and repeats under its seed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 }), sizes, (seed, setSizes) => {
        const indices = take(60, seed, sum(setSizes), setSizes)
        expect(indices.every((index) => Number.isInteger(index) && index >= 0 && index < sum(setSizes))).toBe(true)
        expect(take(60, seed, sum(setSizes), setSizes)).toEqual(indices)
      }),
    )
  })

  it('is another one under another seed', () => {
    expect(take(20, 1, 100)).not.toEqual(take(20, 2, 100))
  })

  it('asks each question of one set as often as the next', () => {
    const counts = new Array<number>(10).fill(0)
    for (const index of take(20_000, 3, 10)) counts[index]! += 1
    // 20,000 draws of 10: mean 2,000, deviation 42.
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(210)
  })

  it('asks each set as often as the next, whatever its size, and all of its questions', () => {
    const setSizes = [2, 30, 400]
    const indices = take(30_000, 5, 432, setSizes)
    const shares = [
      indices.filter((i) => i < 2),
      indices.filter((i) => i >= 2 && i < 32),
      indices.filter((i) => i >= 32),
    ]
    // Mean 10,000, deviation 82.
    for (const share of shares) expect(Math.abs(share.length - 10_000)).toBeLessThan(410)
    expect(new Set(indices).size).toBe(432)
  })

  it('of one set is the same whether its size is said or not', () => {
    expect(take(50, 7, 40, [40])).toEqual(take(50, 7, 40))
  })
})
