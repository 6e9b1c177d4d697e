import { describe, expect, it } from 'vitest'
import { anEpisode } from '../../../../test/an-episode.ts'
import {
  bandNames,
  bandOf,
  createPaperMultiplier,
  createViolationMultiplier,
  type RewardForm,
  rewardOf,
  violationMultiplier,
} from './index.ts'

const right = anEpisode({ correctness: 1, latencyRatio: 0.5, isOnTime: true, charges: 0.1 })
const late = anEpisode({ correctness: 1, latencyRatio: 4, isOnTime: false, charges: 0.1 })
const wrong = anEpisode({ correctness: 0, latencyRatio: 0.5, isOnTime: true, charges: 0.1 })
const worth = (episode: typeof right, form: RewardForm, lambda: number, priceFactor = 1) =>
  rewardOf(episode, { form, lambda, priceFactor })

describe('the worth of a query', () => {
  it('paper: falls with every second, and ranks right at four times the budget above wrong in time', () => {
    expect(worth(right, 'paper', 0.2)).toBeCloseTo(0.9)
    expect(worth(late, 'paper', 0.2)).toBeCloseTo(0.2)
    expect(worth(late, 'paper', 0.2)).toBeGreaterThan(worth(wrong, 'paper', 0.2))
  })

  it('hinge: is free until nine tenths of the budget', () => {
    expect(worth(right, 'hinge', 0.5)).toBe(1)
    expect(worth(anEpisode({ latencyRatio: 0.9 }), 'hinge', 0.5)).toBe(1)
    expect(worth(anEpisode({ latencyRatio: 1.4 }), 'hinge', 0.5)).toBeCloseTo(0.5)
    expect(worth(late, 'hinge', 0.5)).toBeLessThan(worth(wrong, 'hinge', 0.5))
  })

  it('on-time: counts right answers in time alone, charges what was used and what was broken', () => {
    expect(worth(right, 'on-time', 0.2)).toBeCloseTo(0.9)
    expect(worth(late, 'on-time', 0.2)).toBeCloseTo(-0.3)
    expect(worth(late, 'on-time', 0)).toBeLessThanOrEqual(worth(wrong, 'on-time', 0))
    expect(worth(right, 'on-time', 0.2, 0)).toBe(1)
  })

  it('on-time: charges seconds by the load in which they are spent, none in an idle pool', () => {
    const at = (load: number) =>
      rewardOf(anEpisode({ correctness: 1, latencyRatio: 0.5, budgetMs: 20_000, isOnTime: true, charges: 0, load }), {
        form: 'on-time',
        lambda: 0.2,
        priceFactor: 1,
        delayPrice: 0.01,
      })
    expect(at(0)).toBe(1)
    expect(at(0.5)).toBeCloseTo(0.95)
    // Beyond full it is no dearer: the multiplier has its say there.
    expect(at(3)).toBeCloseTo(0.9)
  })
})

describe('the multiplier of the paper', () => {
  it('is gone after 333 updates at a mean of 0.4, and not before', () => {
    const multiplier = createPaperMultiplier()
    for (let update = 0; update < 333; update += 1) multiplier.update([anEpisode({ latencyRatio: 0.4 })])
    expect(multiplier.of(right)).toBeLessThan(0.001)
    multiplier.update([anEpisode({ latencyRatio: 0.4 })])
    expect(multiplier.of(right)).toBe(0)
  })

  it('rises where the mean is above the budget, to 1 at most; nothing moves without queries', () => {
    const multiplier = createPaperMultiplier()
    multiplier.update([])
    expect(multiplier.of(right)).toBe(0.2)
    for (let update = 0; update < 400; update += 1) multiplier.update([late])
    expect(multiplier.of(right)).toBe(1)
  })
})

describe('the multiplier of violations', () => {
  it('has one number for each tier of budgets and band of loads, ends included below', () => {
    expect(bandNames).toHaveLength(12)
    expect(bandNames[bandOf({ budgetMs: 10_000, load: 0.3 })]).toBe('budget<=10s load<=0.3')
    expect(bandNames[bandOf({ budgetMs: 10_001, load: 0.31 })]).toBe('budget<=30s load<=0.8')
    expect(bandNames[bandOf({ budgetMs: 1e9, load: 99 })]).toBe('budget<=Infinitys load<=Infinity')
  })

  it('moves the band in which deadlines were broken, down in those that were kept, and no other', () => {
    const { start, rate, allowed } = violationMultiplier
    const multiplier = createViolationMultiplier()
    const tight = { budgetMs: 5_000, load: 1 }
    multiplier.update([right, anEpisode({ ...tight, isOnTime: false }), anEpisode(tight)])
    expect(multiplier.of(anEpisode(tight))).toBeCloseTo(start + rate * (0.5 - allowed))
    expect(multiplier.of(right)).toBeCloseTo(start - rate * allowed)
    expect(multiplier.of(anEpisode({ budgetMs: 50_000 }))).toBe(start)
  })

  it('winds up neither way: it stays between 0 and its most', () => {
    const multiplier = createViolationMultiplier({ ...violationMultiplier, rate: 50 })
    multiplier.update([late])
    expect(multiplier.of(late)).toBe(violationMultiplier.most)
    for (let update = 0; update < 200; update += 1) multiplier.update([right])
    expect(multiplier.of(right)).toBe(0)
  })
})
