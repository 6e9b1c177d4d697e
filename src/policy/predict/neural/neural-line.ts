/**
 * @file A line of the price list from quantiles: latency = time to the first token + length x time per token.
 *
 * The parts are taken as independent. A quantile of a product of two adds the squares of their log-distances from the
 * median, one of a sum those of the plain distances: exact for normal parts, and close for ours. A shifted lognormal, the
 * family that planner and executor read, is then fitted to the quantiles of the whole.
 */
import type { PricedArm } from '../priced-arm.ts'
import { fitShifted, levelCount, meanOfExp, medianPlace, type ShiftedShape, spreadOf } from './quantiles.ts'

/** Quantiles of logarithms, [levelCount] each: ms, ms per token, tokens. Corrections are in them. */
export interface ArmQuantiles {
  readonly ttft: Float32Array
  readonly tpot: Float32Array
  readonly length: Float32Array
}

export const emptyQuantiles = (): ArmQuantiles => ({
  ttft: new Float32Array(levelCount),
  tpot: new Float32Array(levelCount),
  length: new Float32Array(levelCount),
})

export interface LineTerms {
  /** The online predictor's line: what the networks say nothing of is taken from it. */
  readonly basis: PricedArm
  readonly quantiles: ArmQuantiles
  readonly capTokens: number
  /** Tracked error of the whole latency: added to mu, and factor on sigma. */
  readonly offset: number
  readonly scale: number
}

/** Part of the lowest quantile of the time to the first token that is taken for sure. */
const sureShare = 0.8

/** A spread of 0 would make every other value impossible. */
const leastSpread = 0.003

const whole = new Float64Array(levelCount)
const shape: ShiftedShape = { shift: 0, mu: 0, sigma: 0 }

/** Quantiles of the whole latency in ms, into `whole`. */
function addUp({ ttft, tpot, length }: ArmQuantiles): void {
  const firstMs = Math.exp(ttft[medianPlace]!)
  const logDecoding = length[medianPlace]! + tpot[medianPlace]!
  const decodingMs = Math.exp(logDecoding)
  for (let level = 0; level < levelCount; level += 1) {
    const side = level < medianPlace ? -1 : 1
    const logDistance = Math.hypot(length[level]! - length[medianPlace]!, tpot[level]! - tpot[medianPlace]!)
    const decoding = Math.exp(logDecoding + side * logDistance) - decodingMs
    whole[level] = firstMs + decodingMs + side * Math.hypot(Math.exp(ttft[level]!) - firstMs, decoding)
  }
}

/** The line, or null where the quantiles do not make one. */
export function lineOf({ basis, quantiles, capTokens, offset, scale }: LineTerms): PricedArm | null {
  addUp(quantiles)
  // Of a call only the time to its first token is sure: an answer may be one token long.
  fitShifted(whole, sureShare * Math.exp(quantiles.ttft[0]!), shape)
  const { shift } = shape
  const mu = shape.mu + offset
  const sigma = shape.sigma * scale
  const tokens = meanOfExp(quantiles.length, 0)
  const tpotMs = Math.exp(quantiles.tpot[medianPlace]!)
  const firstMs = meanOfExp(quantiles.ttft, 0)
  const decodingMs = tokens * meanOfExp(quantiles.tpot, 0)
  const ttftMs = Math.min(basis.ttftMs, firstMs)
  const serviceMs = ttftMs + decodingMs
  // The tracked offset moves what is uncertain, the mean with it; a wider interval must not.
  const meanMs = shift + (firstMs + decodingMs - shift) * Math.exp(offset)
  const lengthSigma = Math.max(spreadOf(quantiles.length, 0), leastSpread)
  if (!(Number.isFinite(meanMs + mu + sigma + shift + serviceMs) && meanMs > 0 && sigma > 0)) return null
  return {
    ...basis,
    queueMs: firstMs - ttftMs,
    ttftMs,
    tpotMs,
    serviceMs,
    meanMs,
    longestServiceMs: ttftMs + capTokens * tpotMs,
    length: {
      mu: quantiles.length[medianPlace]!,
      sigma: lengthSigma,
      cutShare: basis.length.cutShare,
      mean: tokens,
      relativeVariance: Math.expm1(lengthSigma * lengthSigma),
    },
    shiftMs: shift,
    mu,
    sigma,
    parts: {
      ttft: { mu: quantiles.ttft[medianPlace]!, sigma: Math.max(spreadOf(quantiles.ttft, 0), leastSpread) },
      tpot: { mu: quantiles.tpot[medianPlace]!, sigma: Math.max(spreadOf(quantiles.tpot, 0), leastSpread) },
    },
    price: basis.serviceMs > 0 ? (basis.price * serviceMs) / basis.serviceMs : basis.price,
    basis,
  }
}
