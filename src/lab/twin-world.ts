/** @file A whole pool in virtual time: the profile's simulated engines, the questions they hold the keys of, the world around them. */
import { keyedRandom, type ModelId, type Profile, type ReplicaId, type TraceSink } from '../core/index.ts'
import {
  type AnswerModel,
  createAnswerModel,
  createSimulatedEngine,
  createVirtualClock,
  type SimulatedEngine,
  type TwinQuestion,
  type VirtualClock,
} from '../twin/index.ts'
import { requireTruth } from './profile-file.ts'
import { createRunIds } from './run-ids.ts'
import { buildWorld, type PolicyChoice, type World, type WorldOptions } from './world.ts'

export interface TwinWorldOptions {
  readonly profile: Profile
  readonly questions: readonly TwinQuestion[]
  readonly seed: number
  readonly trace: TraceSink
  readonly policy?: PolicyChoice
  readonly fidelity?: 'event-skipping' | 'iteration-exact'
  readonly settings?: WorldOptions['settings']
  /** What policies may know beforehand. Default: the profile's own prior. */
  readonly prior?: WorldOptions['prior']
  readonly world?: Partial<Pick<WorldOptions, 'maxWaiting' | 'holdsBack' | 'topologies'>>
  /** Replicas of each model. Default 1. */
  readonly replicas?: number
}

export interface TwinWorld extends World {
  readonly clock: VirtualClock
  readonly engines: readonly SimulatedEngine[]
  readonly answers: AnswerModel
}

/** Same options, same run, byte for byte. Throws CONFIG_INVALID where the profile holds no truth. */
export function createTwinWorld(options: TwinWorldOptions): TwinWorld {
  const { profile, questions, seed } = options
  const clock = createVirtualClock()
  const answers = createAnswerModel({ truth: requireTruth(profile), questions, seed, text: 'compact' })
  const engines = Object.keys(profile.models).flatMap((model) =>
    replicaIds(model, options.replicas ?? 1).map((id) =>
      createSimulatedEngine({
        id,
        model,
        machine: profile.models[model]!,
        apiOverheadMs: profile.apiOverheadMs.value,
        prefillChunkTokens: profile.prefillChunkTokens.value,
        clock,
        answers,
        fidelity: options.fidelity ?? 'event-skipping',
      }),
    ),
  )
  const world = buildWorld({
    clock,
    engines,
    ...options.world,
    prior: options.prior ?? profile.prior,
    trace: options.trace,
    random: keyedRandom(seed, 'dispatch'),
    createRunId: createRunIds(seed),
    ...(options.policy ? { policy: options.policy } : {}),
    ...(options.settings ? { settings: options.settings } : {}),
  })
  return { ...world, clock, engines, answers }
}

const replicaIds = (model: ModelId, count: number): readonly ReplicaId[] =>
  Array.from({ length: count }, (_, index) => `${model}#${index + 1}`)
