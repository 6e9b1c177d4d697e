/** @file The learner `dual`: supervised, from graded plays of teams and the prices of a linear program. */
export { type DualPolicy, dualPolicySchema, dualSchemaId, parseDual, shippedDual } from './dual-policy.ts'
export { type DualFit, type DualReport, type FitDualOptions, fitDual } from './fit-dual.ts'
export { type Calibration, calibrationOf, fitTeamRules } from './fit-team-rules.ts'
export { type StartPriceOptions, startPrices } from './start-prices.ts'
