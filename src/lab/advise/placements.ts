/**
 * @file Which models could stand on which GPUs: the loads that fit one GPU, and the placements made of them.
 *
 * An engine needs its weights, a reserve, and at least `floorTokens` of cache; what is left of a GPU widens the caches of
 * its engines alike, up to what the profile gives them. One model twice on one GPU gains nothing where engines slow each
 * other down, so a load is a set. Only loads that nothing more fits on are listed: an engine that is not used costs
 * nothing in the linear program, and is taken away again afterwards.
 */
import { ConfigError, type ModelId, type Profile } from '../../core/index.ts'
import type { FluidPlacement } from '../fluid/index.ts'
import { type EngineMemory, reserveBytes } from './engine-memory.ts'
import type { GpuRooms } from './gpu-rooms.ts'

/** Models on one GPU, in the order of the profile. */
export type Load = readonly ModelId[]
/** By GPU. */
export type Placement = readonly Load[]

/** Fewest tokens of cache that an engine is given for each of its slots, unless the profile has fewer: a prompt and a longish answer. */
const floorTokensPerSlot = 2048

export interface Rack {
  readonly profile: Profile
  readonly memories: ReadonlyMap<ModelId, EngineMemory>
  readonly rooms: GpuRooms
}

interface Need {
  readonly fixedBytes: number
  readonly floorTokens: number
  readonly wantedTokens: number
  readonly kvBytesPerToken: number
}

function needOf({ profile, memories }: Rack, model: ModelId): Need {
  const { slots, kvTokens } = profile.models[model]!
  const { weightBytes, kvBytesPerToken } = memories.get(model)!
  return {
    fixedBytes: weightBytes + reserveBytes,
    floorTokens: Math.min(kvTokens.value, slots.value * floorTokensPerSlot),
    wantedTokens: kvTokens.value,
    kvBytesPerToken,
  }
}

const leastBytes = ({ fixedBytes, floorTokens, kvBytesPerToken }: Need) => fixedBytes + floorTokens * kvBytesPerToken

/** What an engine of `model` takes at the least. */
export const bytesOf = (rack: Rack, model: ModelId): number => leastBytes(needOf(rack, model))

/** Tokens of cache of each engine of `load`, on the GPU at `gpu`. */
function cacheTokens(rack: Rack, load: Load, gpu: number): readonly number[] {
  const needs = load.map((model) => needOf(rack, model))
  const leftBytes = rack.rooms.bytes[gpu]! - needs.reduce((sum, need) => sum + leastBytes(need), 0)
  const wantedBytes = needs.reduce(
    (sum, { wantedTokens, floorTokens, kvBytesPerToken }) => sum + (wantedTokens - floorTokens) * kvBytesPerToken,
    0,
  )
  const share = wantedBytes === 0 ? 0 : Math.max(0, Math.min(1, leftBytes / wantedBytes))
  return needs.map(({ floorTokens, wantedTokens }) => Math.floor(floorTokens + share * (wantedTokens - floorTokens)))
}

/** The placement as the linear program takes it. */
export function toFluid(rack: Rack, placement: Placement): FluidPlacement {
  const kvTokens: Record<ModelId, number> = {}
  for (const [gpu, load] of placement.entries())
    for (const [index, tokens] of cacheTokens(rack, load, gpu).entries()) {
      const model = load[index]!
      kvTokens[model] = (kvTokens[model] ?? 0) + tokens
    }
  return { gpus: placement, kvTokens }
}

/** The profile's own engines, with the caches that it gives them. */
export function placementOf({ gpus, models }: Profile): FluidPlacement {
  const loads = gpus.map(({ engines }) => engines.filter((engine) => engine in models))
  const kvTokens: Record<ModelId, number> = {}
  for (const model of loads.flat()) kvTokens[model] = (kvTokens[model] ?? 0) + models[model]!.kvTokens.value
  return { gpus: loads, kvTokens }
}

/** Replicas of each model that has any. */
export function countReplicas(placement: Placement): Readonly<Record<ModelId, number>> {
  const counts: Record<ModelId, number> = {}
  for (const model of placement.flat()) counts[model] = (counts[model] ?? 0) + 1
  return counts
}

/** Sets of `models` that fit into `room` bytes and leave no room for another one. Throws ConfigError: none fits. */
export function fullLoads(rack: Rack, models: readonly ModelId[], room: number): readonly Load[] {
  const bytes = models.map((model) => bytesOf(rack, model))
  const loads: Load[] = []
  const extend = (from: number, chosen: readonly number[], usedBytes: number): void => {
    const canJoin = (index: number) => !chosen.includes(index) && usedBytes + bytes[index]! <= room
    if (chosen.length > 0 && !models.some((_, index) => canJoin(index)))
      loads.push(chosen.map((index) => models[index]!))
    for (let index = from; index < models.length; index += 1)
      if (canJoin(index)) extend(index + 1, [...chosen, index], usedBytes + bytes[index]!)
  }
  extend(0, [], 0)
  if (loads.length > 0) return loads
  const least = Math.min(...bytes)
  throw new ConfigError(
    [
      {
        path: '--gpu-memory-gb',
        expected: `room for the smallest of the models (${(least / 1e9).toFixed(1)} GB with its cache)`,
        got: `${(room / 1e9).toFixed(1)} GB that engines may take`,
        fix: 'Name GPUs with more memory, or smaller models with --models.',
      },
    ],
    'the memory of the GPUs',
  )
}

/** `placement` with no model on more than `mostReplicas` GPUs: it stays where it has the fewest neighbours. */
export function limitReplicas(placement: Placement, mostReplicas: number): Placement {
  const kept = new Map<ModelId, readonly number[]>()
  for (const model of new Set(placement.flat())) {
    const gpus = placement.flatMap((load, gpu) => (load.includes(model) ? gpu : []))
    gpus.sort((a, b) => placement[a]!.length - placement[b]!.length || a - b)
    kept.set(model, gpus.slice(0, mostReplicas))
  }
  return placement.map((load, gpu) => load.filter((model) => kept.get(model)!.includes(gpu)))
}
