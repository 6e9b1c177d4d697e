/** @file The monitor: readings and our own calls in flight, made into the state that decisions see. */
export type { CallTokens } from './ledger.ts'
export { assumedSlots, createMonitor, type Monitor, type MonitorOptions } from './monitor.ts'
export { type CallHealth, callHealth } from './replica-monitor.ts'
