/** @file Published methods that learn, with the same questions and plays as ours. */
export { type FitSwarmOptions, fitSwarm, type SwarmFit, type SwarmLine } from './gptswarm.ts'
export type { RouterIteration } from './learn-router.ts'
export { type MasRouterFit, type RouterLine, type TrainMasRouterOptions, trainMasRouter } from './masrouter.ts'
export { type MasRouterToWrite, writeMasRouter, writeSwarm } from './write-baselines.ts'
