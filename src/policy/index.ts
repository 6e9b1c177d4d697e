/**
 * @file The decisions: what an action takes and is worth, which team answers, which model and depth take each step.
 *
 * Rooms: `embed` reads the question, `predict` prices actions, `planner` picks the team, `executor` the arm. No clock, no
 * chance, no I/O: the same queries, states and outcomes in the same order give the same decisions.
 */
export * from './embed/index.ts'
export * from './executor/index.ts'
export * from './planner/index.ts'
export * from './policy-set.ts'
export * from './predict/index.ts'
