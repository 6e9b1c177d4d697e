/**
 * @file What an engine takes of a GPU's memory: weights, a reserve, and KV cache.
 *
 * From `models.NAME.memory` of the profile; else assumed from the number of parameters that the model's name gives:
 * weights at 2 bytes a parameter (1 where the name says fp8 or int8, 0.55 at four bits), and
 * 64 KiB x (billions of parameters)^0.4 of cache a token, a curve through five models of 3 to 32 billion parameters with
 * grouped keys and values (114,688 to 262,144 bytes; off by at most 43 %, at 24 billion). It knows nothing of other
 * layouts. The reserve is that of the shipped profiles.
 */
import { ConfigError, type ConfigProblem, type ModelId, type Profile } from '../../core/index.ts'

export interface EngineMemory {
  readonly weightBytes: number
  readonly kvBytesPerToken: number
  /** Whether it was read off the model's name. */
  readonly isAssumed: boolean
}

/** Activations, graphs, fragmentation: assumed, as in the shipped profiles. */
export const reserveBytes = 2e9

const bytesPerParameter: readonly (readonly [RegExp, number])[] = [
  [/awq|gptq|int4|4bit|nf4|fp4/i, 0.55],
  [/fp8|int8|8bit|w8a8/i, 1],
]

/** Billions of parameters by a model's name, `8b` or `8x7b` in it; null: it does not say. */
export function parametersByName(model: ModelId): number | null {
  const match = /(?:^|[^a-z0-9.])(?:(\d+)x)?(\d+(?:\.\d+)?)b(?![a-z0-9])/i.exec(model)
  return match === null ? null : Number(match[1] ?? 1) * Number(match[2])
}

/** null: neither the profile nor the name says. */
function memoryOf(profile: Profile, model: ModelId): EngineMemory | null {
  const stated = profile.models[model]?.memory
  if (stated !== undefined) return { ...stated.value, isAssumed: false }
  const billions = parametersByName(model)
  if (billions === null || billions === 0) return null
  const bytes = bytesPerParameter.find(([pattern]) => pattern.test(model))?.[1] ?? 2
  return { weightBytes: bytes * billions * 1e9, kvBytesPerToken: 65_536 * billions ** 0.4, isAssumed: true }
}

/** Of every model of the profile. Throws ConfigError for those of which nothing is known. */
export function engineMemories(profile: Profile): ReadonlyMap<ModelId, EngineMemory> {
  const known = Object.keys(profile.models).map((model) => [model, memoryOf(profile, model)] as const)
  const problems = known
    .filter(([, memory]) => memory === null)
    .map(
      ([model]): ConfigProblem => ({
        path: `models.${model}.memory`,
        expected: 'weightBytes and kvBytesPerToken',
        got: 'nothing, and a name without a number of parameters such as 8b',
        fix: 'Add it to the profile; see docs/profiles.md.',
      }),
    )
  if (problems.length > 0) throw new ConfigError(problems, profile.id)
  return new Map(known.map(([model, memory]) => [model, memory as EngineMemory]))
}
