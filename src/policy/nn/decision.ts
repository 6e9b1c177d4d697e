/**
 * @file One decision of a learned policy, as a learner needs it: what was seen, what could be taken, what was taken.
 *
 * Planner and executor both score a set of candidates (teams; arms and stopping), so one form serves both. The numbers are
 * the network's own inputs, already normalised: what is trained on is, bit for bit, what was decided on.
 */
export interface ScoredDecision {
  /** [contextSize]. */
  readonly context: Float32Array
  /** [count x candidateSize], row by row: allowed candidates only. */
  readonly candidates: Float32Array
  readonly count: number
  /** [count]: score of the base policy over its temperature, to which the network adds; zeros where there is no base. */
  readonly base: Float32Array
  /** Place of the one taken, below `count`. */
  readonly taken: number
  /** Of the one taken, under the policy that acted. */
  readonly logProbability: number
  /** Embedding of the question, where the network reads it: shared by the decisions of a query, not copied. */
  readonly query?: Float32Array
}

/** Hears decisions while a policy explores; never in serving. */
export interface DecisionSink {
  decided(level: 'planner' | 'executor', runId: string, decision: ScoredDecision): void
}
