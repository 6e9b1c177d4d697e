/**
 * @file The candidate scorer of `policy/nn`, batched: rows of up to `places` candidates each, the rest masked.
 *
 * The formulas stand in `policy/nn/candidate-scorer.ts`; both sides are held together within 1e-5. A row in which nothing is
 * allowed (padding of a batch) gives finite numbers.
 */
import { type CandidateScorerConfig, candidateScorerShapes } from '../../../policy/index.ts'
import { np, type Tensor } from './jax.ts'
import { attention, block, film, linear, project, rectifiedLinear } from './layers.ts'
import type { Trainable, Weights } from './trainable.ts'

export interface BatchedScorerConfig extends CandidateScorerConfig {
  /** Most candidates of a row. */
  readonly places: number
}

/** Inputs `context` [rows, C], `candidates` [rows, places, F], `mask` and `base` [rows, places]; to logits [rows, places]. */
export function candidateLogits(weights: Weights, inputs: Weights): Tensor {
  const context = block(weights, 'context', inputs('context'))
  const keys = block(weights, 'candidate', inputs('candidates'))
  const query = project(context.ref, weights('query.weight'))
  const pool = attention(query, { keys: keys.ref, mask: inputs('mask') })
  const joint = np.concatenate([context, pool], -1)
  const gamma = linear(weights, 'film.gamma', joint.ref).add(1)
  const beta = linear(weights, 'film.beta', joint)
  const inner = rectifiedLinear(weights, 'hidden', film(keys, { gamma, beta }))
  const base = inputs('base')
  const correction = project(inner, weights('output.weight')).reshape(base.shape)
  return base.mul(np.exp(weights('base.scale'))).add(correction)
}

/** The scorer alone, without a critic. */
export function candidateScorer(config: BatchedScorerConfig): Trainable {
  const { places, contextSize, candidateSize } = config
  return {
    shapes: candidateScorerShapes(config),
    places,
    inputs: { context: [contextSize], candidates: [places, candidateSize], mask: [places], base: [places] },
    forward: (weights, inputs) => ({ logits: candidateLogits(weights, inputs), values: null }),
  }
}
