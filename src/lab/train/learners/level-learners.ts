/** @file The learners of both levels, by the heads of the policy under training. */
import { strategyIds } from '../../../core/index.ts'
import type { PolicyShape } from '../rollouts/index.ts'
import { createLevelLearner, type LevelLearner, type SliceThread, scorerConfigOf } from './actor-critic/index.ts'
import type { ActorCriticSettings } from './actor-critic/settings.ts'
import { createTeamLearner } from './paper/index.ts'

export interface LevelLearnersOptions {
  readonly shape: PolicyShape
  readonly settings: ActorCriticSettings
  readonly seed: number
  /** Computes half of every minibatch of PPO. Default: this thread computes all. */
  readonly thread?: SliceThread | null
  /** Models of the largest pool. */
  readonly mostModels: number
  /** Weights to start from. Default: fresh ones. */
  readonly from?: { readonly planner: Float32Array; readonly executor: Float32Array }
}

const mostTeams = 24

/** Call `startJax` first. */
export function createLevelLearners(options: LevelLearnersOptions): {
  readonly planner: LevelLearner
  readonly executor: LevelLearner
} {
  const { shape, settings, seed, mostModels, from, thread = null } = options
  const { heads = {}, models = [], hidden, temperature } = shape
  const planner = { settings, seed, thread, ...(from ? { parameters: from.planner } : {}) }
  const executor = { settings, seed, thread, ...(from ? { parameters: from.executor } : {}) }
  return {
    planner: heads.planner
      ? createTeamLearner({ ...planner, models: models.length })
      : createLevelLearner({
          ...planner,
          level: 'planner',
          scorer: scorerConfigOf('planner', hidden),
          places: mostTeams,
        }),
    executor: createLevelLearner({
      ...executor,
      level: 'executor',
      scorer: heads.executor
        ? { models: models.length, hasBase: temperature !== null }
        : scorerConfigOf('executor', hidden),
      // A place for each arm of the largest pool, and one for stopping.
      places: strategyIds.length * mostModels + 1,
    }),
  }
}
