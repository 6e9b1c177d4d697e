/**
 * @file How many tokens one model writes, by strategy, kind of step and domain: the profile's prior, then what is seen.
 *
 * Each cell keeps a running log-mean and log-variance of observed lengths, older calls fading. A prediction shrinks them
 * to the prior, which counts as `priorCalls` calls; a kind other than `solve` shrinks to what `solve` has shown, so that
 * a revision is guessed from solutions until revisions were seen. Lengths are those under the cap (see clipped-lognormal).
 * The share of answers that the cap cuts off is kept beside it, since a cut answer is seldom a right one. Reading a cell
 * costs one array access; cells are recomputed when a call has been observed.
 */
import { type Domain, domains, type ModelPrior, type StepKind, type StrategyId, strategyIds } from '../../core/index.ts'
import { clippedLogNormal, type LogNormalShape, shareBeyond } from './clipped-lognormal.ts'

const stepKinds: readonly StepKind[] = ['solve', 'revise', 'review', 'aggregate']

/** Calls that the prior is worth. */
const priorCalls = 8
/** Longest memory in calls. */
const memoryCalls = 200

export interface LengthKey {
  readonly strategy: StrategyId
  readonly kind: StepKind
  readonly domain: Domain
}

interface Cell extends LogNormalShape {
  /** Share of answers that reach the cap, 0-1. */
  readonly cutShare: number
}

/** Expected output length: mean in tokens, and the lognormal that it is the mean of. */
export interface Length extends Cell {
  readonly mean: number
  /** Square of the relative standard deviation. */
  readonly relativeVariance: number
}

interface Seen {
  count: number
  cutShare: number
  logMean: number
  logVariance: number
}

const toLength = (cell: Cell): Length => ({
  ...cell,
  mean: Math.exp(cell.mu + (cell.sigma * cell.sigma) / 2),
  relativeVariance: Math.expm1(cell.sigma * cell.sigma),
})

const placeOf = ({ strategy, kind, domain }: LengthKey) =>
  (strategyIds.indexOf(strategy) * stepKinds.length + stepKinds.indexOf(kind)) * domains.length +
  domains.indexOf(domain)

export class LengthBook {
  readonly #priors: readonly Cell[]
  readonly #seen: (Seen | undefined)[] = []
  /** Predictions by place; undefined: to be computed. */
  readonly #lengths: (Length | undefined)[] = []

  /** `capOf`: the output cap in tokens that goes with a strategy and domain on this model. */
  constructor(prior: ModelPrior, capOf: (strategy: StrategyId, domain: Domain) => number) {
    this.#priors = strategyIds.flatMap((strategy) =>
      stepKinds.flatMap(() =>
        domains.map((domain) => {
          const { mean, sigma } = prior.outputTokens.value[domain][strategy]
          const cap = capOf(strategy, domain)
          return { ...clippedLogNormal(mean, sigma, cap), cutShare: shareBeyond(mean, sigma, cap) }
        }),
      ),
    )
  }

  length(key: LengthKey): Length {
    const place = placeOf(key)
    const known = this.#lengths[place]
    if (known) return known
    const length = toLength(this.#shrunk(key, place))
    this.#lengths[place] = length
    return length
  }

  /** One finished answer of `outputTokens` > 0. */
  observe(key: LengthKey, { outputTokens, isCut }: { readonly outputTokens: number; readonly isCut: boolean }): void {
    const place = placeOf(key)
    const seen = this.#seen[place] ?? { count: 0, cutShare: 0, logMean: 0, logVariance: 0 }
    const logTokens = Math.log(Math.max(1, outputTokens))
    seen.count = Math.min(seen.count + 1, memoryCalls)
    const step = logTokens - seen.logMean
    seen.logMean += step / seen.count
    seen.cutShare += ((isCut ? 1 : 0) - seen.cutShare) / seen.count
    seen.logVariance += (step * (logTokens - seen.logMean) - seen.logVariance) / seen.count
    this.#seen[place] = seen
    // What solutions show also moves the other kinds, which shrink to it.
    if (key.kind === 'solve') for (const kind of stepKinds) this.#lengths[placeOf({ ...key, kind })] = undefined
    else this.#lengths[place] = undefined
  }

  #shrunk(key: LengthKey, place: number): Cell {
    const base = key.kind === 'solve' ? (this.#priors[place] as Cell) : this.length({ ...key, kind: 'solve' })
    const seen = this.#seen[place]
    if (!seen) return base
    const weight = seen.count / (seen.count + priorCalls)
    const variance = weight * seen.logVariance + (1 - weight) * base.sigma ** 2
    const cutShare = base.cutShare + weight * (seen.cutShare - base.cutShare)
    return { mu: base.mu + weight * (seen.logMean - base.mu), sigma: Math.sqrt(variance), cutShare }
  }
}
