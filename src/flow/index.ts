/** @file A query's way: queues, control loop, records. */
export * from './runtime/index.ts'
export * from './scheduler/index.ts'
export * from './trace/index.ts'
