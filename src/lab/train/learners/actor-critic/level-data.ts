/** @file The decisions of one level over all twins of an epoch, addressed by one number each. */
import type { EpisodeFacts, Shard } from '../../rollouts/index.ts'
import { createDecisionTable, type DecisionTable } from './slices/index.ts'

export interface LevelData extends DecisionTable {
  episode(index: number): EpisodeFacts
}

export function levelData(shards: readonly Shard[], level: 'planner' | 'executor'): LevelData {
  const table = createDecisionTable(shards.map((shard) => shard[level]))
  return {
    ...table,
    episode: (at) => {
      const shard = shards[table.groups[at] as number] as Shard
      return shard.episodes[shard[level].episode[table.places[at] as number] as number] as EpisodeFacts
    },
  }
}
