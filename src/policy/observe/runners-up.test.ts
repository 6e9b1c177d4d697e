import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runnersUp } from './runners-up.ts'

describe('runners-up', () => {
  it('are the best of the others, equals in their order', () => {
    expect(runnersUp(Float32Array.of(1, 3, 2, 3, 0), { taken: 1, most: 3 })).toEqual([3, 2, 0])
    expect(runnersUp(Float32Array.of(1), { taken: 0, most: 3 })).toEqual([])
  })

  it('are what sorting all of them gives', () => {
    const logits = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(logits, fc.nat(), fc.integer({ min: 1, max: 8 }), (values, place, most) => {
        const taken = place % values.length
        const sorted = values
          .map((_, index) => index)
          .filter((index) => index !== taken)
          .sort((a, b) => (values[b] as number) - (values[a] as number))
        expect(runnersUp(Float32Array.from(values), { taken, most })).toEqual(sorted.slice(0, most))
      }),
    )
  })
})
