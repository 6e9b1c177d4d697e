/**
 * @file How many tokens one model writes, by strategy, kind of step and domain: the profile's prior, then what is seen.
 *
 * Each cell follows the lengths of recent calls (see length-memory.ts) from the prior; a kind other than `solve` shrinks
 * to what `solve` has shown, so that a revision is guessed from solutions until revisions were seen. Lengths are those
 * under the cap (see clipped-lognormal). The share of answers that the cap cuts off is kept beside it, since a cut answer
 * is seldom a right one. Reading a cell costs one array access; cells are recomputed when a call has been observed.
 */
import { type Domain, domains, type ModelPrior, type StrategyId, strategyIds } from '../../core/index.ts'
import { clippedLogNormal, shareBeyond } from './clipped-lognormal.ts'
import {
  type Length,
  type LengthCell,
  type LengthKey,
  LengthMemory,
  placeOf,
  type SeenLength,
  stepKinds,
  toLength,
} from './length-memory.ts'

export type { Length } from './length-memory.ts'

export class LengthBook {
  readonly #priors: readonly LengthCell[]
  readonly #memory = new LengthMemory()
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
    const base = key.kind === 'solve' ? (this.#priors[place] as LengthCell) : this.length({ ...key, kind: 'solve' })
    const length = toLength(this.#memory.shrink(place, base))
    this.#lengths[place] = length
    return length
  }

  observe(key: LengthKey, seen: SeenLength): void {
    const place = placeOf(key)
    this.#memory.observe(place, seen)
    // What solutions show also moves the other kinds, which shrink to it.
    if (key.kind === 'solve') for (const kind of stepKinds) this.#lengths[placeOf({ ...key, kind })] = undefined
    else this.#lengths[place] = undefined
  }
}
