/** @file The paper's planner and what learns it. */
export { createTeamLearner, type TeamLearnerOptions } from './team-learner.ts'
