/** @file Capacity from an engine's own load, tokens of calls that nobody counted, and what samples without instants still tell. */
import { describe, expect, it } from 'vitest'
import { keyedRandom } from '../../../core/index.ts'
import { loadProfile } from '../../profile-file.ts'
import { calibratePool } from './calibrate-pool.ts'
import { fitCapacity } from './capacity.ts'
import { withEstimatedTokens } from './estimate-tokens.ts'
import type { LatencySample } from './latency-samples.ts'
import type { PoolCall } from './pool-call.ts'
import { trafficOf } from './traffic.ts'

const profile = loadProfile('small')
const model = Object.keys(profile.models)[0]!
const machine = profile.models[model]!

/** Calls that follow each other every 100 ms, each 10 ms a token for a second: about ten at a time. */
const steady = (change: (index: number) => Partial<PoolCall> = () => ({})): readonly PoolCall[] =>
  Array.from({ length: 200 }, (_, index) => ({
    engine: `${model}#1`,
    model,
    strategy: 'Concise',
    domain: 'math',
    level: 10,
    promptTokens: 500,
    outputTokens: 101,
    isCut: false,
    sentAtMs: 100 * index,
    firstTokenAtMs: 100 * index + 50,
    finishedAtMs: 100 * index + 1050,
    running: 10,
    waiting: 0,
    // Ten calls of 501 to 601 tokens and half a block each, in a cache of 20,000.
    kvUsage: index < 15 ? 0 : (10 * (551 + machine.blockTokens.value / 2)) / 20_000,
    capTokens: null,
    ...change(index),
  }))

describe('fitCapacity', () => {
  it('reads the size of the cache off what was held and what the engine said', () => {
    const { kvTokens } = fitCapacity(steady(), { base: machine })
    expect(Math.abs(kvTokens.value / 20_000 - 1)).toBeLessThan(0.02)
    expect(kvTokens.interval).not.toBeNull()
  })

  it('keeps the base’s cache where the engine says nothing', () => {
    const { kvTokens } = fitCapacity(
      steady(() => ({ kvUsage: null })),
      { base: machine },
    )
    expect(kvTokens).toEqual({ value: machine.kvTokens.value, interval: null })
  })

  it('knows the slots where requests waited, and only a lower bound where none did', () => {
    const queued = fitCapacity(
      steady((index) => ({ running: 12, waiting: index % 3 })),
      { base: machine },
    )
    expect(queued.slots).toEqual({ value: 12, interval: [12, 12], isBound: true })
    expect(fitCapacity(steady(), { base: machine }).slots).toEqual({
      value: machine.slots.value,
      interval: null,
      isBound: false,
    })
    // A full cache holds requests back too: that is no sign of the slots.
    const full = fitCapacity(
      steady(() => ({ running: 12, waiting: 3, kvUsage: 0.97 })),
      { base: machine },
    )
    expect(full.slots.isBound).toBe(false)
  })
})

describe('more calls than arguments fit on the stack', () => {
  const [one] = steady()
  const lots = Array.from({ length: 200_000 }, (_, index) => ({
    ...one!,
    sentAtMs: 100 * index,
    firstTokenAtMs: 100 * index + 50,
    finishedAtMs: 100 * index + 1050,
  }))

  it('have a capacity, by readings or without them, and rows', () => {
    const isBound = (calls: readonly PoolCall[]) => fitCapacity(calls, { base: machine }).slots.isBound
    expect(isBound(lots)).toBe(false)
    expect(isBound(lots.map((call) => ({ ...call, running: null })))).toBe(false)
    const rows = trafficOf(lots, { neighboursOf: () => [], isCounted: new Set(lots) }).get(model)!
    expect(rows.decodes).toHaveLength(200_000)
  })
})

describe('calls that are held out', () => {
  const last = 160
  const calls = steady((index) => ({
    id: `call ${index}`,
    ...(index < last ? {} : { running: 99, waiting: 5, kvUsage: 0.5 }),
  }))
  const graded = calls.map(({ id }, index) => ({
    id: `question ${index}`,
    set: 'mine',
    domain: 'math' as const,
    model,
    strategy: 'Concise' as const,
    isCorrect: true,
    outputTokens: 101,
    isCut: false,
    call: id!,
  }))

  it('are fitted neither as lengths of graded answers nor as readings', async () => {
    const { fit } = await calibratePool(
      { calls, graded, samples: [], warnings: [] },
      { base: profile, id: 'mine', gpus: null, seed: 1, replays: 0 },
    )
    expect(fit.lengths.counts.get(model)).toBe(last)
    expect(fit.capacities.get(model)!.slots.isBound).toBe(false)
    expect(Math.abs(fit.capacities.get(model)!.kvTokens.value / 20_000 - 1)).toBeLessThan(0.02)
  })

  it('are not to blame where calls tell too little', async () => {
    const { warnings } = await calibratePool(
      { calls: calls.map((call) => ({ ...call, firstTokenAtMs: null })), graded, samples: [], warnings: [] },
      { base: profile, id: 'mine', gpus: null, seed: 1, replays: 0 },
    )
    expect(warnings.join('\n')).toContain('of 200 calls too few tell a step')
  })
})

describe('withEstimatedTokens', () => {
  it('tells the tokens of calls that nobody counted by their time', () => {
    const calls = withEstimatedTokens(steady((index) => (index === 50 ? { outputTokens: 4, isCounted: false } : {})))
    expect(calls[50]!.outputTokens).toBe(101)
    expect(calls[49]!.outputTokens).toBe(101)
  })

  it('leaves them where no counted call stands beside them', () => {
    const alone = steady(() => ({ outputTokens: 4, isCounted: false }))
    expect(withEstimatedTokens(alone)).toEqual(alone)
  })
})

describe('calibration from samples alone', () => {
  it('fits step times, keeps the rest of the base, and knows no error', async () => {
    const random = keyedRandom(1, 'samples')
    const samples = Array.from({ length: 200 }, (_, index): LatencySample => {
      const promptTokens = 100 + random.below(900)
      return {
        model,
        waiting: 0,
        running: index % 2,
        kvUsage: 0,
        promptTokens,
        outputTokens: 50 + random.below(200),
        ttftMs: 40 + 0.05 * promptTokens,
        tpotMs: 30,
      }
    })
    const {
      profile: fitted,
      heldOut,
      warnings,
    } = await calibratePool(
      { calls: [], graded: [], samples, warnings: [] },
      { base: profile, id: 'mine', gpus: null, seed: 1, replays: 60 },
    )
    const { decodeC0, decodeC3 } = fitted.models[model]!.step.value
    expect(decodeC0 + 500 * decodeC3).toBeCloseTo(30, 0)
    expect(fitted.models[model]!.step.tag).toBe('fitted')
    expect(fitted.models[model]!.slots.tag).toBe('assumed')
    expect(heldOut).toEqual([])
    expect(warnings).toContain('nothing was graded: quality is assumed throughout')
  })
})
