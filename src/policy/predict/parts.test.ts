import { describe, expect, it } from 'vitest'
import { paperModelState, paperPrior, r1 } from '../../../test/policy/paper-pool.ts'
import { createRandom, type ModelPrior, ShiftedLogNormal } from '../../core/index.ts'
import { aModelState, aReplicaState } from '../../testing/index.ts'
import { clippedLogNormal, logNormalOf, shareBeyond } from './clipped-lognormal.ts'
import { CongestionPrice, pressureOf } from './congestion.ts'
import { ErrorTracker } from './error-tracker.ts'
import { LengthBook } from './length-book.ts'
import { Pace } from './pace.ts'
import { unreachableMs, WaitBook } from './wait-book.ts'

const prior = paperPrior.models[r1] as ModelPrior
const key = { strategy: 'DeepThink', kind: 'solve', domain: 'math' } as const

describe('clipped lognormal', () => {
  it('has the mean and the share beyond the cap of a clipped sample', () => {
    const random = createRandom(3)
    const free = ShiftedLogNormal.fromMean(0, 1_650, 0.85)
    const draws = Array.from({ length: 40_000 }, () => free.sample(random))
    const clipped = draws.map((draw) => Math.min(draw, 2_048))
    const { mu, sigma } = clippedLogNormal(1_650, 0.85, 2_048)
    const sampleMean = clipped.reduce((sum, value) => sum + value, 0) / clipped.length
    expect(Math.exp(mu + (sigma * sigma) / 2) / sampleMean).toBeCloseTo(1, 1.7)
    expect(sigma).toBeLessThan(0.85)
    expect(shareBeyond(1_650, 0.85, 2_048)).toBeCloseTo(draws.filter((draw) => draw > 2_048).length / draws.length, 2)
  })

  it('leaves a length far below its cap as it is', () => {
    const { mu, sigma } = clippedLogNormal(100, 0.5, 1e6)
    expect(mu).toBeCloseTo(Math.log(100) - 0.125, 4)
    expect(sigma).toBeCloseTo(0.5, 4)
  })

  it('turns mean and relative deviation into a lognormal with both', () => {
    const { mu, sigma } = logNormalOf(10, 0.5)
    expect(Math.exp(mu + (sigma * sigma) / 2)).toBeCloseTo(10)
    expect(Math.sqrt(Math.expm1(sigma * sigma))).toBeCloseTo(0.5)
  })
})

describe('length book', () => {
  const book = () => new LengthBook(prior, () => 2_048)

  it('starts from the prior and moves to what is seen', () => {
    const lengths = book()
    const start = lengths.length(key).mean
    expect(start).toBeLessThan(prior.outputTokens.value.math.DeepThink.mean)
    for (let call = 0; call < 8; call += 1) lengths.observe(key, { outputTokens: 300, isCut: false })
    const half = lengths.length(key)
    expect(half.mean).toBeLessThan(start)
    expect(half.mean).toBeGreaterThan(300)
    for (let call = 0; call < 300; call += 1) lengths.observe(key, { outputTokens: 300, isCut: false })
    expect(lengths.length(key).mean / 300).toBeCloseTo(1, 0.9)
    expect(lengths.length(key).cutShare).toBeLessThan(0.02)
  })

  it('keeps cells apart, but guesses other kinds of step from solutions until they are seen', () => {
    const lengths = book()
    const before = lengths.length({ ...key, strategy: 'Flash' }).mean
    for (let call = 0; call < 100; call += 1) lengths.observe(key, { outputTokens: 200, isCut: false })
    expect(lengths.length({ ...key, strategy: 'Flash' }).mean).toBe(before)
    expect(lengths.length({ ...key, kind: 'review' }).mean).toBe(lengths.length(key).mean)
    for (let call = 0; call < 100; call += 1)
      lengths.observe({ ...key, kind: 'review' }, { outputTokens: 900, isCut: true })
    expect(lengths.length({ ...key, kind: 'review' }).mean).toBeGreaterThan(600)
    expect(lengths.length({ ...key, kind: 'review' }).cutShare).toBeGreaterThan(0.8)
    expect(lengths.length(key).mean).toBeLessThan(300)
  })

  it('follows drift: old calls fade', () => {
    const lengths = book()
    for (let call = 0; call < 1_000; call += 1) lengths.observe(key, { outputTokens: 100, isCut: false })
    for (let call = 0; call < 500; call += 1) lengths.observe(key, { outputTokens: 800, isCut: false })
    expect(lengths.length(key).mean).toBeGreaterThan(600)
  })
})

