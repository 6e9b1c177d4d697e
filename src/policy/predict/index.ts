/** @file What an action takes and is worth: predictions, congestion prices, and the rules that read them. */
export { assumePrior, billionsOf, type ModelTier } from './assumed-prior.ts'
export { clippedLogNormal, type LogNormalShape, shareBeyond } from './clipped-lognormal.ts'
export { idlePricePerSlotSecond, pressureOf } from './congestion.ts'
export type { PriceStart } from './dual-price.ts'
export type { Coverage } from './error-tracker.ts'
export { mayBackUp, withFallbacks } from './fallbacks.ts'
export { type GreedyTerms, greedyArm, plannedMs, scoreOf } from './greedy-arm.ts'
export * from './neural/index.ts'
export {
  createPredictor,
  type PoolPredictor,
  type PredictorOptions,
  type PriceShape,
} from './predictor.ts'
export type { PriceSpec } from './price-source.ts'
export { chanceWithin, latencyQuantile, type PricedArm, type PriceList, toEstimate } from './priced-arm.ts'
export { isReasoningModelName } from './reasoning-model.ts'
export { roomTokens } from './room-tokens.ts'
export { borrowSafety, type Safety, SafetyFactor } from './safety-factor.ts'
export { pathWeight, roleWeight, timeWeight } from './step-weight.ts'
