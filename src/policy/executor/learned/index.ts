/** @file The executor whose choice was learnt. */
export { armCandidateNames, stepContextNames } from './arm-features.ts'
export { baseCandidates } from './base-scores.ts'
export {
  armScorerConfig,
  createLearnedExecutor,
  type LearnedExecutorDeps,
  type LearnedExecutorOptions,
} from './learned-executor.ts'
export { type ScoredPlace, toChoice } from './to-choice.ts'
