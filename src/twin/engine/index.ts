/** @file The simulated engine: continuous batching on any clock. */
export { engineError, resultWithoutTokens } from './active-call.ts'
export type { Fidelity } from './batch.ts'
export {
  createSimulatedEngine,
  type EngineStatistics,
  type SimulatedEngine,
  type SimulatedEngineOptions,
} from './simulated-engine.ts'
export { createStepTimer } from './step-time.ts'
