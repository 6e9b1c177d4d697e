/** @file A profile of somebody's own pool, from calls that were measured on it. */
export { type CalibrateOptions, type Calibration, calibratePool } from './calibrate-pool.ts'
export type { GradedAnswer } from './graded.ts'
export type { HeldOutError, LatencyError, PercentilePair } from './held-out.ts'
export type { PoolCall } from './pool-call.ts'
export { type PoolMeasurements, readFolder } from './read-folder.ts'
export { type CalibrationReport, reportOf, reportText } from './report-text.ts'