describe('pace', () => {
  const idle = aModelState({ model: r1 })

  it('is the profile on an idle engine, slower as its cache fills', () => {
    const pace = new Pace(prior)
    expect(pace.tpotMs(idle, 0)).toBeCloseTo(prior.tpot.value.idleMs)
    const full = aModelState({ replicas: [{ kvUsage: 0.9, kvTokens: 1e6 }] })
    expect(pace.tpotMs(full, 0)).toBeGreaterThan(prior.tpot.value.idleMs * 1.5)
    expect(pace.idleTtftMs(1_000)).toBeCloseTo(prior.ttft.value.fixedMs + 1_000 * prior.ttft.value.perTokenMs)
  })

  it('hears our own calls, the engine and the monitor, and forgets our calls in time', () => {
    const { idleMs } = prior.tpot.value
    const pace = new Pace(prior)
    for (let call = 0; call < 20; call += 1)
      pace.observe({ promptTokens: 100, ttftMs: 300, tpotMs: 3 * idleMs, atMs: 0 })
    expect(pace.tpotMs(idle, 0) / idleMs).toBeGreaterThan(2.3)
    expect(pace.ttftFactor(0)).toBeGreaterThan(3)
    expect(pace.tpotMs(idle, 600_000) / idleMs).toBeCloseTo(1, 2)
    const published = aModelState({ replicas: [{ interTokenMs: 4 * idleMs }] })
    expect(new Pace(prior).tpotMs(published, 0) / idleMs).toBeGreaterThan(2)
    expect(new Pace(prior).tpotMs(aModelState({ slowdown: 2 }), 0) / idleMs).toBeCloseTo(2)
  })

  it('does not believe a reading that is old', () => {
    const { idleMs } = prior.tpot.value
    const stale = aModelState({ replicas: [{ interTokenMs: 4 * idleMs, readingAgeMs: 60_000 }] })
    expect(new Pace(prior).tpotMs(stale, 0)).toBeCloseTo(idleMs)
  })
})

describe('wait book', () => {
  it('expects no wait while any usable replica has a slot and room in its cache', () => {
    const waits = new WaitBook(4_000)
    expect(waits.waitMs(aModelState({ replicas: [{ running: 8, slots: 8 }, { running: 7 }] }), 500)).toBe(0)
    expect(waits.waitMs(aModelState({ replicas: [{ ownKvTokens: 9_000, kvTokens: 10_000 }] }), 900)).toBeGreaterThan(0)
    expect(waits.waitMs(aModelState({ gatewayWaiting: 1, gatewayWaitingMs: 1_000 }), 500)).toBeGreaterThan(0)
  })

  it('expects the work ahead over the slots', () => {
    const waits = new WaitBook(4_000)
    const full = { running: 8, slots: 8 }
    expect(waits.waitMs(aModelState({ replicas: [full] }), 500)).toBe(500)
    const queued = aModelState({ replicas: [full], gatewayWaiting: 4, gatewayWaitingMs: 16_000 })
    expect(waits.waitMs(queued, 500)).toBe(2_500)
    // A cache that feeds two calls at a time is worth two slots.
    expect(waits.waitMs(aModelState({ replicas: [{ ...full, kvTokens: 2_500 }] }), 1_000)).toBe(2_000)
    expect(waits.waitMs(aModelState({ replicas: [{ isUsable: false }] }), 500)).toBe(unreachableMs)
  })

  it('corrects itself by observed waits, within bounds', () => {
    const waits = new WaitBook(4_000)
    const state = aModelState({ replicas: [{ running: 8, slots: 8 }], gatewayWaiting: 8, gatewayWaitingMs: 32_000 })
    const first = waits.waitMs(state, 500)
    for (let call = 0; call < 60; call += 1)
      waits.observe({ predictedMs: waits.waitMs(state, 500), actualMs: 2 * first, serviceMs: 4_000 })
    expect(waits.waitMs(state, 500) / first).toBeGreaterThan(1.8)
    expect(waits.waitMs(state, 500) / first).toBeLessThan(2.2)
  })
})

