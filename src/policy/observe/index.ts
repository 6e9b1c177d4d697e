/** @file What a learned policy sees, as numbers, and how it takes one of its candidates. */
export { bestOfModels } from './best-of-model.ts'
export { type Exploration, type Scored, takeCandidate } from './exploration.ts'
export { type FallbackListener, type PolicyFallback, whyUnfit } from './fallback.ts'
export { FeatureRow } from './feature-row.ts'
export { createFeatureMask, type FeatureView, featureViews } from './feature-view.ts'
export { poolFeatureNames, putPool, scaledPressure } from './pool-features.ts'
export { runnersUp } from './runners-up.ts'
export { scaledBudgetMs, scaledMs, scaledOdds, scaledRatio, scaledTokens } from './scales.ts'
