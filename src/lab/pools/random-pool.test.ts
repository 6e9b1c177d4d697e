import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { paperProfile } from '../../../test/paper-profile.ts'
import { domains, type Profile, parseProfile, strategyIds } from '../../core/index.ts'
import { isReasoningModelName } from '../../policy/index.ts'
import { randomPool } from './random-pool.ts'

const base = paperProfile()
const pools = Array.from({ length: 60 }, (_, seed) => randomPool(base, seed))
const modelsOf = (profile: Profile) => Object.keys(profile.models)
const sorted = (list: readonly string[]) => [...list].sort()

describe('a random pool', () => {
  it('is the same under its seed, and leaves its base as it was', () => {
    const before = JSON.stringify(base)
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        expect(JSON.stringify(randomPool(base, seed))).toBe(JSON.stringify(randomPool(base, seed)))
      }),
      { numRuns: 10 },
    )
    expect(JSON.stringify(base)).toBe(before)
    expect(new Set(pools.map((pool) => JSON.stringify(pool))).size).toBe(pools.length)
  })

  it('is a valid profile: every table, GPU and prior has its models and no others', () => {
    for (const pool of pools) {
      expect(parseProfile(JSON.parse(JSON.stringify(pool)), pool.id)).toEqual(pool)
      const models = sorted(modelsOf(pool))
      const { truth, prior, gpus } = pool
      const tables = [
        prior.models,
        ...Object.values(truth!.cotAccuracy.value),
        ...Object.values(truth!.cotMeanOutputTokens.value),
        ...Object.values(truth!.strategyDelta.value).flatMap((byStrategy) => Object.values(byStrategy)),
        ...Object.values(truth!.strategyTokenRatio.value),
        truth!.lengthMultiplier.value,
        truth!.outputSigma.value,
        truth!.flash.value.complies,
      ]
      for (const table of tables) expect(sorted(Object.keys(table))).toEqual(models)
      expect(sorted(gpus.flatMap(({ engines }) => engines))).toEqual(models)
      expect(Math.max(...gpus.map(({ engines }) => engines.length))).toBeLessThanOrEqual(4)
    }
  })

  it('has two to eight models, all counts about as often', () => {
    const counts = pools.map((pool) => modelsOf(pool).length)
    expect([...new Set(counts)].sort()).toEqual([2, 3, 4, 5, 6, 7, 8])
  })

  it('varies speed, slots, caches, overhead, ability, length, compliance and who shares a GPU', () => {
    const each = <T>(of: (pool: Profile, model: string) => T) =>
      new Set(pools.flatMap((pool) => modelsOf(pool).map((model) => of(pool, model)))).size
    expect(each((pool, model) => pool.models[model]!.step.value.decodeC0)).toBeGreaterThan(200)
    expect(each((pool, model) => pool.models[model]!.kvTokens.value)).toBeGreaterThan(200)
    expect(each((pool, model) => pool.models[model]!.slots.value)).toBe(4)
    expect(each((pool, model) => pool.truth!.cotAccuracy.value['math']![model])).toBeGreaterThan(150)
    expect(each((pool, model) => pool.truth!.lengthMultiplier.value[model])).toBeGreaterThan(150)
    expect(each((pool, model) => pool.truth!.flash.value.complies[model])).toBeGreaterThan(100)
    expect(new Set(pools.map(({ apiOverheadMs }) => apiOverheadMs.value)).size).toBeGreaterThan(40)
    const shapes = pools.map(({ gpus }) => gpus.map(({ engines }) => engines.length).join())
    expect(new Set(shapes).size).toBeGreaterThan(15)
  })

  it('moves a model on all benchmarks together, and a little on each', () => {
    const logitsOf = (pool: Profile, model: string) =>
      ['math', 'mmlu-pro'].map((name) => pool.truth!.cotAccuracy.value[name]![model]!).map((p) => Math.log(p / (1 - p)))
    const [math, knowledge] = [0, 1].map((place) =>
      pools.flatMap((pool) => modelsOf(pool).map((model) => logitsOf(pool, model)[place]!)),
    ) as [number[], number[]]
    expect(math.some((value, index) => Math.abs(value - knowledge[index]!) > 0.3)).toBe(true)
    const spread = Math.max(...math) - Math.min(...math)
    expect(spread).toBeGreaterThan(2)
  })

  it('tells policies times that go with its machines', () => {
    for (const pool of pools) {
      for (const model of modelsOf(pool)) {
        const { step, host } = pool.models[model]!
        const { ttft, tpot, quality, outputTokens } = pool.prior.models[model]!
        expect(tpot.value.idleMs).toBeCloseTo(step.value.decodeC0 + host.value, 1)
        expect(ttft.value.fixedMs).toBeCloseTo(pool.apiOverheadMs.value + step.value.b0 + host.value, 0)
        for (const domain of domains) expect(Object.keys(quality.value[domain])).toEqual(strategyIds)
        expect(outputTokens.value.math.Concise.mean).toBeGreaterThan(1)
      }
    }
  })

  it('marks by name who thinks at length, which sets prompts and caps', () => {
    const models = pools.flatMap((pool) => modelsOf(pool).map((model) => ({ pool, model })))
    const thinks = models.map(({ pool, model }) => pool.truth!.strategyTokenRatio.value.Flash[model] !== null)
    expect(models.map(({ model }) => isReasoningModelName(model))).toEqual(thinks)
    expect(thinks).toContain(true)
  })

  it('calls everything that was made up assumed', () => {
    const [pool] = pools as [Profile]
    const [machine] = Object.values(pool.models)
    const [prior] = Object.values(pool.prior.models)
    const made = [
      machine!.step,
      machine!.slots,
      machine!.kvTokens,
      prior!.quality,
      prior!.tpot,
      pool.truth!.cotAccuracy,
    ]
    expect(made.map(({ tag }) => tag)).toEqual(made.map(() => 'assumed'))
    expect(pool.truth!.cotAccuracy).not.toHaveProperty('entryTags')
  })
})

it('needs a truth to draw from', () => {
  const { truth: _, ...served } = base
  expect(() => randomPool(served, 1)).toThrow(expect.objectContaining({ code: 'INVARIANT_VIOLATED' }))
})
