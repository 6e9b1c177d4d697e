/**
 * @file How many GPUs there are to be filled, and how much of each engines may take.
 *
 * Memory is that of the flag or of the profile, times the share that engines take by default (vLLM: 0.9). Where neither
 * says, every GPU is taken to hold as much as the profile's fullest one does now, which is surely there.
 */
import { ConfigError, type ModelId, type Profile } from '../../core/index.ts'
import { type EngineMemory, reserveBytes } from './engine-memory.ts'

export interface GpuRooms {
  /** By GPU: what engines may take. */
  readonly bytes: readonly number[]
  /** Where the figure comes from, for the reader. */
  readonly source: string
}

export interface GpuRoomOptions {
  readonly profile: Profile
  readonly memories: ReadonlyMap<ModelId, EngineMemory>
  /** null: as many as the profile has. */
  readonly gpus: number | null
  /** Memory of each, in GB (1e9 bytes); null: the profile's. */
  readonly gpuMemoryGb: number | null
}

/** Share of a GPU's memory that engines take (vLLM's gpu_memory_utilization). */
const utilisation = 0.9

/** Throws ConfigError where the GPUs asked for differ in the profile and it is not said which are meant. */
export function gpuRooms({ profile, memories, gpus, gpuMemoryGb }: GpuRoomOptions): GpuRooms {
  const count = gpus ?? profile.gpus.length
  const each = (bytes: number, source: string) => ({ bytes: new Array<number>(count).fill(bytes), source })
  if (gpuMemoryGb !== null) return each(utilisation * gpuMemoryGb * 1e9, `0.9 of ${gpuMemoryGb} GB, as asked for`)
  const stated = profile.gpus.flatMap(({ memoryBytes }) => memoryBytes ?? [])
  if (stated.length < profile.gpus.length) {
    const used = Math.max(...profile.gpus.map(({ engines }) => usedBytes(profile, engines, memories)))
    return each(used, `${Math.round(used / 1e9)} GB, what the fullest GPU of the profile holds now`)
  }
  const source = '0.9 of what the profile says'
  if (gpus === null) return { bytes: stated.map((bytes) => utilisation * bytes), source }
  if (new Set(stated).size === 1) return each(utilisation * (stated[0] as number), source)
  throw new ConfigError(
    [
      {
        path: '--gpus',
        expected: '--gpu-memory-gb with it, since the GPUs of the profile differ',
        got: String(gpus),
        fix: 'Say how much each has: --gpu-memory-gb 80.',
      },
    ],
    'the command line',
  )
}

const usedBytes = (
  { models }: Profile,
  engines: readonly ModelId[],
  memories: ReadonlyMap<ModelId, EngineMemory>,
): number =>
  engines.reduce((sum, model) => {
    const memory = memories.get(model)
    const machine = models[model]
    if (memory === undefined || machine === undefined) return sum
    return sum + memory.weightBytes + reserveBytes + machine.kvTokens.value * memory.kvBytesPerToken
  }, 0)
