import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sharedDataFolder } from '../../../test/shared-data.ts'
import { createRandom, mean } from '../../core/index.ts'
import { traceArrivals, tracedRatePerMinute } from './trace-arrivals.ts'
import { type ArrivalTrace, readTraceFile } from './trace-rows.ts'

const options = (ratePerMinute: number, seed = 1, startMs = 0) => ({
  ratePerMinute,
  random: createRandom(seed),
  startMs,
})

/** Ten rows in the first second of a minute, at 60 a minute on average over ten seconds. */
const rushes: ArrivalTrace = {
  offsetsMs: Float64Array.from({ length: 10 }, (_, index) => index * 100),
  periodMs: 10_000,
}

function until(endMs: number, given = options(60), end: 'loop' | 'stop' = 'loop', trace = rushes): number[] {
  const instants: number[] = []
  for (const atMs of traceArrivals(trace, end)(given)) {
    if (atMs > endMs) break
    instants.push(atMs)
  }
  return instants
}

function fanoOf(instants: readonly number[], windowMs: number): number {
  const counts = new Array<number>(Math.floor(instants.at(-1)! / windowMs)).fill(0)
  for (const atMs of instants) {
    const window = Math.floor(atMs / windowMs)
    if (window < counts.length) counts[window]! += 1
  }
  const average = mean(counts)
  return mean(counts.map((count) => (count - average) ** 2)) / average
}

describe('a trace at its own rate', () => {
  it('played once is the trace, from the start on, and ends', () => {
    const { ratePerMinute, random } = options(tracedRatePerMinute(rushes))
    expect([...traceArrivals(rushes, 'stop')({ ratePerMinute, random, startMs: 5000 })]).toEqual(
      [...rushes.offsetsMs].map((offsetMs) => 5000 + offsetMs),
    )
  })

  it('played in a loop goes on in the same rhythm, from a place that the seed chooses', () => {
    const instants = until(100_000)
    expect(instants).toHaveLength(100)
    for (let index = 10; index < 100; index += 1)
      expect(instants[index]! - instants[index - 10]!).toBeCloseTo(10_000, 6)
    expect(until(100_000)).toEqual(instants)
    expect(until(100_000, options(60, 2))[0]).not.toBe(instants[0])
  })
})

describe('a rescaled trace', () => {
  it('slower: rows are left out, the clock stays', () => {
    const instants = until(1_000_000, options(15, 4))
    expect(instants.length / 1000).toBeGreaterThan(0.22)
    expect(instants.length / 1000).toBeLessThan(0.28)
    const phase = instants[0]! % 100
    for (const atMs of instants) expect(Math.abs(((atMs - phase + 50) % 100) - 50)).toBeLessThan(1e-6)
    // 1 + p (F - 1) with p = 1/4 and F = 5: under this seed's phase windows of five seconds hold ten rows or none.
    expect(fanoOf(instants, 5000)).toBeGreaterThan(1.6)
    expect(fanoOf(instants, 5000)).toBeLessThan(2.4)
  })

  it('faster: all rows, the clock squeezed', () => {
    const instants = until(100_000, options(180))
    expect(instants).toHaveLength(300)
    for (let index = 10; index < 300; index += 1)
      expect(instants[index]! - instants[index - 10]!).toBeCloseTo(10_000 / 3, 6)
    expect([...traceArrivals(rushes, 'stop')(options(120))]).toEqual(
      [...rushes.offsetsMs].map((offsetMs) => offsetMs / 2),
    )
  })

  it('refuses a rate that is none', () => {
    expect(() => until(1, options(0))).toThrow('arrival rate')
  })
})

const shared = sharedDataFolder()
const conversation = shared && resolve(shared, 'traces/azure_llm_2023_conv.csv.gz')

/** Figures of section 5 of the calibration: 332 a minute, CV of gaps 1.09, Fano per minute 16. */
describe.skipIf(conversation === null)('the Azure conversation trace (needs the calibration data)', () => {
  it('has the rate and spread that the calibration states', () => {
    const trace = readTraceFile(conversation!)
    expect(trace.offsetsMs).toHaveLength(19_366)
    expect(tracedRatePerMinute(trace)).toBeCloseTo(332, -0.5)
    const gaps = [...trace.offsetsMs].slice(1).map((atMs, index) => atMs - trace.offsetsMs[index]!)
    const average = mean(gaps)
    expect(Math.sqrt(mean(gaps.map((gap) => (gap - average) ** 2))) / average).toBeCloseTo(1.09, 2)
    expect(fanoOf([...trace.offsetsMs], 60_000)).toBeGreaterThan(14)
    expect(fanoOf([...trace.offsetsMs], 60_000)).toBeLessThan(18)
  })

  it.each([10, 50, 200])('thinned to %s a minute keeps the mean, and as much spread as thinning leaves', (rate) => {
    const trace = readTraceFile(conversation!)
    const instants = until(trace.periodMs * 20, options(rate), 'loop', trace)
    const got = (instants.length / (trace.periodMs * 20)) * 60_000
    expect(got / rate).toBeGreaterThan(0.97)
    expect(got / rate).toBeLessThan(1.03)
    const expected = 1 + (rate / 332) * 15
    expect(fanoOf(instants, 60_000) / expected).toBeGreaterThan(0.75)
    expect(fanoOf(instants, 60_000) / expected).toBeLessThan(1.25)
  })
})
