/**
 * @file The predictors' networks and losses in jax-js, over the same shapes as those that serve.
 *
 * Parameters are one flat array, cut into tensors inside the function that is differentiated, so that the gradient is flat
 * too. A target that was not seen has weight 0. Arrays are counted by reference: what a function takes it uses up.
 */
import { nn, numpy as np } from '@jax-js/jax'
import { invariant } from '../../../core/index.ts'
import { elementsOf, latencyShapes, lengthShapes, levelCount, type NetworkShapes } from '../../../policy/index.ts'
import { monotone, pinball } from './pinball.ts'

type JaxArray = np.Array

/** The tensors of flat parameters, each handed out with a count of its own and once only. */
function cut(flat: JaxArray, shapes: NetworkShapes): (name: string) => JaxArray {
  const tensors = new Map<string, JaxArray>()
  let from = 0
  for (const shape of shapes) {
    const to = from + elementsOf(shape)
    tensors.set(shape.name, flat.ref.slice([from, to]).reshape([...shape.shape]))
    from = to
  }
  flat.dispose()
  return (name) => {
    const tensor = tensors.get(name)
    invariant(tensor !== undefined, `no tensor is named ${name}`)
    tensors.delete(name)
    return tensor
  }
}

const affine = (take: (name: string) => JaxArray, name: string, input: JaxArray): JaxArray =>
  np.matmul(input, take(`${name}.weight`)).add(take(`${name}.bias`))

/** `features` [rows, latencySize] -> quantiles [rows, 2 levelCount]: first token, then further tokens. */
export function latencyQuantiles(flat: JaxArray, features: JaxArray): JaxArray {
  const take = cut(flat, latencyShapes)
  const first = nn.relu(affine(take, 'latency.input', features))
  const second = nn.relu(affine(take, 'latency.hidden', first))
  const outputs = affine(take, 'latency.quantiles', second)
  const ttft = monotone(outputs.ref.slice([], [0, levelCount]))
  const tpot = monotone(outputs.slice([], [levelCount, 2 * levelCount]))
  return np.concatenate([ttft, tpot], 1)
}

/** Embeddings [rows, 384], query and arm features -> quantiles [rows, levelCount]. */
export function lengthQuantiles(flat: JaxArray, inputs: readonly [JaxArray, JaxArray, JaxArray]): JaxArray {
  const [embedding, query, arm] = inputs
  const take = cut(flat, lengthShapes)
  const text = affine(take, 'length.text', embedding)
  const queryPart = affine(take, 'length.query', np.concatenate([text, query], 1))
  const first = nn.relu(queryPart.add(affine(take, 'length.arm', arm)))
  const second = nn.relu(affine(take, 'length.hidden', first))
  return monotone(affine(take, 'length.quantiles', second))
}

const weightedMean = (losses: JaxArray, weights: JaxArray): JaxArray =>
  np.sum(losses.mul(weights.ref)).div(np.maximum(np.sum(weights), 1))

/** `targets`, `weights`: [rows, 2], first token and further tokens. */
export function latencyLoss(flat: JaxArray, features: JaxArray, targets: JaxArray, weights: JaxArray): JaxArray {
  const quantiles = latencyQuantiles(flat, features)
  const column = (array: JaxArray, place: number) => array.slice([], [place, place + 1])
  const ttft = pinball(quantiles.ref.slice([], [0, levelCount]), column(targets.ref, 0))
  const tpot = pinball(quantiles.slice([], [levelCount, 2 * levelCount]), column(targets, 1))
  const ttftWeights = weights.ref.slice([], 0)
  return weightedMean(ttft, ttftWeights).add(weightedMean(tpot, weights.slice([], 1)))
}

/** `targets`: [rows, 1]; `weights`: [rows]. */
export function lengthLoss(
  flat: JaxArray,
  inputs: readonly [JaxArray, JaxArray, JaxArray],
  targets: JaxArray,
  weights: JaxArray,
): JaxArray {
  return weightedMean(pinball(lengthQuantiles(flat, inputs), targets), weights)
}
