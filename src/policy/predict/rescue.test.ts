import { describe, expect, it } from 'vitest'
import type { PricedArm } from './priced-arm.ts'
import { withRescue } from './rescue.ts'

function line(model: string, change: Partial<PricedArm> & { readonly cutShare?: number } = {}): PricedArm {
  const { cutShare = 0, ...rest } = change
  return {
    arm: { model, strategy: 'Concise' },
    isUsable: true,
    fitsContext: true,
    quality: 0.6,
    queueMs: 0,
    ttftMs: 50,
    tpotMs: 10,
    serviceMs: 5000,
    meanMs: 5000,
    longestServiceMs: 20_000,
    length: { mu: 6, sigma: 0.5, mean: 450, relativeVariance: 0.28, cutShare },
    shiftMs: 50,
    mu: 8,
    sigma: 0.5,
    price: 0,
    ...rest,
  }
}

describe('the worth of a second try', () => {
  const thinker = line('thinker', { quality: 0.5, cutShare: 0.4 })
  const quick = line('quick', { quality: 0.7, meanMs: 3000 })

  it('adds what the best model behind it earns on the cut share, a little less than usual', () => {
    const [rescued, untouched] = withRescue([thinker, quick], 60_000, 2)
    expect(rescued?.quality).toBeCloseTo(0.5 + 0.4 * 0.92 * 0.7, 10)
    expect(untouched).toBe(quick)
  })

  it('counts only models that still fit behind the longest answer', () => {
    // 20 s for the thinker and 2 x 3 s for the other: 26 s are needed.
    expect(withRescue([thinker, quick], 25_999, 2)[0]?.quality).toBe(0.5)
    expect(withRescue([thinker, quick], 26_000, 2)[0]?.quality).toBeGreaterThan(0.7)
  })

  it('counts no unusable model, and not the one that was cut', () => {
    const deeper = line('thinker', { quality: 0.9, meanMs: 1000 })
    expect(withRescue([thinker, { ...quick, isUsable: false }, deeper], 60_000, 2)[0]?.quality).toBe(0.5)
  })

  it('changes nothing where answers are seldom cut', () => {
    const lines = [line('a', { cutShare: 0.01 }), quick]
    expect(withRescue(lines, 60_000, 2)).toBe(lines)
  })
})
