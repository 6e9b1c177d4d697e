/** @file A query's way: queues, control loop, records; programs run apart. */
export * from './runtime/index.ts'
export * from './sandbox/index.ts'
export * from './scheduler/index.ts'
export * from './trace/index.ts'
