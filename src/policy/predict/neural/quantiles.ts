/**
 * @file Quantiles as a network gives them, and what is read off them.
 *
 * A head has one number per level. The first is the lowest quantile as it is, every further one adds softplus of its number:
 * so quantiles cannot cross, whatever the weights. All quantiles here are of a logarithm. Between two levels, and beyond
 * the outer ones, they are joined by straight lines on the scale of the standard normal, on which a lognormal is one line.
 *
 * Source of the increments: monotone quantile heads, e.g. Cannon 2018; quantile (pinball) loss, Koenker and Bassett 1978.
 */
import { normalQuantile } from '../../../core/index.ts'

export const quantileLevels: readonly number[] = [0.1, 0.25, 0.5, 0.75, 0.9, 0.95]
export const levelCount = quantileLevels.length
/** Place of the median among the levels. */
export const medianPlace = 2

const levelZ = Float64Array.from(quantileLevels, normalQuantile)

const softplus = (value: number): number => (value > 30 ? value : Math.log1p(Math.exp(value)))

/** Turns the `levelCount` head outputs that start at `from` into quantiles, in place. */
export function toQuantiles(values: Float32Array, from: number): void {
  for (let level = 1; level < levelCount; level += 1)
    values[from + level] = values[from + level - 1]! + softplus(values[from + level]!)
}

/** The quantile at `p` in (0, 1) of those that start at `from`. */
export function quantileAt(values: Float32Array, from: number, p: number): number {
  const z = normalQuantile(p)
  let upper = 1
  while (upper < levelCount - 1 && z > levelZ[upper]!) upper += 1
  const low = values[from + upper - 1]!
  const slope = (values[from + upper]! - low) / (levelZ[upper]! - levelZ[upper - 1]!)
  return low + slope * (z - levelZ[upper - 1]!)
}

/** Share of probability that each level stands for: trapezoids between levels, the tails given to the outer ones. */
const levelShares = Float64Array.from(quantileLevels, (level, place) => {
  const below = place === 0 ? 0 : (quantileLevels[place - 1]! + level) / 2
  const above = place === levelCount - 1 ? 1 : (level + quantileLevels[place + 1]!) / 2
  return above - below
})

/** Mean of exp of the quantity whose quantiles start at `from`. */
export function meanOfExp(values: Float32Array, from: number): number {
  let mean = 0
  for (let level = 0; level < levelCount; level += 1) mean += levelShares[level]! * Math.exp(values[from + level]!)
  return mean
}

/** Log-spread: least squares of the quantiles' distances from the median on those of a standard normal. */
export function spreadOf(values: Float32Array, from: number): number {
  const median = values[from + medianPlace]!
  let product = 0
  let squares = 0
  for (let level = 0; level < levelCount; level += 1) {
    product += levelZ[level]! * (values[from + level]! - median)
    squares += levelZ[level]! ** 2
  }
  return product / squares
}

/** `shift + LogNormal(mu, sigma)`. */
export interface ShiftedShape {
  shift: number
  mu: number
  sigma: number
}

/**
 * The shifted lognormal that fits `quantiles` [levelCount], ascending and > 0, written into `shape`. The shift makes the
 * distances of 10 % and 90 % from the median those of a lognormal, as far as it stays within 0 and `sureValue`, which must lie below
 * the lowest quantile: values below the shift count as impossible. The spread is then that of least squares over all levels, through
 * the median.
 */
export function fitShifted(quantiles: Float64Array, sureValue: number, shape: ShiftedShape): void {
  const median = quantiles[medianPlace]!
  const below = median - quantiles[0]!
  const above = quantiles[levelCount - 2]! - median
  // Of median - shift = d: (d + above) / d = d / (d - below).
  const free = above > below ? median - (above * below) / (above - below) : 0
  const shift = Math.min(Math.max(free, 0), sureValue)
  const mu = Math.log(median - shift)
  let product = 0
  let squares = 0
  for (let level = 0; level < levelCount; level += 1) {
    const z = levelZ[level]!
    product += z * (Math.log(quantiles[level]! - shift) - mu)
    squares += z * z
  }
  shape.shift = shift
  shape.mu = mu
  shape.sigma = Math.max(product / squares, leastSigma)
}

/** A spread of 0 would make every other value impossible. */
const leastSigma = 0.01
