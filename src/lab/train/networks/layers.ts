/**
 * @file The layers of `policy/nn` once more, for whole batches and with derivatives: same names, same numbers within 1e-5.
 *
 * All of them use up the arrays they are given; the last axis is the one they work on.
 */
import { layerNormEpsilon } from '../../../policy/index.ts'
import { nn, np, type Tensor } from './jax.ts'
import type { Weights } from './trainable.ts'

/** x W, over the last axis, whatever stands before it. */
export function project(x: Tensor, weight: Tensor): Tensor {
  const [inputs, outputs] = weight.shape as [number, number]
  const rows = x.shape.slice(0, -1)
  // As one matrix: a product of a batch of matrices would be summed matrix by matrix.
  return np.matmul(x.reshape([-1, inputs]), weight).reshape([...rows, outputs])
}

/** x W + b of the layer `name`. */
export const linear = (weights: Weights, name: string, x: Tensor): Tensor =>
  project(x, weights(`${name}.weight`)).add(weights(`${name}.bias`))

/** max(0, x), written as a selection: fused behind a product it is twice as fast as the library's own. */
export const rectify = (x: Tensor): Tensor => x.ref.mul(x.greater(0))

export const rectifiedLinear = (weights: Weights, name: string, x: Tensor): Tensor => rectify(linear(weights, name, x))

/** (x - mean) / sqrt(variance + 1e-5) * scale + shift. */
export function layerNorm(x: Tensor, { scale, shift }: { scale: Tensor; shift: Tensor }): Tensor {
  const distance = x.ref.sub(np.mean(x, -1, { keepdims: true }))
  const variance = np.mean(np.square(distance.ref), -1, { keepdims: true })
  return distance
    .div(np.sqrt(variance.add(layerNormEpsilon)))
    .mul(scale)
    .add(shift)
}

/** LN(relu(x W + b)) of the block `name`. */
export const block = (weights: Weights, name: string, x: Tensor): Tensor =>
  layerNorm(rectifiedLinear(weights, name, x), {
    scale: weights(`${name}.norm.scale`),
    shift: weights(`${name}.norm.shift`),
  })

/** Logits with -1e9 wherever `mask` is 0. */
export const masked = (logits: Tensor, mask: Tensor): Tensor => logits.mul(mask.ref).add(mask.sub(1).mul(1e9))

/** One query over the allowed keys: `query` [rows, size], `keys` [rows, places, size], `mask` [rows, places]; to [rows, size]. */
export function attention(query: Tensor, { keys, mask }: { keys: Tensor; mask: Tensor }): Tensor {
  const [rows, places, size] = keys.shape as [number, number, number]
  const products = np.sum(keys.ref.mul(query.reshape([rows, 1, size])), -1).div(Math.sqrt(size))
  const shares = nn.softmax(masked(products, mask), -1)
  return np.sum(keys.mul(shares.reshape([rows, places, 1])), 1)
}

/** gamma * x + beta: `gamma`, `beta` [rows, size] for all places of `x` [rows, places, size]. */
export function film(x: Tensor, { gamma, beta }: { gamma: Tensor; beta: Tensor }): Tensor {
  const [rows, , size] = x.shape as [number, number, number]
  return x.mul(gamma.reshape([rows, 1, size])).add(beta.reshape([rows, 1, size]))
}
