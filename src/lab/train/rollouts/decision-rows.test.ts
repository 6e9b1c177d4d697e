import { describe, expect, it } from 'vitest'
import { anEpisode } from '../../../../test/an-episode.ts'
import type { ScoredDecision } from '../../../policy/index.ts'
import { levelData } from '../learners/actor-critic/level-data.ts'
import { toDecisionRows } from './decision-rows.ts'
import type { Episode } from './episode.ts'
import { toShard } from './shard.ts'
import { rowSizes } from './trained-policy.ts'

const sizes = { contextSize: 2, candidateSize: 3 }
/** Every number tells where it belongs. */
const decisionOf = (mark: number, count: number): ScoredDecision => ({
  context: Float32Array.of(mark, mark + 0.5),
  candidates: Float32Array.from({ length: 3 * count }, (_, index) => 100 * mark + index),
  count,
  base: Float32Array.from({ length: count }, (_, index) => -mark - index),
  taken: count - 1,
  logProbability: -mark,
})
const episodeOf = (decisions: Episode['decisions']): Episode => ({ ...anEpisode(), decisions })
const episodes = [
  episodeOf([
    { level: 'planner', decision: decisionOf(1, 4) },
    { level: 'executor', decision: decisionOf(2, 2) },
    { level: 'executor', decision: decisionOf(3, 5) },
  ]),
  episodeOf([]),
  episodeOf([{ level: 'executor', decision: decisionOf(4, 3) }]),
]

describe('decisions as columns', () => {
  const rows = toDecisionRows(episodes, 'executor', sizes)

  it('lie one after the other, whatever their number of candidates', () => {
    expect(rows.count).toBe(3)
    expect([...rows.starts]).toEqual([0, 2, 7, 10])
    expect([...rows.episode]).toEqual([0, 0, 2])
    expect([...rows.taken]).toEqual([1, 4, 2])
    expect([...rows.context]).toEqual([2, 2.5, 3, 3.5, 4, 4.5])
    expect([...rows.candidates.slice(6, 9)]).toEqual([300, 301, 302])
  })

  it('are read back as they were, over all twins of an epoch', () => {
    const empty = {
      episodes: [],
      planner: toDecisionRows([], 'planner', sizes),
      executor: toDecisionRows([], 'executor', sizes),
    }
    const shard = { episodes, planner: toDecisionRows(episodes, 'planner', sizes), executor: rows }
    const data = levelData([shard, empty, shard], 'executor')
    expect(data.count).toBe(6)
    expect([...data.groups]).toEqual([0, 0, 0, 2, 2, 2])
    const marks = [decisionOf(2, 2), decisionOf(3, 5), decisionOf(4, 3)]
    for (const [index, decision] of [...marks, ...marks].entries()) expect(data.decision(index)).toEqual(decision)
    expect(data.episode(5)).toBe(episodes[2])
  })

  it('lie in memory that threads share', () => {
    const arrays = Object.values(rows).filter((part) => typeof part !== 'number')
    expect(arrays).toHaveLength(8)
    expect(arrays.every(({ buffer }) => buffer instanceof SharedArrayBuffer)).toBe(true)
  })

  it('keep each question once, and give it back with every decision of its episode', () => {
    const query = Float32Array.of(0.25, 0.75)
    const asking = (mark: number) => ({ level: 'executor' as const, decision: { ...decisionOf(mark, 2), query } })
    const shard = toShard([episodeOf([]), episodeOf([asking(1), asking(2)])], { planner: sizes, executor: sizes })
    expect([...shard.executor.queries]).toEqual([0, 0, 0.25, 0.75])
    expect(shard.planner.queries).toHaveLength(0)
    const data = levelData([shard], 'executor')
    expect([data.decision(0), data.decision(1)]).toEqual([asking(1).decision, asking(2).decision])
  })

  it('leave the episodes behind as facts alone', () => {
    const shard = toShard([episodeOf([])])
    expect(shard.episodes[0]).not.toHaveProperty('decisions')
    expect(shard.planner).toMatchObject({ count: 0, ...rowSizes.planner })
  })
})
