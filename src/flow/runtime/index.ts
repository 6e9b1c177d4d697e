/** @file The control loop: queries in, answers in time out. */
export { defaultRuntimeSettings, type RunContext, type RuntimeSettings } from './context.ts'
export { createQuery } from './create-query.ts'
export { restrictState } from './restrict-state.ts'
export { createRuntime } from './runtime.ts'
export type * from './runtime-port.ts'
export { TokenBucket } from './token-bucket.ts'
