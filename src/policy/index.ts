/**
 * @file The decisions: what an action takes and is worth, which team answers, which model and depth take each step.
 *
 * Rooms: `embed` reads the question, `predict` prices actions, `planner` picks the team, `executor` the arm, `baselines`
 * are what one would use otherwise. No clock and no I/O, and chance only from a seed: the same queries, states and
 * outcomes in the same order give the same decisions.
 */
export * from './baselines/index.ts'
export * from './embed/index.ts'
export * from './executor/index.ts'
export * from './guarded.ts'
export * from './learned-policy.ts'
export * from './nn/index.ts'
export * from './observe/index.ts'
export * from './planner/index.ts'
export * from './policy-set.ts'
export * from './predict/index.ts'
export * from './shadow.ts'
export * from './swappable.ts'
