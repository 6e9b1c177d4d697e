/**
 * @file The actor-critic loop: play the epoch's twins, judge them, learn both levels; once more.
 *
 * `residual` and `ppo` are this loop with different settings: where the scores start, what a query was worth, which
 * multiplier prices the constraint.
 */

import { type Multiplier, type RewardTerms, rewardOf } from '../../rewards/index.ts'
import type { EpisodeFacts, PolicyShape, RolloutPool, Shard } from '../../rollouts/index.ts'
import { drawScenarios, type ScenarioOptions } from '../../scenarios/index.ts'
import type { LearnAt, LevelLearner, LevelStats } from './level-learner.ts'

export interface TrainLoop {
  readonly pool: RolloutPool
  readonly shape: PolicyShape
  readonly planner: LevelLearner
  readonly executor: LevelLearner
  readonly multiplier: Multiplier
  readonly reward: Omit<RewardTerms, 'lambda'>
  readonly usesHindsight: boolean
  readonly scenarios: ScenarioOptions
  /** Twins of an epoch: 32 or more for batches that are nearly independent. */
  readonly twins: number
  readonly seed: number
}

/** What an epoch came to. */
export interface EpochResult {
  readonly epoch: number
  readonly shards: readonly Shard[]
  readonly planner: LevelStats
  readonly executor: LevelStats
  /** Mean worth of an episode. */
  readonly meanReward: number
  readonly playedMs: number
  readonly learntMs: number
}

/** One epoch. `nowMs`: for the log alone. */
export async function trainEpoch(loop: TrainLoop, at: LearnAt, nowMs: () => number): Promise<EpochResult> {
  const { pool, shape, planner, executor, multiplier, reward, twins, seed, usesHindsight } = loop
  const weights = { planner: planner.policy(), executor: executor.policy() }
  const scenarios = drawScenarios(loop.scenarios, { count: twins, epoch: at.epoch, seed })
  const startedMs = nowMs()
  const shards = await pool.play(
    scenarios.map((scenario, place) => ({ scenario, place, shape, weights, usesHindsight })),
  )
  const playedMs = nowMs()
  const worthOf = (episode: EpisodeFacts) => rewardOf(episode, { ...reward, lambda: multiplier.of(episode) })
  // One after the other: both take the same threads.
  const stats = {
    planner: await planner.learn(shards, worthOf, at),
    executor: await executor.learn(shards, worthOf, at),
  }
  const episodes = shards.flatMap((shard) => shard.episodes)
  const meanReward = episodes.reduce((sum, episode) => sum + worthOf(episode), 0) / Math.max(1, episodes.length)
  multiplier.update(episodes)
  return { epoch: at.epoch, shards, ...stats, meanReward, playedMs: playedMs - startedMs, learntMs: nowMs() - playedMs }
}
