/**
 * @file Decisions of many episodes as columns: few large arrays, which threads share and batches take from cheaply.
 *
 * Candidates of all decisions lie one after the other; `starts` says where each decision's begin.
 */
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
  /** Numbers of a question's embedding; 0 where no network reads it. */
  readonly querySize: number
  /** [episodes x querySize]: once for each episode, not for each decision. */
  readonly queries: Float32Array
}

export interface RowSizes {
  readonly contextSize: number
  readonly candidateSize: number
}

// Shared memory: the threads that play and those that learn see the same bytes, none copies them.
const numbers = (count: number) => new Float32Array(new SharedArrayBuffer(4 * count))
const integers = (count: number) => new Int32Array(new SharedArrayBuffer(4 * count))

/** The decisions of one level. */
export function toDecisionRows(
  episodes: readonly Episode[],
  level: 'planner' | 'executor',
  { contextSize, candidateSize }: RowSizes,
): DecisionRows {
  const found = episodes.flatMap(({ decisions }, episode) =>
    decisions.filter((one) => one.level === level).map(({ decision }) => ({ decision, episode })),
  )
  const starts = integers(found.length + 1)
  for (const [index, { decision }] of found.entries()) starts[index + 1] = (starts[index] as number) + decision.count
  const total = starts[found.length] as number
  const querySize = found.find(({ decision }) => decision.query)?.decision.query?.length ?? 0
  const rows: DecisionRows = {
    count: found.length,
    contextSize,
    candidateSize,
    context: numbers(found.length * contextSize),
    candidates: numbers(total * candidateSize),
    base: numbers(total),
    starts,
    taken: integers(found.length),
    logProbability: numbers(found.length),
    episode: integers(found.length),
    querySize,
    queries: numbers(episodes.length * querySize),
  }
  for (const [index, { decision, episode }] of found.entries()) {
    rows.context.set(decision.context, index * contextSize)
    rows.candidates.set(decision.candidates, (starts[index] as number) * candidateSize)
    rows.base.set(decision.base, starts[index] as number)
    rows.taken[index] = decision.taken
    rows.logProbability[index] = decision.logProbability
    rows.episode[index] = episode
    if (decision.query) rows.queries.set(decision.query, episode * querySize)
  }
  return rows
}
