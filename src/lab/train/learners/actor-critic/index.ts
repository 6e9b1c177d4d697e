/** @file The actor-critic loop that `residual` and `ppo` share. */
export { advantagesOf } from './advantages.ts'
export {
  createLevelLearner,
  type LearnAt,
  type Level,
  type LevelLearner,
  type LevelStats,
  scorerConfigOf,
} from './level-learner.ts'
export { type ActorCriticSettings, ourSettings, paperSettings } from './settings.ts'
export { createSliceThread, type SliceThread } from './slices/index.ts'
export { type EpochResult, type TrainLoop, trainEpoch } from './train-epochs.ts'
