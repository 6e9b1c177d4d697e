/** @file Which team answers a query: one default that weighs, and one that is told. */
export { createPlanner, type PlannerDeps, type PlannerSpec } from './create-planner.ts'
export type { FixedTeam } from './fixed.ts'
export type { StaffedWave, TeamKind, TeamOutlook } from './team-quality.ts'
