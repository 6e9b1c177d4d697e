/**
 * @file Profiles by name: shipped ones, a user's own by path, and made ones: `random:SEED`, a pool that is drawn, and
 * `renamed:PROFILE`, one whose models are called otherwise.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { ConfigError, type Profile, type ProfilePrior, parseProfile } from '../core/index.ts'
import { anonymousPool, randomPool } from './pools/index.ts'

const shippedFolder = new URL('../../profiles/', import.meta.url)

/** Names of the profiles that come with the package. */
export const shippedProfiles = (): readonly string[] =>
  readdirSync(shippedFolder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .sort()

/** What random pools are drawn from. */
const randomBase = 'paper-b200'
const largestSeed = 2 ** 31

/**
 * A profile by its shipped name (`paper-b200`), the path to a JSON file, `random:SEED`, or `renamed:` and any of these.
 * Throws ConfigError.
 */
export function loadProfile(name: string): Profile {
  const [, making, of = ''] = /^(random|renamed):(.*)$/.exec(name) ?? []
  if (making === 'random') return randomPool(loadProfile(randomBase), seedOf(of, name))
  if (making === 'renamed') return anonymousPool(loadProfile(of))
  const isShipped = shippedProfiles().includes(name)
  const path = isShipped ? fileURLToPath(new URL(`${name}.json`, shippedFolder)) : name
  return parseProfile(readJson(path, name), name)
}

function seedOf(text: string, name: string): number {
  if (/^\d+$/.test(text) && Number(text) <= largestSeed) return Number(text)
  const fix = 'Name a pool by its seed, as in random:1001.'
  throw new ConfigError([{ path: '--profile', expected: `random:0 to random:${largestSeed}`, got: name, fix }])
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