describe('congestion price', () => {
  const price = (load: number, serviceMs = 8_000) => {
    const state = aModelState(paperModelState(r1, load))
    return new CongestionPrice().update(state, 0, serviceMs)
  }

  it('is next to nothing well below capacity and rises smoothly with the queue', () => {
    expect(price(0)).toBeLessThan(0.002)
    expect(price(0.5)).toBe(price(0))
    const prices = [0.5, 0.65, 0.8, 1, 1.5, 2].map((load) => price(load))
    expect(prices).toEqual([...prices].sort((a, b) => a - b))
    // Slots just full: an ordinary call costs a tenth of a right answer.
    expect(price(1) * 8).toBeCloseTo(0.1, 1)
  })

  it('charges an ordinary call the same on fast and slow models', () => {
    expect((price(1, 2_000) * 2) / (price(1, 20_000) * 20)).toBeCloseTo(1, 0)
  })

  it('grows while the pressure stays too high, and relaxes after', () => {
    const congestion = new CongestionPrice()
    const busy = aModelState(paperModelState(r1, 1.5))
    const first = congestion.update(busy, 0, 8_000)
    let last = first
    for (let atMs = 1_000; atMs <= 60_000; atMs += 1_000) last = congestion.update(busy, atMs, 8_000)
    expect(last).toBeGreaterThan(1.5 * first)
    for (let atMs = 61_000; atMs <= 300_000; atMs += 1_000)
      congestion.update(aModelState(paperModelState(r1, 0.2)), atMs, 8_000)
    expect(congestion.update(busy, 301_000, 8_000)).toBeLessThan(first)
  })

  it('does not depend on how often it is asked', () => {
    const [often, seldom] = [new CongestionPrice(), new CongestionPrice()]
    const busy = aModelState(paperModelState(r1, 1.2))
    for (let atMs = 0; atMs <= 4_000; atMs += 100) often.update(busy, atMs, 8_000)
    seldom.update(busy, 0, 8_000)
    expect(often.update(busy, 4_000, 8_000)).toBeCloseTo(seldom.update(busy, 4_000, 8_000), 9)
  })

  it('knows a model without slots for what it is', () => {
    expect(pressureOf(aModelState({ replicas: [aReplicaState({ isUsable: false })] }))).toBe(Infinity)
  })
})

describe('error tracker', () => {
  /** Predicts LogNormal(mu + offset, sigma * scale) for times that are LogNormal(truth) in fact. */
  function track(truth: { readonly mu: number; readonly sigma: number }, calls: number): ErrorTracker {
    const tracker = new ErrorTracker()
    const random = createRandom(7)
    for (let call = 0; call < calls; call += 1) {
      const actualMs = 100 + Math.exp(truth.mu + truth.sigma * random.normal())
      tracker.observe(new ShiftedLogNormal(100, 7 + tracker.offset, 0.5 * tracker.scale), actualMs)
    }
    return tracker
  }

  it('says nothing before it has seen a few calls', () => {
    expect(track({ mu: 7, sigma: 0.5 }, 3).error).toBeNull()
    expect(track({ mu: 7, sigma: 0.5 }, 3).coverage).toBeNull()
  })

  it.each([
    ['right from the start', { mu: 7, sigma: 0.5 }],
    ['twice too fast', { mu: 7.7, sigma: 0.5 }],
    ['half too slow', { mu: 6.6, sigma: 0.5 }],
    ['too sure', { mu: 7, sigma: 0.9 }],
    ['too unsure', { mu: 7, sigma: 0.25 }],
    ['too fast and too sure', { mu: 7.5, sigma: 0.8 }],
  ])('makes the intervals hold where predictions are %s', (_, truth) => {
    const tracker = track(truth, 3_000)
    expect(tracker.coverage?.within50).toBeGreaterThan(0.42)
    expect(tracker.coverage?.within50).toBeLessThan(0.58)
    expect(tracker.coverage?.within95).toBeGreaterThan(0.91)
    expect(tracker.coverage?.within95).toBeLessThan(0.985)
    expect(7 + tracker.offset).toBeCloseTo(truth.mu, 0.5)
    expect(Math.abs(tracker.error?.bias ?? 1)).toBeLessThan(0.15)
  })
})
