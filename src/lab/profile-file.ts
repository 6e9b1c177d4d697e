/** @file Profiles on disk: shipped ones by name, a user's own by path. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { ConfigError, type Profile, type ProfilePrior, parseProfile } from '../core/index.ts'

const shippedFolder = new URL('../../profiles/', import.meta.url)

/** Names of the profiles that come with the package. */
export const shippedProfiles = (): readonly string[] =>
  readdirSync(shippedFolder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .sort()

/** Reads a profile by its shipped name (`paper-b200`) or a path to a JSON file. Throws ConfigError. */
export function loadProfile(nameOrPath: string): Profile {
  const isShipped = shippedProfiles().includes(nameOrPath)
  const path = isShipped ? fileURLToPath(new URL(`${nameOrPath}.json`, shippedFolder)) : nameOrPath
  return parseProfile(readJson(path, nameOrPath), nameOrPath)
}

function readJson(path: string, name: string): unknown {
  const fix = `Name a shipped profile (${shippedProfiles().join(', ')}) or the path of a profile's JSON file.`
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    throw new ConfigError([{ path: '--profile', expected: 'a profile', got: name, fix }])
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new ConfigError([{ path: name, expected: 'JSON', got: (error as Error).message, fix }])
  }
}

/** The prior of the same pool run `timeScale` times as fast: every time divided, lengths and quality untouched. */
export function scalePrior(prior: ProfilePrior, timeScale: number): ProfilePrior {
  const models = Object.entries(prior.models).map(([model, known]) => {
    const { ttft, tpot } = known
    const scaled = {
      ...known,
      ttft: {
        ...ttft,
        value: { fixedMs: ttft.value.fixedMs / timeScale, perTokenMs: ttft.value.perTokenMs / timeScale },
      },
      tpot: {
        ...tpot,
        value: { idleMs: tpot.value.idleMs / timeScale, perKvTokenMs: tpot.value.perKvTokenMs / timeScale },
      },
    }
    return [model, scaled] as const
  })
  return { models: Object.fromEntries(models) }
}

/** The profile's truth. Throws ConfigError where it holds none: such a profile cannot be simulated. */
export function requireTruth(profile: Profile): NonNullable<Profile['truth']> {
  if (profile.truth !== undefined) return profile.truth
  const fix = 'Use a profile that holds a truth section, such as paper-b200; see docs/twin.md.'
  throw new ConfigError(
    [{ path: 'truth', expected: 'what the simulated models answer', got: 'nothing', fix }],
    profile.id,
  )
}
