/**
 * @file The predictors' networks and losses in jax-js, over the same shapes as those that serve.
 *
 * Parameters are one flat array, cut into tensors inside the function that is differentiated, so that the gradient is flat
 * too. A target that was not seen has weight 0. Arrays are counted by reference: what a function takes it uses up.
 */
import { invariant } from '../../../core/index.ts'
import { elementsOf, latencyShapes, lengthShapes, levelCount, type NetworkShapes } from '../../../policy/index.ts'
import { linear, nn, np, rectifiedLinear, type Tensor, type Weights } from '../networks/index.ts'
import { monotone, pinball } from './pinball.ts'

/** The tensors of flat parameters, each handed out with a count of its own and once only. */
function cut(flat: Tensor, shapes: NetworkShapes): Weights {
  const tensors = new Map<string, Tensor>()
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

/** `features` [rows, latencySize] -> quantiles [rows, 2 levelCount]: first token, then further tokens. */
export function latencyQuantiles(flat: Tensor, features: Tensor): Tensor {
  const take = cut(flat, latencyShapes)
  const first = rectifiedLinear(take, 'latency.input', features)
  const second = rectifiedLinear(take, 'latency.hidden', first)
  const outputs = linear(take, 'latency.quantiles', second)
  const ttft = monotone(outputs.ref.slice([], [0, levelCount]))
  const tpot = monotone(outputs.slice([], [levelCount, 2 * levelCount]))
  return np.concatenate([ttft, tpot], 1)
}

/** Embeddings [rows, 384], query and arm features -> quantiles [rows, levelCount]. */
export function lengthQuantiles(flat: Tensor, inputs: readonly [Tensor, Tensor, Tensor]): Tensor {
  const [embedding, query, arm] = inputs
  const take = cut(flat, lengthShapes)
  const text = linear(take, 'length.text', embedding)
  const queryPart = linear(take, 'length.query', np.concatenate([text, query], 1))
  const first = nn.relu(queryPart.add(linear(take, 'length.arm', arm)))
  const second = rectifiedLinear(take, 'length.hidden', first)
  return monotone(linear(take, 'length.quantiles', second))
}

const weightedMean = (losses: Tensor, weights: Tensor): Tensor =>
  np.sum(losses.mul(weights.ref)).div(np.maximum(np.sum(weights), 1))

/** `targets`, `weights`: [rows, 2], first token and further tokens. */
export function latencyLoss(flat: Tensor, features: Tensor, targets: Tensor, weights: Tensor): Tensor {
  const quantiles = latencyQuantiles(flat, features)
  const column = (array: Tensor, place: number) => array.slice([], [place, place + 1])
  const ttft = pinball(quantiles.ref.slice([], [0, levelCount]), column(targets.ref, 0))
  const tpot = pinball(quantiles.slice([], [levelCount, 2 * levelCount]), column(targets, 1))
  const ttftWeights = weights.ref.slice([], 0)
  return weightedMean(ttft, ttftWeights).add(weightedMean(tpot, weights.slice([], 1)))
}

/** `targets`: [rows, 1]; `weights`: [rows]. */
export function lengthLoss(
  flat: Tensor,
  inputs: readonly [Tensor, Tensor, Tensor],
  targets: Tensor,
  weights: Tensor,
): Tensor {
  return weightedMean(pinball(lengthQuantiles(flat, inputs), targets), weights)
}
