import { describe, expect, it } from 'vitest'
import { aClusterState, aQuery } from '../../testing/index.ts'
import { mayBackUp, withFallbacks } from './fallbacks.ts'
import { plannedMs } from './greedy-arm.ts'
import { chanceWithin, latencyQuantile, type PricedArm } from './priced-arm.ts'

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

const terms = { leftMs: 60_000, safety: 2, retriesCut: true, plansBackups: true }

describe('the worth of a second try after a cut', () => {
  const thinker = line('thinker', { quality: 0.5, cutShare: 0.4 })
  const quick = line('quick', { quality: 0.7, meanMs: 3000 })

  it('adds what the best model behind it earns on the cut share, a little less than usual', () => {
    const [rescued, untouched] = withFallbacks([thinker, quick], terms)
    expect(rescued?.quality).toBeCloseTo(0.5 + 0.4 * 0.92 * 0.7, 10)
    expect(rescued?.backup).toBeUndefined()
    expect(untouched).toBe(quick)
  })

  it('counts only models that still fit behind the longest answer', () => {
    // 20 s for the thinker and 2 x 3 s for the other: 26 s are needed.
    const at = (leftMs: number) => withFallbacks([thinker, quick], { ...terms, leftMs })[0]?.quality
    expect(at(25_999)).toBe(0.5)
    expect(at(26_000)).toBeGreaterThan(0.7)
  })

  it('counts no unusable model, and not the one that was cut', () => {
    const deeper = line('thinker', { quality: 0.9, meanMs: 1000 })
    expect(withFallbacks([thinker, { ...quick, isUsable: false }, deeper], terms)[0]?.quality).toBe(0.5)
  })

  it('changes nothing where answers are seldom cut, or no second try is made', () => {
    const lines = [line('a', { cutShare: 0.01 }), quick]
    expect(withFallbacks(lines, terms)).toBe(lines)
    const cut = [thinker, quick]
    expect(withFallbacks(cut, { ...terms, retriesCut: false })).toBe(cut)
  })
})

describe('the worth of a backup beside a slow arm', () => {
  // Median 20 s: about even to end within 22 s, and never surely.
  const slow = line('slow', {
    quality: 0.9,
    meanMs: 22_000,
    longestServiceMs: 60_000,
    mu: Math.log(20_000),
    price: 0.01,
  })
  const quick = line('quick', { quality: 0.6, meanMs: 2000, mu: Math.log(1800), sigma: 0.3, longestServiceMs: 5000 })
  const poor = { ...quick, arm: { model: 'poor', strategy: 'Flash' as const }, quality: 0.3 }
  const at22 = { ...terms, leftMs: 22_000 }

  it('is in time as one answers or the other, at the price of both and a toll', () => {
    const [backed] = withFallbacks([slow, quick, poor], at22)
    const inTime = chanceWithin(slow, 22_000)
    expect(inTime).toBeGreaterThan(0.5)
    expect(backed?.quality).toBeCloseTo(inTime * 0.9 + (1 - inTime) * 0.95 * 0.92 * 0.6, 10)
    expect(backed?.backup).toEqual({ arm: quick.arm, leadMs: 1.15 * latencyQuantile(quick, 0.95) })
    expect(backed?.price).toBeGreaterThan(slow.price)
    expect(plannedMs(backed as PricedArm, 2)).toBe(0)
  })

  it('is not planned where the arm fits anyway, is hopeless, or nothing quick enough is there', () => {
    const roomy = withFallbacks([slow, quick], { ...terms, leftMs: 80_000 })
    expect(roomy[0]).toBe(slow)
    expect(withFallbacks([slow, quick], { ...terms, leftMs: 12_000 })[0]).toBe(slow)
    const sluggish = { ...quick, mu: Math.log(14_000) }
    expect(withFallbacks([slow, sluggish], at22)[0]).toBe(slow)
    expect(withFallbacks([slow, { ...quick, isUsable: false }], at22)[0]).toBe(slow)
  })

  it('counts answers that are cut as not in time', () => {
    const oftenCut = { ...slow, quality: 0.45, length: { ...slow.length, cutShare: 0.5 } }
    const [backed] = withFallbacks([oftenCut, quick], at22)
    expect(backed?.quality).toBeCloseTo(0.5 * 0.9 + 0.5 * 0.95 * 0.92 * 0.6, 10)
  })

  it('is left out where it may not be', () => {
    const lines = [slow, quick]
    expect(withFallbacks(lines, { ...at22, plansBackups: false })).toBe(lines)
  })
})

describe('whether a query may be backed up', () => {
  const quiet = aClusterState({ models: [{ model: 'a', replicas: [{ slots: 16, running: 3 }] }] })
  const busy = aClusterState({ models: [{ model: 'a', replicas: [{ slots: 16, running: 4 }] }] })

  it('may while the pool is quiet, not where late is worth nothing or one call must do', () => {
    expect(mayBackUp(aQuery(), quiet)).toBe(true)
    expect(mayBackUp(aQuery(), busy)).toBe(false)
    expect(mayBackUp(aQuery({ limits: { onDeadline: 'fail' } }), quiet)).toBe(false)
    expect(mayBackUp(aQuery({ soloReason: 'tools' }), quiet)).toBe(false)
  })
})
