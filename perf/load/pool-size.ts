/** @file Larger pools for scale: a profile whose GPUs, models and all that is told of them stand in it several times, by name. */
import type { Profile } from '../../src/core/index.ts'

const copyName = (name: string, copy: number): string => (copy === 0 ? name : `${name}~${copy + 1}`)

/** `profile`, `copies` times. Every table that has a model's name as key has it once per copy. */
export function replicate(profile: Profile, copies: number): Profile {
  const models = new Set(Object.keys(profile.models))
  const indices = Array.from({ length: copies }, (_, copy) => copy)
  const widen = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(widen)
    if (typeof value !== 'object' || value === null) return value
    const entries = Object.entries(value).flatMap(([key, part]) => {
      const wide = widen(part)
      return models.has(key) ? indices.map((copy) => [copyName(key, copy), wide]) : [[key, wide]]
    })
    return Object.fromEntries(entries)
  }
  const gpus = indices.flatMap((copy) =>
    profile.gpus.map(({ id, engines }) => ({
      id: copyName(id, copy),
      engines: engines.map((engine) => copyName(engine, copy)),
    })),
  )
  return { ...(widen(profile) as Profile), gpus }
}
