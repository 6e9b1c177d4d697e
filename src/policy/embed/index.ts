/** @file Questions as numbers: embedding, hand-made features, and a cheap reading of what is asked. */
export { type Classification, type ClassifyInput, classify } from './classify.ts'
export { createFeatures } from './features.ts'
export { handFeatureNames, handFeatures } from './hand-features.ts'
export { paperTopologies, type TeamTexts, teamTexts } from './team-texts.ts'
