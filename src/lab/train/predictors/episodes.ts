/**
 * @file Episodes of traffic to learn the predictors from, and to measure them by: a pool, a rate, what is wrong with the pool.
 *
 * Loads are drawn from idle to above what the slowest model can serve. To learn from, pools are also perturbed: machines are drawn
 * anew, engines share GPUs or not, times of the prior are off by a random factor per model in half of the episodes and an engine
 * is slow for a while in some, so that the networks learn to trust what engines show over what the profile says.
 * Everything follows from the episode's seed.
 */
import {
  keyedRandom,
  type ModelId,
  type ModelPrior,
  type Profile,
  type ProfilePrior,
  type Random,
  strategyIds,
} from '../../../core/index.ts'
import type { PolicySet } from '../../../policy/index.ts'
import type { FaultPlan, TwinQuestion } from '../../../twin/index.ts'
import { createTwinWorld } from '../../twin-world.ts'
import { runWorkload } from '../../workload.ts'
import { createRandomExecutor, createRandomPlanner } from './random-policies.ts'
import { varyPool } from './vary-pool.ts'

export interface Episode {
  readonly profile: Profile
  readonly prior: ProfilePrior
  readonly questions: readonly TwinQuestion[]
  readonly ratePerMinute: number
  readonly queries: number
  readonly budgetsMs: readonly number[]
  /** Whether engines on one GPU slow each other down. */
  readonly sharesGpus: boolean
  readonly faults: FaultPlan
  /** Who decides: policies that draw, or those that serve by default. */
  readonly policy: 'random' | 'default'
  readonly seed: number
}

export interface EpisodeOptions {
  readonly profiles: readonly Profile[]
  readonly questions: readonly TwinQuestion[]
  readonly policy: Episode['policy']
  /** Load of the busiest model that rates are drawn between; 1: as much as it can serve. */
  readonly load: readonly [lowest: number, highest: number]
  /** Queries of one episode. */
  readonly queries: number
  /** Whether pools are also perturbed. */
  readonly isPerturbed: boolean
  readonly seed: number
}

/** Long enough for nearly every call to end: what is cut short says nothing of its length. */
const patientBudgetsMs = [600_000, 1_200_000]
const ordinaryBudgetsMs = [10_000, 30_000, 50_000, 100_000, 200_000, 300_000]
/** Calls of one query of the random teams, about. */
const callsPerQuery = 3
/** Engines with full batches and neighbours on their GPU are slower than an idle one by about this. */
const busySlowdown = 1.8

/** The `index`-th episode under `options`. */
export function drawEpisode(options: EpisodeOptions, index: number): Episode {
  const { profiles, questions, policy, queries, isPerturbed } = options
  const random = keyedRandom(options.seed, `episode ${index}`)
  const named = profiles[index % profiles.length] as Profile
  const profile = isPerturbed ? varyPool(named, random) : named
  const [low, high] = options.load.map(Math.log) as [number, number]
  const load = Math.exp(low + (high - low) * random.uniform())
  const ratePerMinute = load * fullRatePerMinute(profile)
  const isOff = isPerturbed && random.uniform() < 0.5
  const spanMs = (queries / ratePerMinute) * 60_000
  return {
    profile,
    prior: isOff ? shiftTimes(profile.prior, random) : profile.prior,
    questions,
    ratePerMinute,
    queries,
    budgetsMs: policy === 'random' ? patientBudgetsMs : ordinaryBudgetsMs,
    sharesGpus: !isPerturbed || random.uniform() < 0.5,
    faults: isPerturbed && random.uniform() < 0.3 ? slowSpell(profile, spanMs, random) : [],
    policy,
    seed: random.below(2 ** 31),
  }
}

/** Arrivals per minute at which the slowest model just keeps up with an even share of the calls. */
function fullRatePerMinute({ prior, models }: Profile): number {
  const names = Object.keys(models)
  const perModel = names.map((model) => {
    const { ttft, tpot, outputTokens } = prior.models[model] as ModelPrior
    const lengths = strategyIds.map((strategy) => outputTokens.value.math[strategy].mean)
    const tokens = lengths.reduce((sum, length) => sum + length, 0) / lengths.length
    const serviceMs = (ttft.value.fixedMs + tokens * tpot.value.idleMs) * busySlowdown
    return ((models[model]?.slots.value ?? 1) * 60_000) / serviceMs
  })
  return (Math.min(...perModel) * names.length) / callsPerQuery
}

function shiftTimes(prior: ProfilePrior, random: Random): ProfilePrior {
  const models = Object.entries(prior.models).map(([model, known]): [ModelId, ModelPrior] => {
    const factor = Math.exp(0.25 * random.normal())
    const { fixedMs, perTokenMs } = known.ttft.value
    const { idleMs, perKvTokenMs } = known.tpot.value
    return [
      model,
      {
        ...known,
        ttft: { ...known.ttft, value: { fixedMs: fixedMs * factor, perTokenMs: perTokenMs * factor } },
        tpot: { ...known.tpot, value: { idleMs: idleMs * factor, perKvTokenMs: perKvTokenMs * factor } },
      },
    ]
  })
  return { models: Object.fromEntries(models) }
}

const slowSpell = (profile: Profile, spanMs: number, random: Random): FaultPlan => [
  {
    kind: 'slow',
    engine: random.pick(Object.keys(profile.models)),
    atMs: spanMs * 0.5 * random.uniform(),
    forMs: Math.max(1, spanMs * 0.3),
    factor: 1.5 + 2 * random.uniform(),
  },
]

/** Plays `episode` in the twin. `watch` stands between its policies and the runtime. */
export async function playEpisode(episode: Episode, watch: (policies: PolicySet) => PolicySet): Promise<void> {
  const { profile, prior, questions, faults, seed, policy, sharesGpus } = episode
  const models = Object.keys(profile.models)
  const drawing = (policies: PolicySet): PolicySet => {
    const options = { models, predictor: policies.predictor, seed }
    return { ...policies, planner: createRandomPlanner(options), executor: createRandomExecutor(options) }
  }
  const world = createTwinWorld({
    profile,
    prior,
    questions,
    seed,
    sharesGpus,
    faults,
    trace: { write: () => {} },
    world: {
      maxWaiting: 1_000_000,
      wrapPolicies: (policies) => watch(policy === 'random' ? drawing(policies) : policies),
    },
  })
  await runWorkload(world, {
    questions,
    queries: episode.queries,
    arrivalRatePerMinute: episode.ratePerMinute,
    budgetsMs: episode.budgetsMs,
    seed,
    onRun: () => {},
  })
}
