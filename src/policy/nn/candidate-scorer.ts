/**
 * @file Makes the candidate scorer (see candidate-scorer-shapes.ts) in vector instructions, or plain where there are none.
 *
 * Both forms agree to 1e-5; each gives the same bits every time.
 */
import { type CandidateScorer, type CandidateScorerConfig, defaultHidden } from './candidate-scorer-shapes.ts'
import { createScalarCandidateScorer } from './scalar-candidate-scorer.ts'
import { openSimdSpace } from './simd/index.ts'
import { createSimdCandidateScorer } from './simd-candidate-scorer.ts'

/** Copies `parameters`. Throws `INVARIANT_VIOLATED` if their number does not fit. */
export function createCandidateScorer(config: CandidateScorerConfig, parameters: Float32Array): CandidateScorer {
  const { hidden = defaultHidden } = config
  const space = hidden % 4 === 0 ? openSimdSpace() : null
  if (space) return createSimdCandidateScorer(config, parameters, space)
  return createScalarCandidateScorer(config, parameters.slice())
}
