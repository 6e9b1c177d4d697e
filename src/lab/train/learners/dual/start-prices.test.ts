import { describe, expect, it } from 'vitest'
import { paperProfile } from '../../../../../test/paper-profile.ts'
import { domains, type Profile, type ProfilePrior, strategyIds } from '../../../../core/index.ts'
import { assumedTeamRules } from '../../../../policy/index.ts'
import { knownArms } from './known-plans.ts'
import { slotSecondPrice, startPrices } from './start-prices.ts'

const paper = paperProfile()
const [machine] = Object.values(paper.models)
const [template] = Object.values(paper.prior.models)
const quantity = <T>(value: T) => ({ value, unit: 'any', tag: 'assumed' as const, source: 'made up' })

/** A model that is right with this chance, and takes a second for a hundred tokens at any depth. */
const knownModel = (quality: number): ProfilePrior['models'][string] => {
  const table = <T>(cell: T) =>
    Object.fromEntries(domains.map((domain) => [domain, Object.fromEntries(strategyIds.map((id) => [id, cell]))]))
  return {
    ...template!,
    quality: quantity(table(quality)) as never,
    outputTokens: quantity(table({ mean: 100, sigma: 0 })) as never,
    ttft: quantity({ fixedMs: 0, perTokenMs: 0 }),
    tpot: quantity({ idleMs: 10, perKvTokenMs: 0 }),
  }
}

/** Two engines of one slot each on GPUs of their own: each serves one query a second. */
const toy: Profile = {
  ...paper,
  gpus: [
    { id: 'one', engines: ['able'] },
    { id: 'two', engines: ['plain'] },
  ],
  models: Object.fromEntries(
    ['able', 'plain'].map((model) => [model, { ...machine!, slots: quantity(1), kvTokens: quantity(1_000_000_000) }]),
  ),
  prior: { models: { able: knownModel(0.8), plain: knownModel(0.5) } },
}

const pricesAt = async (ratePerMinute: number, budgetMs = 60_000) => {
  const { pricePerSlotSecond } = await startPrices({
    profile: toy,
    prior: toy.prior,
    teamRules: assumedTeamRules,
    mix: { general: 1 },
    budgetsMs: [budgetMs],
    ratesPerMinute: [ratePerMinute],
  })
  return [pricePerSlotSecond['able']![0], pricePerSlotSecond['plain']![0]]
}

describe('start prices of two engines', () => {
  it('are nothing while the able one serves all: half a query a second', async () => {
    expect(await pricesAt(30)).toEqual([0, 0])
  })

  it('are what the able one saves while the plain one has room: 0.8 - 0.5 a second', async () => {
    const [able, plain] = await pricesAt(90)
    expect(able).toBeCloseTo(0.3, 4)
    expect(plain).toBeCloseTo(0, 4)
  })

  it('are what each one earns where queries are given up: 0.8 and 0.5 a second', async () => {
    const [able, plain] = await pricesAt(240)
    expect(able).toBeCloseTo(0.8, 4)
    expect(plain).toBeCloseTo(0.5, 4)
  })

  it('are nothing where no team fits the budget', async () => {
    expect(await pricesAt(240, 1500)).toEqual([0, 0])
  })
})

describe('a slot-second', () => {
  it('pays its part of the engine, and of the cache that it holds', () => {
    const terms = { queriesPerSecond: 2, slots: 16, kvTokens: 10_000 }
    expect(slotSecondPrice(0.4, 0, terms)).toBeCloseTo(0.05, 12)
    expect(slotSecondPrice(0, 0.4, terms)).toBeCloseTo(0.04, 12)
  })
})

describe('a known arm', () => {
  it('is cut at its cap: worth less and no longer than that', () => {
    const long = { ...knownModel(0.8), outputTokens: quantity({ ...knownModel(0.8).outputTokens.value }) }
    long.outputTokens.value.math = { ...long.outputTokens.value.math, Flash: { mean: 768, sigma: 1 } }
    const [flash, concise] = knownArms('math', { prior: { models: { long } } })
    expect(concise).toMatchObject({ quality: 0.8, outputTokens: 100, serviceMs: 1000 })
    // ln(768 / 768) + 1 / 2 = 0.5 deviations: 31 % are cut.
    expect(flash!.quality).toBeCloseTo(0.8 * 0.6915, 3)
    expect(flash!.outputTokens).toBeLessThan(768 * 0.7)
  })
})
