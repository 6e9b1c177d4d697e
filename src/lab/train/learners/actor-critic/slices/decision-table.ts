/** @file Decisions of many twins addressed by one number each, with what is to be learnt from each. */
import type { ScoredDecision } from '../../../../../policy/index.ts'
import type { DecisionRows } from '../../../rollouts/index.ts'

export interface DecisionTable {
  readonly count: number
  /** Views, not copies. */
  decision(index: number): ScoredDecision
  /** Twin of each decision. */
  readonly groups: Int32Array
  /** Place of each decision within its twin. */
  readonly places: Int32Array
}

/** What a row is learnt from, one number (of `privileged`: some) for each decision of a table. */
export interface DecisionLabels {
  readonly advantages: Float32Array
  readonly rewards: Float32Array
  /** [count x privilegedSize]; empty where no critic sees more than the policy. */
  readonly privileged: Float32Array
}

/** `rows`: one of each twin. */
export function createDecisionTable(rows: readonly DecisionRows[]): DecisionTable {
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
  return {
    count,
    groups,
    places,
    decision: (at) => viewOf(rows[groups[at] as number] as DecisionRows, places[at] as number),
  }
}

function viewOf(rows: DecisionRows, place: number): ScoredDecision {
  const { contextSize, candidateSize, starts, querySize } = rows
  const [start, end] = [starts[place] as number, starts[place + 1] as number]
  const queryAt = querySize * (rows.episode[place] as number)
  return {
    context: rows.context.subarray(place * contextSize, (place + 1) * contextSize),
    candidates: rows.candidates.subarray(start * candidateSize, end * candidateSize),
    count: end - start,
    base: rows.base.subarray(start, end),
    taken: rows.taken[place] as number,
    logProbability: rows.logProbability[place] as number,
    ...(querySize > 0 && { query: rows.queries.subarray(queryAt, queryAt + querySize) }),
  }
}
