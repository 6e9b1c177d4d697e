/** @file Playing many twins with a policy that explores. */
export { type DecisionRows, type RowSizes, toDecisionRows } from './decision-rows.ts'
export { type Episode, type EpisodeDecision, privilegedNames } from './episode.ts'
export { type PlayOptions, playScenario } from './play-scenario.ts'
export { playShard, type ShardTask } from './play-shard.ts'
export { createRolloutPool, type RolloutPool } from './rollout-pool.ts'
export { type EpisodeFacts, type Shard, toShard } from './shard.ts'
export { type Heads, methodOf, type PolicyShape, rowSizes, rowSizesOf, type TrainedWeights } from './trained-policy.ts'
