import { beforeAll, describe, expect, it } from 'vitest'
import { createRandom } from '../../../core/index.ts'
import {
  armSize,
  createLatencyNetwork,
  createLengthNetwork,
  embeddingSize,
  hiddenSize,
  initialWeights,
  latencySize,
  levelCount,
  quantileLevels,
  querySize,
  toQuantiles,
} from '../../../policy/index.ts'
import { jit, np, startJax, type Tensor, valueAndGrad } from '../networks/index.ts'
import { latencyLoss, latencyQuantiles, lengthLoss, lengthQuantiles } from './jax-networks.ts'
import { monotone, pinball, pinballOf } from './pinball.ts'

beforeAll(startJax)

const random = createRandom(5)
const draws = (count: number, scale = 1) => Float32Array.from({ length: count }, () => scale * random.normal())
const rowsOf = (values: Float32Array, rows: number): Tensor => np.array(values).reshape([rows, values.length / rows])

/** Slope of `loss` along `direction`, by central differences. */
function slopeAlong(loss: (flat: Float32Array) => number, at: Float32Array, direction: Float32Array): number {
  const step = 1e-2
  const moved = (sign: number) => loss(at.map((value, place) => value + sign * step * direction[place]!))
  return (moved(1) - moved(-1)) / (2 * step)
}

/** Largest difference of two arrays. */
const furthest = (a: ArrayLike<number>, b: Float32Array) =>
  b.reduce((most, value, place) => Math.max(most, Math.abs(value - a[place]!)), 0)

const dot = (a: ArrayLike<number>, b: Float32Array) => b.reduce((sum, value, place) => sum + value * a[place]!, 0)

describe('the pinball loss', () => {
  it('has the gradient of its finite differences', () => {
    const targets = [0.3, -1.2, 2]
    const quantiles = draws(3 * levelCount)
    const loss = (flat: Tensor) => np.mean(pinball(flat.reshape([3, levelCount]), np.array(targets).reshape([3, 1])))
    const [value, gradient] = valueAndGrad(loss)(np.array(quantiles))
    const inDoubles = (flat: Float32Array) =>
      targets.reduce(
        (sum, target, row) =>
          sum + pinballOf((p) => flat[row * levelCount + quantileLevels.indexOf(p)]!, target) / targets.length,
        0,
      )
    expect(value.js()).toBeCloseTo(inDoubles(quantiles), 6)
    const slopes = gradient.dataSync()
    for (let place = 0; place < quantiles.length; place += 1) {
      const unit = new Float32Array(quantiles.length)
      unit[place] = 1
      expect(slopes[place]).toBeCloseTo(slopeAlong(inDoubles, quantiles, unit), 3)
    }
  })

  it('is least at the quantiles of what is seen', () => {
    const seen = Array.from({ length: 4000 }, () => random.normal())
    const sorted = seen.toSorted((a, b) => a - b)
    const lossAt = (by: number) =>
      seen.reduce((sum, value) => sum + pinballOf((p) => sorted[Math.floor(p * sorted.length)]! + by, value), 0)
    expect(lossAt(0)).toBeLessThan(lossAt(0.1))
    expect(lossAt(0)).toBeLessThan(lossAt(-0.1))
  })
})

describe('what trains and what serves', () => {
  it('have the same monotone head', () => {
    const outputs = draws(400 * levelCount, 2)
    const trained = monotone(rowsOf(outputs, 400)).dataSync()
    const served = outputs.slice()
    for (let row = 0; row < 400; row += 1) toQuantiles(served, row * levelCount)
    expect(furthest(trained, served)).toBeLessThanOrEqual(1e-5)
  })

  it('give the same latency quantiles within 1e-5', () => {
    const rows = 8
    const weights = initialWeights(random).latency
    const features = draws(rows * latencySize, 0.4)
    const served = new Float32Array(rows * 2 * levelCount)
    createLatencyNetwork(weights, rows)(features, served, rows)
    const trained = latencyQuantiles(np.array(weights), rowsOf(features, rows)).dataSync()
    expect(furthest(trained, served)).toBeLessThanOrEqual(1e-5)
  })

  it('give the same length quantiles within 1e-5', () => {
    const rows = 8
    const weights = initialWeights(random).length
    const [embedding, query, arm] = [
      draws(rows * embeddingSize, 0.05),
      draws(rows * querySize, 0.4),
      draws(rows * armSize, 0.4),
    ] as const
    const network = createLengthNetwork(weights)
    const inputs = [rowsOf(embedding, rows), rowsOf(query, rows), rowsOf(arm, rows)] as const
    const trained = lengthQuantiles(np.array(weights), inputs).dataSync()
    const [queryPart, armPart, served] = [
      new Float32Array(hiddenSize),
      new Float32Array(hiddenSize),
      new Float32Array(levelCount),
    ]
    for (let row = 0; row < rows; row += 1) {
      const of = (values: Float32Array, size: number) => values.subarray(row * size, (row + 1) * size)
      network.queryPart(of(embedding, embeddingSize), of(query, querySize), queryPart)
      network.armPart(of(arm, armSize), armPart)
      network.quantiles(queryPart, armPart, served)
      expect(furthest(trained.slice(row * levelCount, (row + 1) * levelCount), served)).toBeLessThanOrEqual(1e-5)
    }
  })
})

describe('the losses of the networks', () => {
  const rows = 16

  it('have the gradients of their finite differences, and pass over what was not seen', () => {
    const weights = initialWeights(random).latency
    const features = draws(rows * latencySize, 0.4)
    const targets = draws(rows * 2)
    const seen = Float32Array.from({ length: rows * 2 }, (_, place) => (place % 3 === 0 ? 0 : 1))
    const loss = jit(latencyLoss)
    const lossOf = (flat: Float32Array, wanted = targets) =>
      Number(loss(np.array(flat), rowsOf(features, rows), rowsOf(wanted, rows), rowsOf(seen, rows)).js())
    const spoilt = targets.map((value, place) => (seen[place] === 0 ? 1e3 : value))
    expect(lossOf(weights, spoilt)).toBeCloseTo(lossOf(weights), 5)
    const [, gradient] = valueAndGrad(latencyLoss)(
      np.array(weights),
      rowsOf(features, rows),
      rowsOf(targets, rows),
      rowsOf(seen, rows),
    )
    const slopes = gradient.dataSync()
    const direction = draws(weights.length, 0.02)
    expect(dot(slopes, direction)).toBeCloseTo(slopeAlong(lossOf, weights, direction), 2)
  })

  it('reach every tensor of the length network', () => {
    const weights = initialWeights(random).length
    const inputs = [
      draws(rows * embeddingSize, 0.05),
      draws(rows * querySize, 0.4),
      draws(rows * armSize, 0.4),
    ] as const
    const targets = draws(rows)
    const loss = (flat: Tensor) =>
      lengthLoss(
        flat,
        [rowsOf(inputs[0], rows), rowsOf(inputs[1], rows), rowsOf(inputs[2], rows)],
        rowsOf(targets, rows),
        np.ones([rows]),
      )
    const [, gradient] = valueAndGrad(loss)(np.array(weights))
    const slopes = gradient.dataSync()
    const lossOf = (flat: Float32Array) => Number(loss(np.array(flat)).js())
    const direction = draws(weights.length, 0.02)
    expect(dot(slopes, direction)).toBeCloseTo(slopeAlong(lossOf, weights, direction), 2)
    // First and last weights: text projection and head.
    expect(Array.from(slopes.slice(0, 100) as Float32Array).some((slope) => slope !== 0)).toBe(true)
    expect(slopes.at(-1)).not.toBe(0)
  })
})
