/** @file The machines: engines over HTTP and the monitor that knows how they are. */
export * from './engines/index.ts'
export * from './monitor/index.ts'
