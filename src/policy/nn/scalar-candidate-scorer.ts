/**
 * @file The candidate scorer in plain loops and double precision: what the vector form is held against, and what serves where
 * the platform has no vector instructions.
 */
import { createAttention } from './attention.ts'
import { namedBlock, namedLinear } from './blocks.ts'
import {
  type CandidateScorer,
  type CandidateScorerConfig,
  candidateScorerShapes,
  defaultHidden,
} from './candidate-scorer-shapes.ts'
import { createFilm } from './film.ts'
import { createLinear } from './linear.ts'
import { createLogits } from './logits.ts'
import { tensorOf, viewsOf } from './tensors.ts'

/** Reads `parameters` as they are at each call. Throws `INVARIANT_VIOLATED` if their number does not fit. */
export function createScalarCandidateScorer(config: CandidateScorerConfig, parameters: Float32Array): CandidateScorer {
  const { hidden = defaultHidden } = config
  const tensors = viewsOf(candidateScorerShapes(config), parameters)
  const joint = new Float32Array(2 * hidden)
  const pool = joint.subarray(hidden)
  const [query, gamma, beta] = [new Float32Array(hidden), new Float32Array(hidden), new Float32Array(hidden)]
  const contextBlock = namedBlock(tensors, 'context')
  const candidateBlock = namedBlock(tensors, 'candidate')
  const queryLayer = createLinear({ weight: tensorOf(tensors, 'query.weight'), bias: null, outputs: hidden })
  const attend = createAttention({ query })
  const gammaLayer = namedLinear(tensors, 'film.gamma')
  const betaLayer = namedLinear(tensors, 'film.beta')
  const modulate = createFilm({ gamma, beta })
  const hiddenLayer = namedLinear(tensors, 'hidden', 'relu')
  const outputLayer = createLinear({ weight: tensorOf(tensors, 'output.weight'), bias: null, outputs: 1 })
  const logScale = tensorOf(tensors, 'base.scale')
  let keys = new Float32Array(16 * hidden)
  let inner = new Float32Array(16 * hidden)
  const logitsOf = createLogits()

  return {
    score({ context, candidates, count, base }) {
      if (count * hidden > keys.length) {
        keys = new Float32Array(2 * count * hidden)
        inner = new Float32Array(2 * count * hidden)
      }
      const logits = logitsOf(count)
      contextBlock(context, joint, 1)
      candidateBlock(candidates, keys, count)
      queryLayer(joint, query, 1)
      attend(keys, pool, count)
      gammaLayer(joint, gamma, 1)
      for (let index = 0; index < hidden; index += 1) gamma[index]! += 1
      betaLayer(joint, beta, 1)
      modulate(keys, keys, count)
      hiddenLayer(keys, inner, count)
      outputLayer(inner, logits, count)
      const scale = Math.exp(logScale[0]!)
      for (let index = 0; index < count; index += 1) logits[index]! += scale * base[index]!
      return logits
    },
  }
}
