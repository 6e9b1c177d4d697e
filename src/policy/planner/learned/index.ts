/** @file The planner whose choice was learnt. */
export { createLearnedPlanner, type LearnedPlannerOptions, planScorerConfig } from './learned-planner.ts'
export { planContextNames, teamCandidateNames } from './team-features.ts'
