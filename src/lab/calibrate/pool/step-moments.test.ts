/** @file Step times by regression: planted figures are found again, within their intervals, in spite of noise and outliers. */
import { describe, expect, it } from 'vitest'
import { keyedRandom } from '../../../core/index.ts'
import { fitMoments, type MomentPriors } from './step-moments.ts'
import type { DecodeRow, ModelTraffic, PrefillRow } from './traffic.ts'

const planted = { decodeMs: 12, perKvTokenMs: 8e-5, perPromptTokenMs: 0.03, prefillMs: 10, api: 25, eta: 0.9 }

interface Plan {
  readonly seed: number
  readonly noise: number
  /** Whether neighbours are now and then at work. */
  readonly isShared: boolean
}

function traffic({ seed, noise, isShared }: Plan): ModelTraffic {
  const random = keyedRandom(seed, 'traffic')
  const blurred = (ms: number) => ms * Math.exp(noise * random.normal())
  const neighboursOf = () => (isShared ? random.pick([0, 0, 1]) : 0)
  const decodes = Array.from({ length: 300 }, (): DecodeRow => {
    const [steps, neighbours] = [20 + random.below(600), neighboursOf()]
    const kvSteps = steps * (500 + random.below(40_000))
    const prefillTokens = random.below(4000)
    const { decodeMs, perKvTokenMs, perPromptTokenMs, eta } = planted
    const ms = (1 + eta * neighbours) * (decodeMs * steps + perKvTokenMs * kvSteps + perPromptTokenMs * prefillTokens)
    return { steps, kvSteps, prefillTokens, neighbours, ms: blurred(ms) }
  })
  const prefills = Array.from({ length: 60 }, (): PrefillRow => {
    const [promptTokens, neighbours] = [100 + random.below(1500), neighboursOf()]
    const ms =
      planted.api + (1 + planted.eta * neighbours) * (planted.prefillMs + planted.perPromptTokenMs * promptTokens)
    return { promptTokens, neighbours, ms: blurred(ms) }
  })
  return { decodes, prefills }
}

/** A base that is off by 40 %, but knows that a short prefill takes 10 / 12 of a decoding step. */
const priors: MomentPriors = {
  stepOf: () => ({ decodeMs: 8.4, perKvTokenMs: 5e-5, prefillMs: 7, perPromptTokenMs: 0.03 }),
  apiOverheadMs: 15,
  eta: 0.5,
  seed: 1,
}

const fitted = (plan: Plan, change: (rows: ModelTraffic) => ModelTraffic = (rows) => rows) =>
  fitMoments(new Map([['m', change(traffic(plan))]]), priors)

describe('fitMoments', () => {
  it('finds planted figures again', () => {
    const { models, apiOverheadMs } = fitted({ seed: 1, noise: 0, isShared: false })
    const { decodeMs, perKvTokenMs, prefillMs, perPromptTokenMs } = models.get('m')!
    expect(decodeMs.value).toBeCloseTo(12, 6)
    expect(perKvTokenMs.value).toBeCloseTo(8e-5, 9)
    expect(perPromptTokenMs.value).toBeCloseTo(0.03, 6)
    expect(apiOverheadMs.value).toBeCloseTo(25, 6)
    expect(prefillMs.value).toBeCloseTo(10, 4)
  })

  it('has intervals that mostly hold the planted step time', () => {
    const held = Array.from({ length: 40 }, (_, seed) => {
      const { decodeMs } = fitted({ seed, noise: 0.05, isShared: false }).models.get('m')!
      const [low, high] = decodeMs.interval!
      expect(high - low).toBeLessThan(0.6)
      return low <= planted.decodeMs && planted.decodeMs <= high
    })
    // 95 % by design.
    expect(held.filter(Boolean).length).toBeGreaterThanOrEqual(34)
  })

  it('finds the slowdown by neighbours where they were sometimes at work, and only there', () => {
    const shared = fitted({ seed: 2, noise: 0.01, isShared: true })
    expect(shared.eta.value).toBeCloseTo(planted.eta, 1)
    expect(shared.eta.interval).not.toBeNull()
    expect(shared.models.get('m')!.decodeMs.value).toBeCloseTo(12, 0)
    expect(fitted({ seed: 2, noise: 0.01, isShared: false }).eta).toEqual({ value: 0.5, interval: null })
  })

  it('is not led astray by a few calls that stalled', () => {
    const stalled = fitted({ seed: 3, noise: 0.01, isShared: false }, ({ decodes, prefills }) => ({
      prefills,
      decodes: decodes.map((row, index) => (index % 20 === 0 ? { ...row, ms: 5 * row.ms } : row)),
    }))
    expect(Math.abs(stalled.models.get('m')!.decodeMs.value / planted.decodeMs - 1)).toBeLessThan(0.02)
  })

  it('takes from the base what calls on an idle engine would tell, and says so', () => {
    const busy = fitted({ seed: 4, noise: 0, isShared: false }, (rows) => ({ ...rows, prefills: [] }))
    const { prefillMs } = busy.models.get('m')!
    expect(prefillMs).toEqual({ value: expect.closeTo(10, 4), interval: null })
    expect(busy.apiOverheadMs).toEqual({ value: 15, interval: null })
  })

  it('leaves models with hardly any rows out', () => {
    const few = fitted({ seed: 5, noise: 0, isShared: false }, ({ decodes, prefills }) => ({
      decodes: decodes.slice(0, 10),
      prefills,
    }))
    expect(few.models.size).toBe(0)
  })
})
