/** @file The digital twin: virtual time, simulated engines, their answers and their server face. */
export * from './answers/index.ts'
export * from './engine/index.ts'
export * from './faults/index.ts'
export * from './machine/index.ts'
export { createVirtualClock, type VirtualClock } from './virtual-clock.ts'
