/** @file The benchmark against a live gateway: an open loop over HTTP, scored by the real texts. */
export { type ComparedCell, type ComparedMetric, compareWithTwin, type TwinComparison } from './compare/index.ts'
export { type LiveOptions, liveMethod } from './live-options.ts'
export { type LiveProgress, type RunLiveOptions, runLive } from './run-live.ts'
export type { LiveFacts } from './score-live.ts'
