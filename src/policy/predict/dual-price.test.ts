import { describe, expect, it } from 'vitest'
import type { ModelState } from '../../core/index.ts'
import { aClusterState } from '../../testing/index.ts'
import { ArrivalRate, DualPrice, startPrice } from './dual-price.ts'
import { createPrices } from './price-source.ts'

const start = { ratesPerMinute: [10, 100, 200], pricePerSlotSecond: { able: [0, 0.01, 0.05] } }

describe('the start', () => {
  it.each([
    [1, 0],
    [10, 0],
    [55, 0.005],
    [100, 0.01],
    [150, 0.03],
    [200, 0.05],
    [900, 0.05],
  ])('at %f a minute is %f', (ratePerMinute, price) => {
    expect(startPrice(start, 'able', ratePerMinute)).toBeCloseTo(price, 12)
  })

  it('of a model that the table lacks is nothing', () => {
    expect(startPrice(start, 'stranger', 100)).toBe(0)
  })
})

describe('the arrival rate', () => {
  it('is that of queries that come at even intervals, from the first seconds on', () => {
    const rate = new ArrivalRate()
    expect(rate.perMinute(0)).toBe(0)
    for (let atMs = 0; atMs <= 600_000; atMs += 500) {
      rate.observe(atMs)
      if (atMs >= 20_000) expect(rate.perMinute(atMs) / 120).toBeCloseTo(1, 1)
    }
  })

  it('follows a change, and falls while nothing comes', () => {
    const rate = new ArrivalRate()
    for (let atMs = 0; atMs < 300_000; atMs += 6000) rate.observe(atMs)
    for (let atMs = 300_000; atMs < 600_000; atMs += 600) rate.observe(atMs)
    expect(rate.perMinute(600_000)).toBeGreaterThan(90)
    expect(rate.perMinute(645_000)).toBeCloseTo(rate.perMinute(600_000) / 2, 0)
  })
})

const stateOf = (model: string, running: number, gatewayWaiting: number): ModelState =>
  aClusterState({ models: [{ model, running, gatewayWaiting, slots: 4 }] }).model(model) as ModelState

describe('online prices of two models', () => {
  /** Six queries a second of one second each; the able model serves four at once. Each takes what is worth more at its price. */
  function play(startAt: number) {
    const table = { ratesPerMinute: [360], pricePerSlotSecond: { able: [startAt], plain: [0] } }
    const able = new DualPrice(table, { model: 'able', factor: 1, ratePerMinute: () => 360 })
    const endsAtMs: number[] = []
    const late = { prices: 0, busy: 0, queries: 0 }
    const [queries, intervalMs] = [12_000, 1000 / 6]
    for (let query = 0; query < queries; query += 1) {
      const atMs = query * intervalMs
      while (endsAtMs.length > 0 && (endsAtMs[0] as number) <= atMs) endsAtMs.shift()
      const running = Math.min(4, endsAtMs.length)
      const price = able.update(stateOf('able', running, endsAtMs.length - running), atMs, 1000)
      // Worth differs by a few hundredths from query to query, as it does between questions.
      if (0.8 + 0.02 * ((query % 6) - 2.5) - price > 0.5) endsAtMs.push(Math.max(atMs, endsAtMs.at(-4) ?? 0) + 1000)
      if (query < queries / 2) continue
      late.prices += price
      late.busy += endsAtMs.length
      late.queries += 1
    }
    return { price: late.prices / late.queries, load: late.busy / late.queries / 4 }
  }

  it.each([0, 0.02, 0.1, 0.3, 1])('keep the able one near its capacity, started from %f', (startAt) => {
    const { price, load } = play(startAt)
    expect(load).toBeGreaterThan(0.75)
    expect(load).toBeLessThan(1.1)
    // About the price that makes the two worth the same; the pressure's square makes its mean a little dearer.
    expect(Math.abs(price - 0.3)).toBeLessThan(0.12)
  })
})

describe('prices of a pool', () => {
  it('follow its arrivals where they start from a table', () => {
    const prices = createPrices({ kind: 'dual', start })
    const able = prices.of('able')
    const idle = stateOf('able', 3, 0)
    const quiet = able.update(idle, 0, 1000)
    for (let atMs = 0; atMs <= 60_000; atMs += 300) prices.arrived(atMs)
    expect(able.update(idle, 60_000, 1000)).toBeGreaterThan(quiet + 0.03)
  })

  it('are congestion prices unless told otherwise, and nothing but a tie-breaker without a factor', () => {
    const full = stateOf('able', 4, 4)
    expect(createPrices().of('able').update(full, 0, 1000)).toBe(
      createPrices({ kind: 'congestion' }).of('able').update(full, 0, 1000),
    )
    for (const spec of [{ kind: 'congestion' }, { kind: 'dual', start }] as const)
      expect(createPrices(spec, 0).of('able').update(full, 0, 1000)).toBe(0.001)
  })
})
