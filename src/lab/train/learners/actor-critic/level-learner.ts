/**
 * @file Learns one level, planner or executor, from the decisions of an epoch: critic, advantages, passes over minibatches.
 *
 * Weights, optimiser and statistics of one level are independent of the other's; both see the same episodes. The same
 * shards in the same order give the same weights, bit for bit, with or without the thread that takes half of the work.
 */
import { createRandom, keyedRandom } from '../../../../core/index.ts'
import { armScorerConfig, type CandidateScorerConfig, initialise, planScorerConfig } from '../../../../policy/index.ts'
import type { ActorCriticStats } from '../../losses/index.ts'
import { type Adam, createAdam } from '../../optimiser/index.ts'
import { type DecisionRows, type EpisodeFacts, privilegedNames, type Shard } from '../../rollouts/index.ts'
import { advantagesOf } from './advantages.ts'
import { type LevelData, levelData } from './level-data.ts'
import { createLevelNetwork, type ScorerConfig } from './level-network.ts'
import type { ActorCriticSettings } from './settings.ts'
import { shuffled } from './shuffled.ts'
import { createSlicedStep, type SlicedStep, type SliceThread } from './slices/index.ts'

export type Level = 'planner' | 'executor'

export interface LevelLearnerOptions {
  readonly level: Level
  /** Most candidates of a decision. */
  readonly places: number
  readonly scorer: ScorerConfig
  readonly settings: ActorCriticSettings
  readonly seed: number
  /** Weights to start from, policy and critic. Default: fresh ones. */
  readonly parameters?: Float32Array
  /** Computes half of every minibatch. Default: this thread computes all. */
  readonly thread?: SliceThread | null
}

export interface LevelStats extends ActorCriticStats {
  readonly decisions: number
  /** Minibatches that were learnt from: fewer than planned where the policy had moved far enough. */
  readonly minibatches: number
  readonly gradientNorm: number
}

export interface LearnAt {
  readonly epoch: number
  /** Share of the training that is behind, 0-1. */
  readonly progress: number
  readonly learningRate: number
}

export interface LevelLearner {
  /** Policy first, then critic. Moved in place. */
  readonly parameters: Float32Array
  readonly adam: Adam
  /** The policy's part of the parameters: a copy. */
  policy(): Float32Array
  /** Learns from one epoch. `rewardOf`: what an episode was worth. */
  learn(shards: readonly Shard[], rewardOf: (episode: EpisodeFacts) => number, at: LearnAt): Promise<LevelStats>
}

/** The scorer of planner or executor, as serving has it. */
export const scorerConfigOf = (level: Level, hidden: number): CandidateScorerConfig =>
  level === 'planner' ? planScorerConfig(hidden) : armScorerConfig(hidden)

/** Call `startJax` first. */
export function createLevelLearner(options: LevelLearnerOptions): LevelLearner {
  const { level, places, scorer, settings, seed, thread = null } = options
  const privilegedSize = settings.isPrivileged ? privilegedNames.length : 0
  const { network, policySize } = createLevelNetwork(scorer, { places, privilegedSize })
  const parameters = options.parameters ?? initialise(network.shapes, keyedRandom(seed, `weights|${level}`))
  const adam = createAdam(parameters.length, { maxGradNorm: settings.gradientNormClip })
  const step = createSlicedStep(
    { scorer, places, privilegedSize, loss: settings.loss, rows: settings.minibatch },
    thread,
  )
  const trainer: Trainer = { step, parameters, adam, settings }
  return {
    parameters,
    adam,
    policy: () => parameters.slice(0, policySize),
    async learn(shards, rewardOf, { epoch, progress, learningRate }) {
      const data = levelData(shards, level)
      await judge(trainer, { data, rows: shards.map((shard) => shard[level]), rewardOf, privilegedSize })
      const order = createRandom(seed * 7919 + epoch)
      return passOver(trainer, { count: data.count, progress, learningRate }, (count) => shuffled(count, order.below))
    },
  }
}

interface Trainer {
  readonly step: SlicedStep
  readonly parameters: Float32Array
  readonly adam: Adam
  readonly settings: ActorCriticSettings
}

interface Judging {
  readonly data: LevelData
  readonly rows: readonly DecisionRows[]
  readonly rewardOf: (episode: EpisodeFacts) => number
  readonly privilegedSize: number
}

/** Tells the step what to learn from: decisions, their rewards and advantages. */
async function judge({ step, parameters, settings }: Trainer, judging: Judging): Promise<void> {
  const { data, rows, rewardOf, privilegedSize } = judging
  const rewards = Float32Array.from({ length: data.count }, (_, index) => rewardOf(data.episode(index)))
  const privileged = new Float32Array(data.count * privilegedSize)
  if (privilegedSize > 0)
    for (let index = 0; index < data.count; index += 1)
      privileged.set(data.episode(index).privileged, index * privilegedSize)
  const labels = { rewards, privileged, advantages: new Float32Array(data.count) }
  step.begin(rows, labels)
  const values = settings.vfCoef > 0 ? await step.evaluate(parameters, data.count) : new Float32Array(data.count)
  step.begin(rows, { ...labels, advantages: advantagesOf({ rewards, values, groups: data.groups }) })
}

interface Epoch {
  readonly count: number
  readonly progress: number
  readonly learningRate: number
}

async function passOver(
  { step, parameters, adam, settings }: Trainer,
  { count, progress, learningRate }: Epoch,
  orderOf: (count: number) => Int32Array,
): Promise<LevelStats> {
  const { passes, minibatch, entropyFrom, entropyTo, klTarget, clipCoef, vfCoef, klCoef } = settings
  const entCoef = entropyFrom + (entropyTo - entropyFrom) * progress
  const coefficients = { clipCoef, vfCoef, entCoef, klCoef, cloneCoef: 0 }
  const seen: ActorCriticStats[] = []
  let gradientNorm = 0
  for (let pass = 0; pass < passes; pass += 1) {
    const order = orderOf(count)
    let moved = 0
    // A last part that fills less than half a minibatch would weigh its decisions too much.
    const starts = Math.max(1, Math.round(count / minibatch))
    for (let index = 0; index < starts && count > 0; index += 1) {
      const chosen = order.slice(index * minibatch, Math.min(count, (index + 1) * minibatch))
      const { gradientFlat, stats } = await step.gradient(parameters, chosen, coefficients)
      gradientNorm += adam.update(parameters, gradientFlat, learningRate)
      seen.push(stats)
      moved += stats.kl / starts
    }
    if (klTarget !== null && moved > klTarget) break
  }
  return {
    ...meanStats(seen),
    decisions: count,
    minibatches: seen.length,
    gradientNorm: gradientNorm / Math.max(1, seen.length),
  }
}

const statNames = [
  'loss',
  'policyLoss',
  'valueLoss',
  'entropy',
  'kl',
  'klToBase',
  'cloneLoss',
  'clipFraction',
  'explainedVariance',
] as const

const meanStats = (seen: readonly ActorCriticStats[]): ActorCriticStats =>
  Object.fromEntries(
    statNames.map((name) => [name, seen.reduce((sum, stats) => sum + stats[name], 0) / Math.max(1, seen.length)]),
  ) as unknown as ActorCriticStats
