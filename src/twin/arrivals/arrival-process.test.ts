import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom, mean } from '../../core/index.ts'
import { type ArrivalProcess, burstArrivals, onOffArrivals, poissonArrivals } from './arrival-process.ts'

const options = (ratePerMinute: number, seed = 1, startMs = 0) => ({
  ratePerMinute,
  random: createRandom(seed),
  startMs,
})

function take(process: ArrivalProcess, count: number, given = options(60)): number[] {
  const instants: number[] = []
  for (const atMs of process(given)) {
    instants.push(atMs)
    if (instants.length === count) break
  }
  return instants
}

const gapsOf = (instants: readonly number[]) => instants.slice(1).map((atMs, index) => atMs - instants[index]!)

function variationOf(gaps: readonly number[]): number {
  const average = mean(gaps)
  return Math.sqrt(mean(gaps.map((gap) => (gap - average) ** 2))) / average
}

/** Variance over mean of the counts in windows of `windowMs`. */
function fanoOf(instants: readonly number[], windowMs: number): number {
  const counts = new Array<number>(Math.floor(instants.at(-1)! / windowMs)).fill(0)
  for (const atMs of instants) {
    const window = Math.floor(atMs / windowMs)
    if (window < counts.length) counts[window]! += 1
  }
  const average = mean(counts)
  return mean(counts.map((count) => (count - average) ** 2)) / average
}

const onOff = { onMeanMs: 20_000, offMeanMs: 40_000 }
const processes: readonly (readonly [string, ArrivalProcess])[] = [
  ['poisson', poissonArrivals],
  ['on-off', onOffArrivals(onOff)],
  ['burst', burstArrivals(40)],
]

describe.each(processes)('%s arrivals', (_name, process) => {
  it('ascend from the start, and repeat under the same seed only', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.double({ min: 1, max: 5000, noNaN: true }),
        fc.integer({ min: 0, max: 1e9 }),
        (seed, rate, startMs) => {
          const instants = take(process, 40, options(rate, seed, startMs))
          expect(instants).toHaveLength(40)
          expect(instants[0]).toBeGreaterThanOrEqual(startMs)
          expect(instants.every((atMs, index) => index === 0 || atMs >= instants[index - 1]!)).toBe(true)
          expect(take(process, 40, options(rate, seed, startMs))).toEqual(instants)
          expect(take(process, 40, options(rate, seed + 1, startMs))).not.toEqual(instants)
        },
      ),
      { numRuns: 30 },
    )
  })

  it.each([0, -5, Number.NaN, Number.POSITIVE_INFINITY])('refuse a rate of %s', (rate) => {
    expect(() => take(process, 1, options(rate))).toThrow('arrival rate')
  })
})

describe('Poisson arrivals', () => {
  it.each([10, 200])('have the mean rate %s/min, exponential gaps and counts as variable as their mean', (rate) => {
    const instants = take(poissonArrivals, 40_000, options(rate))
    expect((40_000 / instants.at(-1)!) * 60_000).toBeCloseTo(rate, -Math.log10(rate * 0.04))
    expect(variationOf(gapsOf(instants))).toBeCloseTo(1, 1)
    expect(fanoOf(instants, 60_000)).toBeGreaterThan(0.9)
    expect(fanoOf(instants, 60_000)).toBeLessThan(1.1)
  })
})

describe('on-off arrivals', () => {
  const rate = 120
  const instants = take(onOffArrivals(onOff), 60_000, options(rate))

  it('keep the mean rate: three times as many while on, a third of the time', () => {
    expect((60_000 / instants.at(-1)!) * 60_000).toBeGreaterThan(rate * 0.93)
    expect((60_000 / instants.at(-1)!) * 60_000).toBeLessThan(rate * 1.07)
    const median = gapsOf(instants).sort((a, b) => a - b)[30_000]!
    // ln 2 times the mean gap while on; the pauses lie in the tail.
    expect(median).toBeGreaterThan((60_000 / (3 * rate)) * Math.LN2 * 0.95)
    expect(median).toBeLessThan((60_000 / (3 * rate)) * Math.LN2 * 1.05)
  })

  it('are over-dispersed as the closed form says', () => {
    const [a, b] = [1 / onOff.offMeanMs, 1 / onOff.onMeanMs]
    const rateOnPerMs = (3 * rate) / 60_000
    const closedForm = 1 + (2 * rateOnPerMs * b) / (a + b) ** 2
    const windowMs = 600_000
    expect(fanoOf(instants, windowMs) / closedForm).toBeGreaterThan(0.8)
    expect(fanoOf(instants, windowMs) / closedForm).toBeLessThan(1.2)
  })

  it('begin on as often as they are on', () => {
    let startedOn = 0
    for (let seed = 0; seed < 2000; seed += 1) {
      // At 100 a second while on, an arrival within the first tenth of a second means that it was on.
      const first = onOffArrivals(onOff)(options(2000, seed)).next().value as number
      if (first < 100) startedOn += 1
    }
    expect(startedOn / 2000).toBeGreaterThan(0.3)
    expect(startedOn / 2000).toBeLessThan(0.37)
  })

  it('are Poisson when never off', () => {
    const always = take(onOffArrivals({ onMeanMs: 1000, offMeanMs: 0 }), 20_000, options(100))
    expect(variationOf(gapsOf(always))).toBeCloseTo(1, 1)
    expect((20_000 / always.at(-1)!) * 60_000).toBeGreaterThan(97)
    expect((20_000 / always.at(-1)!) * 60_000).toBeLessThan(103)
  })

  it('refuse durations that are none', () => {
    expect(() => take(onOffArrivals({ onMeanMs: 0, offMeanMs: 1 }), 1)).toThrow('on-off durations')
    expect(() => take(onOffArrivals({ onMeanMs: 1, offMeanMs: -1 }), 1)).toThrow('on-off durations')
  })
})

describe('burst arrivals', () => {
  it('are the first Poisson arrivals, and end', () => {
    const burst = [...burstArrivals(500)(options(200))]
    expect(burst).toEqual(take(poissonArrivals, 500, options(200)))
    expect([...burstArrivals(0)(options(200))]).toEqual([])
  })
})
