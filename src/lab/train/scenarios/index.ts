/** @file The twins that a policy learns in. */
export { defaultScenarios, drawScenarios, type ScenarioOptions } from './draw-scenario.ts'
export { poolNames, rateFactors } from './pool-names.ts'
export type { Scenario } from './scenario.ts'
export { createTrainingGround, type GroundOptions, type TrainingGround } from './training-ground.ts'
