/** @file Which model answers a step, and how deeply it thinks: one default, one that plays the plan out, and three plain rules. */
export { createExecutor, type ExecutorDeps, type ExecutorSpec } from './create-executor.ts'
export { type JointExecutorOptions, jointCandidateNames, jointContextNames } from './joint/index.ts'
export { armCandidateNames, armScorerConfig, type LearnedExecutorOptions, stepContextNames } from './learned/index.ts'
export { defaultRollouts, type McppOptions } from './mcpp/mcpp.ts'
export { strategyWithin } from './plain-executors.ts'
export { reasonToStop, type StopContext } from './stopping.ts'
