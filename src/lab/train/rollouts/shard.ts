/** @file The episodes of one twin as a learner takes them in: facts by query, decisions as columns. */
import { type DecisionRows, toDecisionRows } from './decision-rows.ts'
import type { Episode } from './episode.ts'
import { rowSizes } from './trained-policy.ts'

export type EpisodeFacts = Omit<Episode, 'decisions'>

export interface Shard {
  readonly episodes: readonly EpisodeFacts[]
  readonly planner: DecisionRows
  readonly executor: DecisionRows
}

export const toShard = (episodes: readonly Episode[], sizes = rowSizes): Shard => ({
  episodes: episodes.map(({ decisions: _, ...facts }) => facts),
  planner: toDecisionRows(episodes, 'planner', sizes.planner),
  executor: toDecisionRows(episodes, 'executor', sizes.executor),
})
