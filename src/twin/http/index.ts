/** @file The simulated engine's server face: vLLM's API over real HTTP. */
export type { Fault } from './fault.ts'
export { startTwinServer, type TwinServer, type TwinServerOptions } from './twin-server.ts'
