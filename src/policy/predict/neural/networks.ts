/**
 * @file The two networks of the price list: shapes that training shares, and forward passes.
 *
 * - latency, one row per model: features [latencySize] -> 32 -> 32 (rectified) -> quantiles of
 *   ln(time to the first token / idle) and of ln(time per further token / idle). Waiting counts as time to the first token.
 * - length, one row per arm: relu(query part + arm part) -> 32 -> quantiles of ln(output tokens / prior mean). The query part
 *   is affine in [hand features, kind, importance, domain, prompt] and a 16-number projection of the embedding; the arm part in
 *   what is known of model and depth. Parted so, the first is computed once per query and the second once per arm.
 *
 * Targets are ratios to the profile's prior and no feature names a model, so that the networks serve pools they never saw.
 * Cost for five models: 13,000 + 22,000 multiplications, less what is kept.
 */

import type { Random } from '../../../core/index.ts'
import { initialise, linearShapes, type NetworkShapes, namedLinear, type Tensors, viewsOf } from '../../nn/index.ts'
import { armSize, embeddingSize, latencySize, querySize } from './features.ts'
import { levelCount, toQuantiles } from './quantiles.ts'

export const hiddenSize = 32
export const projectedSize = 16

export const latencyShapes: NetworkShapes = [
  ...linearShapes('latency.input', { inputs: latencySize, outputs: hiddenSize }),
  ...linearShapes('latency.hidden', { inputs: hiddenSize, outputs: hiddenSize }),
  ...linearShapes('latency.quantiles', { inputs: hiddenSize, outputs: 2 * levelCount, start: 'lecun' }),
]

export const lengthShapes: NetworkShapes = [
  ...linearShapes('length.text', { inputs: embeddingSize, outputs: projectedSize, start: 'lecun' }),
  ...linearShapes('length.query', { inputs: projectedSize + querySize, outputs: hiddenSize }),
  ...linearShapes('length.arm', { inputs: armSize, outputs: hiddenSize }),
  ...linearShapes('length.hidden', { inputs: hiddenSize, outputs: hiddenSize }),
  ...linearShapes('length.quantiles', { inputs: hiddenSize, outputs: levelCount, start: 'lecun' }),
]

/** Parameters of both networks, each in the order of its shapes. */
export interface PredictorWeights {
  readonly latency: Float32Array
  readonly length: Float32Array
}

/** Fresh weights; the same draws give the same ones. */
export const initialWeights = (random: Random): PredictorWeights => ({
  latency: initialise(latencyShapes, random),
  length: initialise(lengthShapes, random),
})

/** `features` [rows, latencySize] -> `quantiles` [rows, 2, levelCount]: first token, then further tokens. Logs of ratios. */
export type LatencyNetwork = (features: Float32Array, quantiles: Float32Array, rows: number) => void

export function createLatencyNetwork(weights: Float32Array, mostRows = 1): LatencyNetwork {
  const tensors = viewsOf(latencyShapes, weights)
  const input = namedLinear(tensors, 'latency.input', 'relu')
  const hidden = namedLinear(tensors, 'latency.hidden', 'relu')
  const head = namedLinear(tensors, 'latency.quantiles')
  const first = new Float32Array(mostRows * hiddenSize)
  const second = new Float32Array(mostRows * hiddenSize)
  return (features, quantiles, rows) => {
    input(features, first, rows)
    hidden(first, second, rows)
    head(second, quantiles, rows)
    for (let block = 0; block < 2 * rows; block += 1) toQuantiles(quantiles, block * levelCount)
  }
}

export interface LengthNetwork {
  /** `embedding` [embeddingSize], `features` [querySize] -> `part` [hiddenSize]. */
  queryPart(embedding: Float32Array, features: Float32Array, part: Float32Array): void
  /** `features` [armSize] -> `part` [hiddenSize]. */
  armPart(features: Float32Array, part: Float32Array): void
  /** Quantiles [levelCount] from both parts. */
  quantiles(queryPart: Float32Array, armPart: Float32Array, quantiles: Float32Array): void
}

export function createLengthNetwork(weights: Float32Array): LengthNetwork {
  const tensors: Tensors = viewsOf(lengthShapes, weights)
  const text = namedLinear(tensors, 'length.text')
  const query = namedLinear(tensors, 'length.query')
  const arm = namedLinear(tensors, 'length.arm')
  const hidden = namedLinear(tensors, 'length.hidden', 'relu')
  const head = namedLinear(tensors, 'length.quantiles')
  const joined = new Float32Array(projectedSize + querySize)
  const sum = new Float32Array(hiddenSize)
  const second = new Float32Array(hiddenSize)
  return {
    queryPart: (embedding, features, part) => {
      text(embedding, joined, 1)
      joined.set(features, projectedSize)
      query(joined, part, 1)
    },
    armPart: (features, part) => arm(features, part, 1),
    quantiles: (queryPart, armPart, quantiles) => {
      for (let unit = 0; unit < hiddenSize; unit += 1) sum[unit] = Math.max(0, queryPart[unit]! + armPart[unit]!)
      hidden(sum, second, 1)
      head(second, quantiles, 1)
      toQuantiles(quantiles, 0)
    },
  }
}
