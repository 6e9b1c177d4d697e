/** @file What an action takes and is worth: predictions, congestion prices, and the rules that read them. */
export { assumePrior, billionsInName, type ModelTier, tierOf } from './assumed-prior.ts'
export { clippedLogNormal, type LogNormalShape } from './clipped-lognormal.ts'
export { CongestionPrice, pressureOf } from './congestion.ts'
export type { Coverage } from './error-tracker.ts'
export { type GreedyTerms, greedyArm, plannedMs, scoreOf } from './greedy-arm.ts'
export {
  createPredictor,
  type PoolPredictor,
  type PredictorOptions,
  type PriceShape,
} from './predictor.ts'
export { chanceWithin, latencyQuantile, type PricedArm, type PriceList, toEstimate } from './priced-arm.ts'
export { isReasoningModelName } from './reasoning-model.ts'
export { SafetyFactor, safetyGrid } from './safety-factor.ts'
export { pathWeight, roleWeight, timeWeight } from './step-weight.ts'
