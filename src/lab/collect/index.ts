/** @file Measurements of a live pool, to fit a profile and predictors from. */
export { collect } from './collect.ts'
export type { CollectOptions, CollectProgress, CollectSummary, RunCollectOptions } from './collection.ts'
export { createLaterClock } from './later-clock.ts'
export { type CallLine, callLineSchema, type GradedLine, type PromptLine } from './lines.ts'
export { type CollectPlan, planCollection } from './plan-collection.ts'
export { loadSources, type Source, type SourceOptions } from './sources.ts'
export { promptColumns, sampleColumns } from './tables.ts'
