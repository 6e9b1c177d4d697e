/** @file The executor whose choice was learnt. */
export { armCandidateNames, stepContextNames } from './arm-features.ts'
export { armScorerConfig, createLearnedExecutor, type LearnedExecutorOptions } from './learned-executor.ts'
