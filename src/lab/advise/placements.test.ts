import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { paperProfile } from '../../../test/paper-profile.ts'
import type { Profile } from '../../core/index.ts'
import { engineMemories, parametersByName, reserveBytes } from './engine-memory.ts'
import { gpuRooms } from './gpu-rooms.ts'
import { bytesOf, countReplicas, fullLoads, limitReplicas, placementOf, type Rack, toFluid } from './placements.ts'

const profile = paperProfile()
const memories = engineMemories(profile)
const models = Object.keys(profile.models)
const rackOf = (gpuMemoryGb: number | null, gpus: number | null = null, pool: Profile = profile): Rack => ({
  profile: pool,
  memories: engineMemories(pool),
  rooms: gpuRooms({ profile: pool, memories: engineMemories(pool), gpus, gpuMemoryGb }),
})

describe('the memory of an engine', () => {
  it.each([
    ['Llama-3.1-8B-Instruct', 8],
    ['DeepSeek-R1-Distill-Qwen-32B', 32],
    ['qwen2.5-0.5b', 0.5],
    ['mixtral-8x7b-instruct', 56],
    ['reasoning-47b-01', 47],
    ['qwen3-30b-a3b', 30],
    ['gpt-4', null],
    ['bert-base', null],
  ])('%s has %s billion parameters by its name', (name, billions) => {
    expect(parametersByName(name)).toBe(billions)
  })

  it('is two bytes a parameter, fewer where the name says so, and the profile’s own where it is there', () => {
    const renamed = (name: string, memory?: { weightBytes: number; kvBytesPerToken: number }): Profile => {
      const machine = profile.models['Llama-3.1-8B-Instruct']!
      const stated = { value: memory!, unit: 'bytes', tag: 'measured' as const, source: 'test' }
      return { ...profile, models: { [name]: { ...machine, ...(memory ? { memory: stated } : {}) } } }
    }
    const of = (name: string, memory?: { weightBytes: number; kvBytesPerToken: number }) =>
      engineMemories(renamed(name, memory)).get(name)!
    expect(of('x-8b')).toMatchObject({ weightBytes: 16e9, isAssumed: true })
    expect(of('x-8b-fp8').weightBytes).toBe(8e9)
    expect(of('x-8b-awq').weightBytes).toBeCloseTo(4.4e9, 0)
    expect(of('x', { weightBytes: 5e9, kvBytesPerToken: 100 })).toEqual({
      weightBytes: 5e9,
      kvBytesPerToken: 100,
      isAssumed: false,
    })
  })

  it('of the paper’s engines comes within a tenth of the shares that they are served with', () => {
    const b200Bytes = 193.27e9
    const shares = [0.5, 0.3, 0.18, 0.15, 0.12]
    for (const [index, model] of models.entries()) {
      const { weightBytes, kvBytesPerToken } = memories.get(model)!
      const bytes = weightBytes + reserveBytes + profile.models[model]!.kvTokens.value * kvBytesPerToken
      expect(Math.abs(bytes / (shares[index]! * b200Bytes) - 1), model).toBeLessThan(0.1)
    }
  })
})

describe('the room on the GPUs', () => {
  it('is that of the flag, of the profile, or what the fullest GPU holds now', () => {
    expect(rackOf(80, 3).rooms).toEqual({ bytes: [72e9, 72e9, 72e9], source: '0.9 of 80 GB, as asked for' })
    const [first, second] = profile.gpus
    const stated = (a: number, b: number): Profile => ({
      ...profile,
      gpus: [
        { ...first!, memoryBytes: a },
        { ...second!, memoryBytes: b },
      ],
    })
    expect(rackOf(null, null, stated(100e9, 200e9)).rooms.bytes).toEqual([90e9, 180e9])
    expect(rackOf(null, 3, stated(100e9, 100e9)).rooms.bytes).toEqual([90e9, 90e9, 90e9])
    expect(() => rackOf(null, 3, stated(100e9, 200e9))).toThrow(/--gpu-memory-gb/)
    expect(rackOf(null).rooms.bytes.map((bytes) => Math.round(bytes / 1e9))).toEqual([130, 130])
  })
})

describe('loads', () => {
  it('fit, leave no room for another model, and are all that do', () => {
    for (const gb of [40, 80, 120, 180]) {
      const rack = rackOf(gb)
      const [room] = rack.rooms.bytes as [number]
      const loads = fullLoads(rack, models, room)
      const fits = (load: readonly string[]) => load.reduce((sum, model) => sum + bytesOf(rack, model), 0) <= room
      const isFull = (load: readonly string[]) =>
        load.length > 0 && fits(load) && models.every((model) => load.includes(model) || !fits([...load, model]))
      const all = Array.from({ length: 2 ** models.length }, (_, bits) =>
        models.filter((_model, at) => (bits >> at) & 1),
      )
      expect(loads.map(String).sort()).toEqual(all.filter(isFull).map(String).sort())
    }
  })

  it('share a GPU’s memory: caches never beyond the profile’s, and all of it within the room', () => {
    fc.assert(
      fc.property(fc.integer({ min: 30, max: 300 }), (gb) => {
        const rack = rackOf(gb, 1)
        const [room] = rack.rooms.bytes as [number]
        for (const load of fullLoads(rack, models, room)) {
          const { kvTokens } = toFluid(rack, [load])
          const bytes = load.map((model) => {
            const { weightBytes, kvBytesPerToken } = memories.get(model)!
            expect(kvTokens[model]).toBeLessThanOrEqual(profile.models[model]!.kvTokens.value)
            return weightBytes + reserveBytes + kvTokens[model]! * kvBytesPerToken
          })
          expect(bytes.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(room + 1)
        }
      }),
      { numRuns: 30 },
    )
  })

  it('keep a model on the GPUs where it has the fewest neighbours', () => {
    const placement = [['a', 'b'], ['a'], ['a', 'b', 'c']]
    expect(limitReplicas(placement, 1)).toEqual([['b'], ['a'], ['c']])
    expect(limitReplicas(placement, 2)).toEqual([['a', 'b'], ['a'], ['b', 'c']])
    expect(countReplicas(placement)).toEqual({ a: 3, b: 2, c: 1 })
  })

  it('of the profile as it is have the profile’s caches', () => {
    const { gpus, kvTokens } = placementOf(profile)
    expect(gpus).toEqual(profile.gpus.map(({ engines }) => engines))
    for (const model of models) expect(kvTokens[model]).toBe(profile.models[model]!.kvTokens.value)
  })
})
