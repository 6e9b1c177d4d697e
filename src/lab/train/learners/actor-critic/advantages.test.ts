import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { advantagesOf } from './advantages.ts'

const judged = (rewards: readonly number[], values: readonly number[], groups: readonly number[]) =>
  advantagesOf({
    rewards: Float32Array.from(rewards),
    values: Float32Array.from(values),
    groups: Int32Array.from(groups),
  })

describe('advantages', () => {
  it('compare with the mean of the others in the same twin, after the critic', () => {
    // Less the critic: 0.5, 0, -0.5 | 0.25. Less the mean of the others: 0.75, 0, -0.75 | 0.25, alone.
    const raw = [0.75, 0, -0.75, 0.25]
    const deviation = Math.sqrt(raw.reduce((sum, value) => sum + value * value, 0) / 4)
    const advantages = judged([1, 0.5, 0, 0.75], [0.5, 0.5, 0.5, 0.5], [0, 0, 0, 1])
    for (const [index, value] of raw.entries()) expect(advantages[index]).toBeCloseTo(value / deviation, 5)
  })

  it('do not see how lucky a twin was', () => {
    const [plain, lucky] = [
      judged([1, 0, 1, 0], [0, 0, 0, 0], [0, 0, 1, 1]),
      judged([1, 0, 6, 5], [0, 0, 0, 0], [0, 0, 1, 1]),
    ]
    expect(lucky).toEqual(plain)
  })

  it('are zeros where nothing differs, and none where nothing was decided', () => {
    expect([...judged([1, 1, 1], [0, 0, 0], [0, 0, 0])]).toEqual([0, 0, 0])
    expect(judged([], [], [])).toHaveLength(0)
  })

  it('are finite, of mean square 1, and add up to 0 in every twin of two or more', () => {
    const decision = fc.record({
      reward: fc.float({ min: -5, max: 5, noNaN: true }),
      value: fc.float({ min: -1, max: 1, noNaN: true }),
      group: fc.integer({ min: 0, max: 3 }),
    })
    fc.assert(
      fc.property(fc.array(decision, { minLength: 1, maxLength: 40 }), (decisions) => {
        const groups = decisions.map(({ group }) => group)
        const advantages = judged(
          decisions.map(({ reward }) => reward),
          decisions.map(({ value }) => value),
          groups,
        )
        expect(advantages.every(Number.isFinite)).toBe(true)
        const square = advantages.reduce((sum, value) => sum + value * value, 0) / advantages.length
        expect(square).toBeLessThan(1.001)
        for (const group of new Set(groups)) {
          const own = advantages.filter((_, index) => groups[index] === group)
          if (own.length > 1)
            expect(Math.abs(own.reduce((sum, value) => sum + value, 0))).toBeLessThan(1e-3 * own.length)
        }
      }),
    )
  })
})
