/**
 * @file A trained policy as the two files that serve: `policy.json` and `policy.safetensors`.
 *
 * Both are written whole, weights first: who is interrupted in between finds that the halves do not belong together.
 */
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError, type Profile } from '../../core/index.ts'
import {
  armCandidateNames,
  candidateScorerShapes,
  type NetworkShapes,
  type PolicyHeader,
  paperExecutorShapes,
  paperFeatureNames,
  paperPlannerConfig,
  paperPlannerShapes,
  planContextNames,
  serialisePolicy,
  stepContextNames,
  teamCandidateNames,
} from '../../policy/index.ts'
import { longHash, writeWhole } from '../bench/index.ts'
import type { Judgement } from './judge.ts'
import { scorerConfigOf } from './learners/actor-critic/index.ts'
import type { PolicyShape, TrainedWeights } from './rollouts/index.ts'

export interface PolicyToWrite {
  readonly kind: 'residual' | 'ppo'
  readonly shape: PolicyShape
  readonly weights: TrainedWeights
  /** The pool that was trained for. */
  readonly profile: Profile
  readonly seed: number
  /** The command's options, and what was learnt in. */
  readonly trainedOn: PolicyHeader['trainedOn']
  readonly judgement: Judgement
}

/** Writes both files into `folder`. Throws ConfigError on a full disk. */
export function writePolicy(folder: string, policy: PolicyToWrite): void {
  const { kind, shape, weights, profile, seed, trainedOn, judgement } = policy
  const networks = (['planner', 'executor'] as const).map(
    (level) => [level, { shapes: shapesOf(shape, level), parameters: weights[level] }] as const,
  )
  const { header, weights: bytes } = serialisePolicy({
    header: {
      kind,
      head: shape.heads ? 'joint' : 'candidate',
      featureNames: featureNamesOf(shape),
      normalisation: {},
      profileHash: longHash(JSON.stringify(profile)),
      truthHash: longHash(JSON.stringify(profile.truth ?? null)),
      seed,
      trainedOn,
      results: resultsOf(judgement),
      settings: settingsOf(shape),
    },
    networks: new Map(networks),
  })
  writeBytes(join(folder, 'policy.safetensors'), bytes)
  writeWhole(join(folder, 'policy.json'), `${JSON.stringify(header, null, 1)}\n`)
}

function shapesOf({ heads = {}, models = [], hidden }: PolicyShape, level: 'planner' | 'executor'): NetworkShapes {
  if (heads[level] === 'paper') return paperPlannerShapes(paperPlannerConfig(models.length))
  if (heads[level] === 'joint') return paperExecutorShapes({ models: models.length })
  return candidateScorerShapes(scorerConfigOf(level, hidden))
}

/** A file with a head that is tied to a pool names its models at both levels. */
function featureNamesOf({ heads, models = [] }: PolicyShape): PolicyHeader['featureNames'] {
  const tied = heads ? { models: [...models] } : {}
  const ours = {
    planner: { context: [...planContextNames], candidate: [...teamCandidateNames], ...tied },
    executor: { context: [...stepContextNames], candidate: [...armCandidateNames], ...tied },
  }
  return {
    planner: heads?.planner ? { context: [...paperFeatureNames.planner(models)], ...tied } : ours.planner,
    executor: heads?.executor ? { context: [...paperFeatureNames.executor(models)], ...tied } : ours.executor,
  }
}

/** As `learnedSettingsSchema` reads them. */
function settingsOf({ congestionFactor, prices, ...shape }: PolicyShape): PolicyHeader['settings'] {
  const start = prices?.kind === 'dual' ? prices.start : undefined
  const pricing = congestionFactor === undefined && start === undefined ? {} : { pricing: { congestionFactor, start } }
  return JSON.parse(JSON.stringify({ ...shape, ...pricing })) as PolicyHeader['settings']
}

const resultsOf = ({ correctGoodput, onTime, cells }: Judgement): PolicyHeader['results'] => ({
  part: 'validation',
  correctGoodput,
  onTime,
  cells: cells.map((cell) => ({ ...cell })),
})

/** Whole or not at all. Throws ConfigError on a full disk. */
export function writeBytes(path: string, bytes: Uint8Array): void {
  const draft = `${path}.part`
  try {
    writeFileSync(draft, bytes)
    renameSync(draft, path)
  } catch (error) {
    const fix = 'Make room or choose another folder with --out; the checkpoint is kept.'
    throw new ConfigError([{ path, expected: 'a file that can be written', got: (error as Error).message, fix }])
  }
}
