/** @file The decisions of one level over all twins of an epoch, addressed by one number each. */
import type { ScoredDecision } from '../../../../policy/index.ts'
import type { DecisionRows, EpisodeFacts, Shard } from '../../rollouts/index.ts'

export interface LevelData {
  readonly count: number
  /** Views, not copies. */
  decision(index: number): ScoredDecision
  episode(index: number): EpisodeFacts
  /** Twin of each decision. */
  readonly groups: Int32Array
}

interface At {
  readonly rows: DecisionRows
  readonly place: number
  /** Of the shard. */
  readonly episodes: number
}

export function levelData(shards: readonly Shard[], level: 'planner' | 'executor'): LevelData {
  const rows = shards.map((shard) => shard[level])
  const count = rows.reduce((sum, one) => sum + one.count, 0)
  const groups = new Int32Array(count)
  const places = new Int32Array(count)
  let index = 0
  for (const [group, one] of rows.entries()) {
    for (let place = 0; place < one.count; place += 1) {
      groups[index] = group
      places[index] = place
      index += 1
    }
  }
  const rowsOf = (at: number): At => {
    const group = groups[at] as number
    const { episodes } = shards[group] as Shard
    return { rows: rows[group] as DecisionRows, place: places[at] as number, episodes: episodes.length }
  }
  return {
    count,
    groups,
    decision: (at) => viewOf(rowsOf(at)),
    episode: (at) => {
      const { rows: own, place } = rowsOf(at)
      return (shards[groups[at] as number] as Shard).episodes[own.episode[place] as number] as EpisodeFacts
    },
  }
}

function viewOf({ rows, place, episodes }: At): ScoredDecision {
  const { contextSize, candidateSize, starts } = rows
  const [start, end] = [starts[place] as number, starts[place + 1] as number]
  const { queries } = rows
  const [size, episode] = [queries.length / episodes, rows.episode[place] as number]
  return {
    context: rows.context.subarray(place * contextSize, (place + 1) * contextSize),
    candidates: rows.candidates.subarray(start * candidateSize, end * candidateSize),
    count: end - start,
    base: rows.base.subarray(start, end),
    taken: rows.taken[place] as number,
    logProbability: rows.logProbability[place] as number,
    ...(size > 0 && { query: queries.subarray(size * episode, size * (episode + 1)) }),
  }
}
