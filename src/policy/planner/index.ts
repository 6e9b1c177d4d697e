/** @file Which team answers a query: one default that weighs, and one that is told. */

export { type Breadth, type Candidate, type CandidateKey, listCandidates, toCandidate } from './candidates.ts'
export { createPlanner, type LearntTeams, type PlannerDeps, type PlannerSpec } from './create-planner.ts'
export { createTeamForecaster, type TeamForecast, type TeamForecaster } from './default-team.ts'
export type { FixedTeam } from './fixed.ts'
export { type LearnedPlannerOptions, planContextNames, planScorerConfig, teamCandidateNames } from './learned/index.ts'
export {
  type PaperPlannerOptions,
  paperPlannerConfig,
  readTeamDecision,
  type TeamDecision,
  teamDecisionSize,
  writeTeamDecision,
} from './paper/index.ts'
export { type StaffedWave, type TeamKind, type TeamOutlook, type TeamWave, teamQuality } from './team-quality.ts'
export { assumedTeamRules, type DomainTeamRules, diversityOf, type MergeRules, type TeamRules } from './team-rules.ts'
export { teamRulesSchema } from './team-rules-schema.ts'
