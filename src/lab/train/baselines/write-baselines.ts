/** @file The learned baselines as files: `gptswarm.json`, and `masrouter/` in the form of our own policies. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Profile } from '../../../core/index.ts'
import {
  candidateScorerShapes,
  type PolicyHeader,
  type RouterLevel,
  routerFeatureNames,
  routerKind,
  routerLevels,
  routerScorerConfig,
  type SwarmPolicy,
  serialisePolicy,
} from '../../../policy/index.ts'
import { beginsAnew, longHash, writeWhole } from '../../bench/index.ts'
import { writeBytes } from '../write-policy.ts'
import type { MasRouterFit } from './masrouter.ts'

/** The path that was written. Throws ConfigError on a full disk. */
export function writeSwarm(folder: string, policy: SwarmPolicy): string {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, 'gptswarm.json')
  writeWhole(path, `${JSON.stringify(policy, null, 1)}\n`, { fix: beginsAnew })
  return path
}

export interface MasRouterToWrite {
  readonly fit: MasRouterFit
  /** The pool that was trained for. */
  readonly profile: Profile
  readonly datasets: readonly string[]
}

const asJson = <T = PolicyHeader['settings']>(value: unknown): T => JSON.parse(JSON.stringify(value)) as T

/** The path of the header that was written. Throws ConfigError on a full disk. */
export function writeMasRouter(folder: string, { fit, profile, datasets }: MasRouterToWrite): string {
  const { policy, seed, training, worths, kept, graded, report } = fit
  const { networks, ...settings } = policy
  const network = (level: RouterLevel) => {
    const shapes = candidateScorerShapes(routerScorerConfig(level, settings.hidden))
    return [level, { shapes, parameters: networks[level] }] as const
  }
  const { header, weights } = serialisePolicy({
    header: {
      kind: routerKind,
      head: 'candidate',
      featureNames: asJson<PolicyHeader['featureNames']>(routerFeatureNames),
      normalisation: {},
      profileHash: longHash(JSON.stringify(profile)),
      truthHash: longHash(JSON.stringify(profile.truth ?? null)),
      seed,
      trainedOn: asJson({
        profile: profile.id,
        datasets,
        part: 'train',
        graded,
        restarts: worths.length,
        kept,
        ...training,
      }),
      results: asJson({ part: 'validation', lines: report }),
      settings: asJson(settings),
    },
    networks: new Map(routerLevels.map(network)),
  })
  const home = join(folder, 'masrouter')
  mkdirSync(home, { recursive: true })
  writeBytes(join(home, 'policy.safetensors'), weights)
  const path = join(home, 'policy.json')
  writeWhole(path, `${JSON.stringify(header, null, 1)}\n`, { fix: beginsAnew })
  return path
}
