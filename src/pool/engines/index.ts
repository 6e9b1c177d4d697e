/** @file The machines over HTTP: clients of real engines, probing them, and the wire types that a server face shares. */
export type { DialectId } from './dialects/dialect.ts'
export { dialectIds } from './dialects/dialects.ts'
export { createHttpEngine, type HttpEngine, type HttpEngineOptions } from './http-engine.ts'
export { type ProbeOptions, type ProbeReport, probeEngine } from './probe-engine.ts'
export { type PrometheusSample, parsePrometheusText } from './prometheus-text.ts'
export type { RelayEngine, RelayRequest, RelayResponse } from './relay.ts'
export { SseParser } from './sse.ts'
export * from './wire.ts'
