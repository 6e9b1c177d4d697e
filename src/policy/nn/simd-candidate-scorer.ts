/**
 * @file The candidate scorer in vector instructions: some six times as fast as in plain loops.
 *
 * Step by step what scalar-candidate-scorer.ts does, in memory of its own: weights are copied when it is made. The pool of
 * the candidates is an affine layer too, whose weights are the candidates and whose input is the attention they get.
 */
import {
  type CandidateScorer,
  type CandidateScorerConfig,
  candidateScorerShapes,
  defaultHidden,
} from './candidate-scorer-shapes.ts'
import { createLogits } from './logits.ts'
import { placeLinear, placeNamedBlock, placeNamedLinear, SimdSpace } from './simd/index.ts'
import { softmax } from './softmax.ts'
import { tensorOf, viewsOf } from './tensors.ts'

/** Copies `parameters` into `space`, its own. `hidden`: a multiple of 4. Throws `INVARIANT_VIOLATED` if their number does not fit. */
export function createSimdCandidateScorer(
  config: CandidateScorerConfig,
  parameters: Float32Array,
  space: SimdSpace = new SimdSpace(),
): CandidateScorer {
  const { contextSize, candidateSize, hidden = defaultHidden } = config
  const tensors = viewsOf(candidateScorerShapes(config), parameters)
  const network = { space, tensors }
  const contextBlock = placeNamedBlock(network, 'context')
  const candidateBlock = placeNamedBlock(network, 'candidate')
  const queryLayer = placeLinear(space, { weight: tensorOf(tensors, 'query.weight'), bias: null, outputs: hidden })
  // gamma = 1 + ...: the 1 is part of the bias.
  const gammaLayer = placeLinear(space, {
    weight: tensorOf(tensors, 'film.gamma.weight'),
    bias: tensorOf(tensors, 'film.gamma.bias').map((bias) => 1 + bias),
    outputs: hidden,
  })
  const betaLayer = placeNamedLinear(network, 'film.beta')
  const hiddenLayer = placeNamedLinear(network, 'hidden', 'relu')
  const outputWeight = space.place(tensorOf(tensors, 'output.weight'))
  const scale = Math.exp(tensorOf(tensors, 'base.scale')[0]!)
  const [contextAt, joint] = [space.take(contextSize), space.take(2 * hidden)]
  const [query, gamma, beta] = [space.take(hidden), space.take(hidden), space.take(hidden)]
  const noBias = space.take(hidden)
  const rowBytes = 4 * hidden
  const pool = joint + rowBytes
  const { affine, modulate, products } = space.kernels
  let room = makeRoom(space, { count: 16, candidateSize, hidden })
  const logitsOf = createLogits()

  return {
    score({ context, candidates, count, base }) {
      if (count > room.count) room = makeRoom(space, { count: 2 * count, candidateSize, hidden })
      const { rows, keys, inner, scores, scoresSeen } = room
      space.write(context, contextSize, contextAt)
      space.write(candidates, count * candidateSize, rows)
      contextBlock(contextAt, joint, 1)
      candidateBlock(rows, keys, count)
      queryLayer(joint, query, 1)
      products(keys, query, scores, count, rowBytes, 1 / Math.sqrt(hidden))
      softmax(scoresSeen, scoresSeen, count)
      affine(scores, keys, noBias, pool, 1, 4 * count, rowBytes, Number.NEGATIVE_INFINITY)
      gammaLayer(joint, gamma, 1)
      betaLayer(joint, beta, 1)
      modulate(keys, gamma, beta, count, rowBytes)
      hiddenLayer(keys, inner, count)
      products(inner, outputWeight, scores, count, rowBytes, 1)
      const logits = logitsOf(count)
      for (let index = 0; index < count; index += 1) logits[index] = scoresSeen[index]! + scale * base[index]!
      return logits
    },
  }
}

/** Places for so many candidates. */
function makeRoom(
  space: SimdSpace,
  { count, candidateSize, hidden }: { readonly count: number; readonly candidateSize: number; readonly hidden: number },
) {
  const rows = space.take(count * candidateSize)
  const [keys, inner, scores] = [space.take(count * hidden), space.take(count * hidden), space.take(count)]
  return { count, rows, keys, inner, scores, scoresSeen: space.view(scores, count) }
}
