import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { aMadePool } from '../../../test/made-pool.ts'
import { paperProfile } from '../../../test/paper-profile.ts'
import type { Profile } from '../../core/index.ts'
import type { FluidPlacement } from '../fluid/index.ts'
import { engineMemories } from './engine-memory.ts'
import { gpuRooms } from './gpu-rooms.ts'
import { fullLoads, placementOf, type Rack, toFluid } from './placements.ts'
import { boundOf, createValuer, enginePrice, type PoolValue } from './pool-value.ts'
import { searchPlacements } from './search.ts'
import { createTraffic } from './traffic.ts'

const trafficOf = (profile: Profile, ratesPerMinute: readonly number[]) =>
  createTraffic({
    profile,
    data: null,
    datasets: ['synthetic-choice'],
    mix: null,
    ratesPerMinute,
    budgetsMs: [30_000],
    seed: 1,
  })

const profile = paperProfile()
const memories = engineMemories(profile)
const models = Object.keys(profile.models)

/** Of a pool: what all of its time and all of its caches are worth together, at the margin. */
const worthOfAll = ({ placement, byRate: [rate] }: PoolValue) =>
  rate!.line.gpuPrices.reduce((sum, price) => sum + price, 0) +
  Object.entries(placement.kvTokens).reduce(
    (sum, [model, tokens]) => sum + enginePrice(rate!, model, tokens).perCache,
    0,
  )

describe('prices', () => {
  it.each([150, 500, 1500])('are what a little more of everything brings, at %d a minute', async (rate) => {
    const valuer = createValuer(profile, trafficOf(profile, [rate]), 1)
    const own = placementOf(profile)
    // A rate that is lower by a share leaves each query as much more of everything.
    const step = 0.002
    const at = async (factor: number) => (await valuer.valueAt(own, factor)).goodput
    const slope = ((await at(1 - step)) - (await at(1 + step))) / (2 * step)
    const price = worthOfAll(await valuer.value(own))
    // Between two corners of the program the slope is the price to the last digits; across one it lies between two prices.
    const around = [worthOfAll(await valuer.valueAt(own, 1 - step)), worthOfAll(await valuer.valueAt(own, 1 + step))]
    expect(slope).toBeGreaterThan(Math.min(price, ...around) - 0.003)
    expect(slope).toBeLessThan(Math.max(price, ...around) + 0.003)
  })

  it('bracket what one more of several equal GPUs brings', async () => {
    const pool = aMadePool({ 'only-8b': { accuracy: { knowledge: 0.8 } } })
    const valuer = createValuer(pool, trafficOf(pool, [4000]), 1)
    const of = (gpus: number): FluidPlacement => ({
      gpus: Array.from({ length: gpus }, () => ['only-8b']),
      kvTokens: { 'only-8b': 1e9 },
    })
    for (const gpus of [1, 2, 3]) {
      const [few, more] = [await valuer.value(of(gpus)), await valuer.value(of(gpus + 1))]
      const perGpu = (value: PoolValue) => value.byRate[0]!.line.gpuPrices[0]!
      expect(more.goodput - few.goodput).toBeLessThanOrEqual(perGpu(few) + 1e-5)
      expect(more.goodput - few.goodput).toBeGreaterThanOrEqual(perGpu(more) - 1e-5)
    }
    expect((await valuer.value(of(2))).goodput).toBeGreaterThan((await valuer.value(of(1))).goodput + 0.05)
  })

  it('bound the value of every other placement, and are exact for their own', async () => {
    const valuer = createValuer(profile, trafficOf(profile, [100, 900]), 1)
    const rack: Rack = { profile, memories, rooms: gpuRooms({ profile, memories, gpus: 2, gpuMemoryGb: 160 }) }
    const load = fc.subarray(models, { minLength: 1 })
    const placement = fc.tuple(load, load).map((loads) => toFluid(rack, loads))
    await fc.assert(
      fc.asyncProperty(placement, placement, async (from, to) => {
        const [priced, other] = [await valuer.value(from), await valuer.value(to)]
        const bound = boundOf(profile, priced)
        const boundAt = ({ gpus, kvTokens }: FluidPlacement) =>
          bound.base + bound.ofCaches(kvTokens) + gpus.reduce((sum, each) => sum + bound.ofLoad(each), 0)
        expect(boundAt(from)).toBeCloseTo(priced.goodput, 9)
        expect(boundAt(to)).toBeGreaterThanOrEqual(other.goodput - 2e-5)
      }),
      { numRuns: 25, seed: 7 },
    )
  })
})

describe('the search', () => {
  it('finds what trying every placement finds, with fewer programs', async () => {
    const rack: Rack = { profile, memories, rooms: gpuRooms({ profile, memories, gpus: 2, gpuMemoryGb: 100 }) }
    const valuer = createValuer(profile, trafficOf(profile, [900]), 1)
    const loads = fullLoads(rack, models, rack.rooms.bytes[0]!)
    let best = 0
    for (const first of loads)
      for (const second of loads)
        best = Math.max(best, (await valuer.valueAt(toFluid(rack, [first, second]), 1.25)).goodput)
    const found = await searchPlacements({ rack, valuer, models, mostReplicas: 4 })
    expect(found.isExhaustive).toBe(true)
    expect(found.configurations[0]!.goodputWithHeadroom).toBeGreaterThan(best - 0.0012)
    expect(found.configurations[0]!.goodputWithHeadroom).toBeLessThan(best + 2e-5)
    expect(found.placementsSolved).toBeLessThan((loads.length * (loads.length + 1)) / 2)
  })

  it('where placements are too many to list says that nothing is proven, and still finds the one model that counts', async () => {
    const poor = { accuracy: { knowledge: 0.2 } }
    const names = ['b-8b', 'c-8b', 'd-8b', 'e-8b', 'f-8b']
    const pool = aMadePool({
      ...Object.fromEntries(names.map((name) => [name, poor])),
      'a-8b': { accuracy: { knowledge: 0.9 } },
    })
    const known = engineMemories(pool)
    // One engine a GPU: 26,334 ways to fill 17 with 6 models.
    const rooms = gpuRooms({ profile: pool, memories: known, gpus: 17, gpuMemoryGb: 26 })
    const rack: Rack = { profile: pool, memories: known, rooms }
    const valuer = createValuer(pool, trafficOf(pool, [9000]), 1)
    const found = await searchPlacements({ rack, valuer, models: Object.keys(pool.models), mostReplicas: 17 })
    expect(found.isExhaustive).toBe(false)
    const [best] = found.configurations
    expect(best!.replicas['a-8b']).toBeGreaterThanOrEqual(3)
    const none = await valuer.valueAt(
      toFluid(
        rack,
        rooms.bytes.map((_, gpu) => [names[gpu % names.length]!]),
      ),
      1.25,
    )
    expect(best!.goodputWithHeadroom).toBeGreaterThan(none.goodput + 0.3)
  })
})
