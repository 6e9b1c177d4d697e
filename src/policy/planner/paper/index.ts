/** @file The paper's planner, tied to one pool. */
export { createPaperFormPlanner, type PaperPlannerOptions, paperPlannerConfig } from './paper-planner.ts'
export { readTeamDecision, type TeamDecision, teamDecisionSize, writeTeamDecision } from './team-decision.ts'
