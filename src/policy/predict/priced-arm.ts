/**
 * @file One line of the price list: what an arm would take and be worth, as plain numbers.
 *
 * Latency is `shift + LogNormal(mu, sigma)`, the family of `core`; the distributions themselves are made only for the
 * arm that is chosen, since a decision prices some fifteen of them.
 */
import {
  type Arm,
  type ArmEstimate,
  type Backup,
  normalCdf,
  normalQuantile,
  ShiftedLogNormal,
} from '../../core/index.ts'
import type { LogNormalShape } from './clipped-lognormal.ts'
import type { Length } from './length-book.ts'

export interface PricedArm {
  readonly arm: Arm
  /** A replica may be called now. */
  readonly isUsable: boolean
  /** Prompt and output cap fit the context and the KV cache of some replica. */
  readonly fitsContext: boolean
  /** Probability of a right answer: the prior's, times that of not being cut off. 0-1. */
  readonly quality: number
  /** Means, in ms. `meanMs` is the whole: wait, first token, decoding, with the tracked error corrected. */
  readonly queueMs: number
  readonly ttftMs: number
  readonly tpotMs: number
  readonly serviceMs: number
  readonly meanMs: number
  /** Time in the slot if the answer runs to its cap. ms. */
  readonly longestServiceMs: number
  readonly length: Length
  readonly shiftMs: number
  readonly mu: number
  readonly sigma: number
  /** Congestion price of the expected service, in quality points. */
  readonly price: number
  /** The arm is worth its `quality` only together with this second call, and then need not be in time itself. */
  readonly backup?: Backup
  /** Lognormals of the time to the first token from now on (waiting in it) and of the time per further token, where predicted. ms. */
  readonly parts?: { readonly ttft: LogNormalShape; readonly tpot: LogNormalShape }
  /** The line that this one stands in the place of. */
  readonly basis?: PricedArm
}

/** All arms of the pool at one shape of step, in the order of the state's models, then of depth. */
export type PriceList = readonly PricedArm[]

/** Latency not passed with probability `p`. ms. */
export const latencyQuantile = (priced: PricedArm, p: number): number =>
  priced.shiftMs + Math.exp(priced.mu + priced.sigma * normalQuantile(p))

/** Probability that the call ends within `ms`. */
export function chanceWithin(priced: PricedArm, ms: number): number {
  const uncertainMs = ms - priced.shiftMs
  return uncertainMs <= 0 ? 0 : normalCdf((Math.log(uncertainMs) - priced.mu) / priced.sigma)
}

const logNormal = ({ mu, sigma }: LogNormalShape) => new ShiftedLogNormal(0, mu, sigma)

/** The line as the ports carry it. */
export const toEstimate = (priced: PricedArm): ArmEstimate => ({
  arm: priced.arm,
  latencyMs: new ShiftedLogNormal(priced.shiftMs, priced.mu, priced.sigma),
  expectedMs: priced.meanMs,
  queueMs: priced.queueMs,
  ttftMs: priced.ttftMs,
  tpotMs: priced.tpotMs,
  outputTokens: new ShiftedLogNormal(0, priced.length.mu, priced.length.sigma),
  serviceMs: priced.serviceMs,
  quality: priced.quality,
  ...(priced.parts ? { parts: { ttftMs: logNormal(priced.parts.ttft), tpotMs: logNormal(priced.parts.tpot) } } : {}),
  ...(priced.basis ? { basis: toEstimate(priced.basis) } : {}),
})
