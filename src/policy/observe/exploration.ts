/** @file How a learned policy takes one of its candidates: the best in serving, at random by its logits in training. */
import type { Random } from '../../core/index.ts'
import { argmax, type DecisionSink, logProbabilityOf, type ScoredDecision, sampleCategorical } from '../nn/index.ts'

/** Given in training alone. */
export interface Exploration {
  readonly random: Random
  readonly sink: DecisionSink
}

export interface Scored {
  readonly level: 'planner' | 'executor'
  readonly runId: string
  /** As long as there are candidates. */
  readonly logits: Float32Array
  /** Copies are taken, but of `query`. */
  readonly seen: Pick<ScoredDecision, 'context' | 'candidates' | 'count' | 'base' | 'query'>
  readonly candidateSize: number
}

/** Place of the candidate to take. */
export function takeCandidate(scored: Scored, exploration: Exploration | undefined): number {
  const { level, runId, logits, seen, candidateSize } = scored
  if (!exploration) return argmax(logits)
  const taken = sampleCategorical(logits, exploration.random.uniform())
  // With one candidate nothing was decided.
  if (seen.count > 1)
    exploration.sink.decided(level, runId, {
      context: seen.context.slice(),
      candidates: seen.candidates.slice(0, seen.count * candidateSize),
      count: seen.count,
      base: seen.base.slice(0, seen.count),
      taken,
      logProbability: logProbabilityOf(logits, taken),
      ...(seen.query && { query: seen.query }),
    })
  return taken
}
