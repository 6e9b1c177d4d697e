/** @file One twin of an epoch, from its task to its columns: the same in this thread and in a worker. */
import type { Scenario, TrainingGround } from '../scenarios/index.ts'
import { playScenario } from './play-scenario.ts'
import { type Shard, toShard } from './shard.ts'
import { methodOf, type PolicyShape, rowSizesOf, type TrainedWeights } from './trained-policy.ts'

export interface ShardTask {
  readonly scenario: Scenario
  /** Place of the twin in its epoch. */
  readonly place: number
  readonly shape: PolicyShape
  readonly weights: TrainedWeights
  readonly usesHindsight: boolean
  /** Default true: choices are drawn and told. False: the likeliest are taken, as in serving. */
  readonly explores?: boolean
}

export async function playShard(ground: TrainingGround, task: ShardTask): Promise<Shard> {
  const { scenario, place, shape, weights, usesHindsight, explores = true } = task
  const episodes = await playScenario({
    ground,
    scenario,
    shard: place,
    methodOf: (exploration) => methodOf(shape, weights, explores ? exploration : undefined),
    usesHindsight,
  })
  return toShard(episodes, rowSizesOf(shape))
}
