/** @file A whole pool in virtual time: the profile's simulated engines, the questions they hold the keys of, the world around them. */
import { keyedRandom, type ModelId, type Profile, type ReplicaId, type TraceSink } from '../core/index.ts'
import {
  type AnswerModel,
  createAnswerModel,
  createFaultyEngine,
  createSimulatedEngine,
  createVirtualClock,
  type FaultPlan,
  type SimulatedEngine,
  type SimulatedEngineOptions,
  scheduleFaults,
  shareGpus,
  type TwinQuestion,
  type VirtualClock,
} from '../twin/index.ts'
import { blurReadings, type MetricsBlur } from './blurred-readings.ts'
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
  readonly world?: Partial<
    Pick<WorldOptions, 'maxWaiting' | 'holdsBack' | 'topologies' | 'wrapPolicies' | 'pollMs' | 'onFallback'>
  >
  /** Replicas of each model. Default 1. */
  readonly replicas?: number
  /** Engines by GPU, in place of the profile's GPUs and `replicas`: a model may stand on several, or on none. */
  readonly placement?: readonly (readonly ModelId[])[]
  /** Whether engines on one GPU slow each other down. Default true. */
  readonly sharesGpus?: boolean
  /** Whether engines keep the beginning of a run's prompts for its next calls. Default false. */
  readonly prefixCache?: boolean
  /** What goes wrong with the engines, on the world's clock, which starts at 0. Default: nothing. */
  readonly faults?: FaultPlan
  /** How the pool's metrics are worse than they are. Default: they are exact, and of the instant at which they are read. */
  readonly blur?: MetricsBlur
}

export interface TwinWorld extends World {
  readonly clock: VirtualClock
  readonly engines: readonly SimulatedEngine[]
  readonly answers: AnswerModel
}

/** Same options, same run, byte for byte. Throws CONFIG_INVALID where the profile holds no truth, or the faults make no sense. */
export function createTwinWorld(options: TwinWorldOptions): TwinWorld {
  const { profile, questions, seed } = options
  const clock = createVirtualClock()
  const answers = createAnswerModel({ truth: requireTruth(profile), questions, seed, text: 'compact' })
  const engines = createEngines(options, { clock, answers })
  const world = buildWorld({
    clock,
    engines: blurReadings(engines, options.blur ?? {}, seed),
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

/** By model, then replica. The n-th replicas of all models share their GPUs as the profile says. */
function createEngines(
  options: TwinWorldOptions,
  parts: Pick<TwinWorld, 'clock' | 'answers'>,
): readonly SimulatedEngine[] {
  const { faults = [] } = options
  if (faults.length === 0) return engineOptions(options, parts).map(createSimulatedEngine)
  const engines = engineOptions(options, parts).map(createFaultyEngine)
  scheduleFaults(faults, { clock: parts.clock, engines })
  return engines
}

function engineOptions(
  options: TwinWorldOptions,
  parts: Pick<TwinWorld, 'clock' | 'answers'>,
): readonly SimulatedEngineOptions[] {
  const { profile, sharesGpus = true, fidelity = 'event-skipping', prefixCache = false } = options
  const eta = sharesGpus ? profile.colocationEta.value : 0
  const gpusOf = seatsOf(options, eta)
  return Object.entries(profile.models).flatMap(([model, machine]) =>
    gpusOf(model).map((gpu, copy) => ({
      id: replicaId(model, copy),
      model,
      machine,
      apiOverheadMs: profile.apiOverheadMs.value,
      prefillChunkTokens: profile.prefillChunkTokens.value,
      ...parts,
      fidelity,
      prefixCache,
      gpu: eta > 0 ? gpu : null,
    })),
  )
}

type Gpu = ReturnType<ReturnType<typeof shareGpus>>

/** For each replica of a model the GPU that it shares. */
function seatsOf(
  { profile, replicas = 1, placement }: TwinWorldOptions,
  eta: number,
): (model: ModelId) => readonly Gpu[] {
  if (placement === undefined) {
    const copies = Array.from({ length: replicas }, () => shareGpus(profile.gpus, eta))
    return (model) => copies.map((gpuOf) => gpuOf(model))
  }
  const gpus = placement.map((engines) => ({ engines, gpuOf: shareGpus([{ engines }], eta) }))
  return (model) =>
    gpus.flatMap(({ engines, gpuOf }) => engines.filter((engine) => engine === model).map(() => gpuOf(model)))
}

const replicaId = (model: ModelId, copy: number): ReplicaId => `${model}#${copy + 1}`
