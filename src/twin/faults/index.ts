/** @file Faults of simulated engines, by schedule. */
export { type Fault, type FaultKind, type FaultPlan, faultKinds, scheduleFaults } from './fault-plan.ts'
export { createFaultyEngine, type FaultyEngine } from './faulty-engine.ts'
