/**
 * @file Decisions of many episodes as columns: few large arrays, which go between threads and into batches cheaply.
 *
 * Candidates of all decisions lie one after the other; `starts` says where each decision's begin.
 */
import type { ScoredDecision } from '../../../policy/index.ts'
import type { Episode } from './episode.ts'

export interface DecisionRows {
  readonly count: number
  readonly contextSize: number
  readonly candidateSize: number
  /** [count x contextSize]. */
  readonly context: Float32Array
  /** [starts[count] x candidateSize]. */
  readonly candidates: Float32Array
  /** [starts[count]]. */
  readonly base: Float32Array
  /** [count + 1]: first candidate of each decision. */
  readonly starts: Int32Array
  readonly taken: Int32Array
  readonly logProbability: Float32Array
  /** Place of the decision's episode in its shard. */
  readonly episode: Int32Array
  /** [episodes x 384]: embedding of each episode's question; empty where no network reads it. */
  readonly queries: Float32Array
}

export interface RowSizes {
  readonly contextSize: number
  readonly candidateSize: number
}

/** The decisions of one level. */
export function toDecisionRows(
  episodes: readonly Episode[],
  level: 'planner' | 'executor',
  { contextSize, candidateSize }: RowSizes,
): DecisionRows {
  const found = episodes.flatMap(({ decisions }, episode) =>
    decisions.filter((one) => one.level === level).map(({ decision }) => ({ decision, episode })),
  )
  const starts = new Int32Array(found.length + 1)
  for (const [index, { decision }] of found.entries()) starts[index + 1] = (starts[index] as number) + decision.count
  const total = starts[found.length] as number
  const rows: DecisionRows = {
    count: found.length,
    contextSize,
    candidateSize,
    context: new Float32Array(found.length * contextSize),
    candidates: new Float32Array(total * candidateSize),
    base: new Float32Array(total),
    starts,
    taken: Int32Array.from(found, ({ decision }) => decision.taken),
    logProbability: Float32Array.from(found, ({ decision }) => decision.logProbability),
    episode: Int32Array.from(found, ({ episode }) => episode),
    queries: queriesOf(found, episodes.length),
  }
  for (const [index, { decision }] of found.entries()) {
    rows.context.set(decision.context, index * contextSize)
    rows.candidates.set(decision.candidates, (starts[index] as number) * candidateSize)
    rows.base.set(decision.base, starts[index] as number)
  }
  return rows
}

/** Once for each episode, not for each decision: 1.5 kB each. */
function queriesOf(
  found: readonly { readonly decision: ScoredDecision; readonly episode: number }[],
  episodes: number,
): Float32Array {
  const size = found.find(({ decision }) => decision.query)?.decision.query?.length ?? 0
  const queries = new Float32Array(size * episodes)
  for (const { decision, episode } of found) if (decision.query) queries.set(decision.query, size * episode)
  return queries
}

/** The arrays of `rows`, to be handed to another thread without copying. */
export const buffersOf = (rows: DecisionRows): ArrayBuffer[] =>
  [
    rows.context,
    rows.candidates,
    rows.base,
    rows.starts,
    rows.taken,
    rows.logProbability,
    rows.episode,
    rows.queries,
  ].map((array) => array.buffer as ArrayBuffer)
