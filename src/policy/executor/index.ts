/** @file Which model answers a step, and how deeply it thinks: one default and three plain rules. */
export { createExecutor, type ExecutorDeps, type ExecutorSpec } from './create-executor.ts'
