/**
 * @file Doubles and data for tests of anything built on the ports; exported as `inframind/testing`.
 *
 * The doubles are strict: an unexpected call fails, and so does a scripted reply that nobody asked for. Builders give
 * whole valid values and take what a test cares about. Nothing here needs a test runner.
 */
export * from './call-builders.ts'
export * from './cluster-builders.ts'
export * from './manual-clock.ts'
export * from './memory-trace.ts'
export * from './profile-builders.ts'
export * from './query-builders.ts'
export * from './record-builders.ts'
export * from './scripted-engine.ts'
export * from './scripted-reading.ts'
export type { ScriptedReply } from './scripted-reply.ts'
export * from './step-builders.ts'
