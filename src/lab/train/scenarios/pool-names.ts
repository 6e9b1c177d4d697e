/**
 * @file The pools that a training meets, one by one: lists of random ones written out.
 *
 * The first is trained for and stands as it is. After it `random:8` means eight random pools, those of the seeds 1 to 8, and
 * `random:21-24` those of the seeds 21 to 24. Pools to measure by are best taken from seeds above 1000: no count reaches them.
 */
import { ConfigError } from '../../../core/index.ts'
import { capacityPerMinute } from '../../pools/index.ts'
import { loadProfile } from '../../profile-file.ts'

const mostAtOnce = 200

/** Names as `loadProfile` takes them. Throws ConfigError for an empty or endless range. */
export function poolNames(profiles: readonly string[]): readonly string[] {
  const [first, ...others] = profiles
  return first === undefined ? [] : [first, ...others.flatMap(expanded)]
}

function expanded(name: string): readonly string[] {
  const match = /^random:(?:(\d+)-)?(\d+)$/.exec(name)
  if (!match) return [name]
  const [low, high] = [Number(match[1] ?? 1), Number(match[2])]
  const count = high - low + 1
  if (count >= 1 && count <= mostAtOnce) return Array.from({ length: count }, (_, index) => `random:${low + index}`)
  const fix = 'Say how many (random:8), or from which seed to which (random:21-28).'
  throw new ConfigError([{ path: '--profile', expected: `1 to ${mostAtOnce} random pools`, got: name, fix }])
}

const [leastFactor, mostFactor] = [0.1, 4]

/** The pool that the usual rates are made for. */
const measuredPool = 'paper-b200'

/** By pool: what the usual rates are multiplied with, so that it is loaded about as much as the paper's. Held within 0.1 to 4. */
export function rateFactors(profiles: readonly string[]): readonly number[] {
  const usual = capacityPerMinute(loadProfile(measuredPool))
  const factors = poolNames(profiles).map((name) => capacityPerMinute(loadProfile(name)) / usual)
  return factors.map((factor) => Math.min(mostFactor, Math.max(leastFactor, factor)))
}
