/**
 * @file What recent calls showed of lengths, cell by cell: running mean and variance of logs, and the share that was cut.
 *
 * Older calls fade. A cell moves an expectation towards what it has seen, which counts as against `priorCalls` calls.
 * Everything is held as the difference from an origin: zero for lengths as such, or what was expected of each call.
 */
import { type Domain, domains, type StepKind, type StrategyId, strategyIds } from '../../core/index.ts'
import type { LogNormalShape } from './clipped-lognormal.ts'

export const stepKinds: readonly StepKind[] = ['solve', 'revise', 'review', 'aggregate']

/** Calls that the prior is worth. */
const priorCalls = 8
/** Longest memory in calls. */
const memoryCalls = 200

export interface LengthKey {
  readonly strategy: StrategyId
  readonly kind: StepKind
  readonly domain: Domain
}

/** An expected length in ln tokens, under the cap. */
export interface LengthCell extends LogNormalShape {
  /** Share of answers that reach the cap, 0-1. */
  readonly cutShare: number
}

/** Expected output length: mean in tokens, and the lognormal that it is the mean of. */
export interface Length extends LengthCell {
  readonly mean: number
  /** Square of the relative standard deviation. */
  readonly relativeVariance: number
}

export interface SeenLength {
  /** > 0. */
  readonly outputTokens: number
  readonly isCut: boolean
}

// Field by field: some thirty lines are made for every plan, and a spread costs more than the numbers.
export const toLength = ({ mu, sigma, cutShare }: LengthCell): Length => ({
  mu,
  sigma,
  cutShare,
  mean: Math.exp(mu + (sigma * sigma) / 2),
  relativeVariance: Math.expm1(sigma * sigma),
})

export const placeOf = ({ strategy, kind, domain }: LengthKey): number =>
  (strategyIds.indexOf(strategy) * stepKinds.length + stepKinds.indexOf(kind)) * domains.length +
  domains.indexOf(domain)

interface Seen {
  count: number
  cutShare: number
  logMean: number
  logVariance: number
}

type Origin = Pick<LengthCell, 'mu' | 'cutShare'>
const zero: Origin = { mu: 0, cutShare: 0 }

export class LengthMemory {
  readonly #seen: (Seen | undefined)[] = []

  /** One finished answer, at the place of its key. */
  observe(place: number, { outputTokens, isCut }: SeenLength, origin: Origin = zero): void {
    const seen = this.#seen[place] ?? { count: 0, cutShare: 0, logMean: 0, logVariance: 0 }
    const logTokens = Math.log(Math.max(1, outputTokens)) - origin.mu
    seen.count = Math.min(seen.count + 1, memoryCalls)
    const step = logTokens - seen.logMean
    seen.logMean += step / seen.count
    seen.cutShare += ((isCut ? 1 : 0) - origin.cutShare - seen.cutShare) / seen.count
    seen.logVariance += (step * (logTokens - seen.logMean) - seen.logVariance) / seen.count
    this.#seen[place] = seen
  }

  /** `base` moved towards what was seen at `place`. */
  shrink(place: number, base: LengthCell, origin: Origin = zero): LengthCell {
    const seen = this.#seen[place]
    if (!seen) return base
    const weight = seen.count / (seen.count + priorCalls)
    const variance = weight * seen.logVariance + (1 - weight) * base.sigma ** 2
    const cutShare = base.cutShare + weight * (origin.cutShare + seen.cutShare - base.cutShare)
    return { mu: base.mu + weight * (origin.mu + seen.logMean - base.mu), sigma: Math.sqrt(variance), cutShare }
  }
}
