/**
 * @file Learns one level, planner or executor, from the decisions of an epoch: critic, advantages, passes over minibatches.
 *
 * Weights, optimiser and statistics of one level are independent of the other's; both see the same episodes. The same
 * shards in the same order give the same weights, bit for bit.
 */
import { createRandom, keyedRandom } from '../../../../core/index.ts'
import { armScorerConfig, type CandidateScorerConfig, initialise, planScorerConfig } from '../../../../policy/index.ts'
import {
  type ActorCriticBatch,
  type ActorCriticStats,
  type ActorCriticStep,
  clearBatch,
  createActorCriticStep,
  createBatch,
} from '../../losses/index.ts'
import { type Adam, createAdam } from '../../optimiser/index.ts'
import { type EpisodeFacts, privilegedNames, type Shard } from '../../rollouts/index.ts'
import { advantagesOf } from './advantages.ts'
import { type LevelData, levelData } from './level-data.ts'
import { createLevelNetwork, type LevelNetwork, type ScorerConfig } from './level-network.ts'
import type { ActorCriticSettings } from './settings.ts'
import { shuffled } from './shuffled.ts'

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
  learn(shards: readonly Shard[], rewardOf: (episode: EpisodeFacts) => number, at: LearnAt): LevelStats
}

/** The scorer of planner or executor, as serving has it. */
export const scorerConfigOf = (level: Level, hidden: number): CandidateScorerConfig =>
  level === 'planner' ? planScorerConfig(hidden) : armScorerConfig(hidden)

/** Call `startJax` first. */
export function createLevelLearner(options: LevelLearnerOptions): LevelLearner {
  const { level, places, scorer, settings, seed } = options
  const privilegedSize = settings.isPrivileged ? privilegedNames.length : 0
  const { network, policySize, write } = createLevelNetwork(scorer, { places, privilegedSize })
  const parameters = options.parameters ?? initialise(network.shapes, keyedRandom(seed, `weights|${level}`))
  const adam = createAdam(parameters.length, { maxGradNorm: settings.gradientNormClip })
  const trainer: Trainer = {
    step: createActorCriticStep({ network, rows: settings.minibatch, loss: settings.loss }),
    batch: createBatch(network, settings.minibatch),
    write,
    parameters,
    adam,
    settings,
  }
  return {
    parameters,
    adam,
    policy: () => parameters.slice(0, policySize),
    learn(shards, rewardOf, { epoch, progress, learningRate }) {
      const data = levelData(shards, level)
      const rewards = Float32Array.from({ length: data.count }, (_, index) => rewardOf(data.episode(index)))
      const values = settings.vfCoef > 0 ? evaluateAll(trainer, data) : new Float32Array(data.count)
      const judged = { rewards, advantages: advantagesOf({ rewards, values, groups: data.groups }) }
      const order = createRandom(seed * 7919 + epoch)
      return passOver(trainer, { data, judged, progress, learningRate }, (count) => shuffled(count, order.below))
    },
  }
}

interface Trainer {
  readonly step: ActorCriticStep
  readonly batch: ActorCriticBatch
  readonly write: LevelNetwork['write']
  readonly parameters: Float32Array
  readonly adam: Adam
  readonly settings: ActorCriticSettings
}

interface Epoch {
  readonly data: LevelData
  readonly judged: { readonly rewards: Float32Array; readonly advantages: Float32Array }
  readonly progress: number
  readonly learningRate: number
}

function fill(
  { batch, write, settings }: Trainer,
  data: LevelData,
  chosen: Int32Array,
  judged?: Epoch['judged'],
): void {
  clearBatch(batch)
  for (const [row, index] of chosen.entries()) {
    const labels = {
      advantage: judged?.advantages[index] ?? 0,
      returns: judged?.rewards[index] ?? 0,
      ...(settings.isPrivileged ? { privileged: data.episode(index).privileged } : {}),
    }
    write(batch, row, { decision: data.decision(index), labels })
  }
}

/** The critic's value of every decision. */
function evaluateAll(trainer: Trainer, data: LevelData): Float32Array {
  const values = new Float32Array(data.count)
  const { minibatch } = trainer.settings
  for (let start = 0; start < data.count; start += minibatch) {
    const size = Math.min(minibatch, data.count - start)
    fill(
      trainer,
      data,
      Int32Array.from({ length: size }, (_, index) => start + index),
    )
    values.set(trainer.step.evaluate(trainer.parameters, trainer.batch).values.subarray(0, size), start)
  }
  return values
}

function passOver(
  trainer: Trainer,
  { data, judged, progress, learningRate }: Epoch,
  orderOf: (count: number) => Int32Array,
): LevelStats {
  const { passes, minibatch, entropyFrom, entropyTo, klTarget, clipCoef, vfCoef, klCoef } = trainer.settings
  const entCoef = entropyFrom + (entropyTo - entropyFrom) * progress
  const seen: ActorCriticStats[] = []
  let gradientNorm = 0
  for (let pass = 0; pass < passes; pass += 1) {
    const order = orderOf(data.count)
    let moved = 0
    // A last part that fills less than half a minibatch would weigh its decisions too much.
    const starts = Math.max(1, Math.round(data.count / minibatch))
    for (let index = 0; index < starts && data.count > 0; index += 1) {
      const chosen = order.subarray(index * minibatch, Math.min(data.count, (index + 1) * minibatch))
      fill(trainer, data, chosen, judged)
      const coefficients = { clipCoef, vfCoef, entCoef, klCoef, cloneCoef: 0 }
      const { gradientFlat, stats } = trainer.step.step(trainer.parameters, trainer.batch, coefficients)
      gradientNorm += trainer.adam.update(trainer.parameters, gradientFlat, learningRate)
      seen.push(stats)
      moved += stats.kl / starts
    }
    if (klTarget !== null && moved > klTarget) break
  }
  return {
    ...meanStats(seen),
    decisions: data.count,
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
