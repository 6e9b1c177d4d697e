/**
 * @file Uncertain quantities: what a predictor says of a latency or a length.
 *
 * One family serves all: `shift + LogNormal(mu, sigma)`. The shift is what is sure (a floor such as the prefill time),
 * the lognormal part what is not (queueing, output length).
 */
import type { Random } from './random.ts'
import { normalCdf, normalQuantile } from './statistics.ts'

export interface Distribution {
  readonly mean: number
  /** Value below which the quantity lies with probability `p` in (0, 1). */
  quantile(p: number): number
  /** Probability that the quantity is at most `value`. */
  cdf(value: number): number
  sample(random: Random): number
}

/** `shift + exp(mu + sigma * z)`. Units are the caller's: ms or tokens. `sigma` >= 0. */
export class ShiftedLogNormal implements Distribution {
  readonly shift: number
  readonly mu: number
  readonly sigma: number

  constructor(shift: number, mu: number, sigma: number) {
    this.shift = shift
    this.mu = mu
    this.sigma = sigma
  }

  /** From the mean of the uncertain part (> 0) and its log-spread. */
  static fromMean(shift: number, uncertainMean: number, sigma: number): ShiftedLogNormal {
    return new ShiftedLogNormal(shift, Math.log(Math.max(uncertainMean, 1e-9)) - (sigma * sigma) / 2, sigma)
  }

  get mean(): number {
    return this.shift + Math.exp(this.mu + (this.sigma * this.sigma) / 2)
  }

  quantile(p: number): number {
    return this.shift + Math.exp(this.mu + this.sigma * normalQuantile(p))
  }

  cdf(value: number): number {
    // As in `quantile`, so that the one point is its own quantile in spite of rounding.
    if (this.sigma === 0) return value >= this.shift + Math.exp(this.mu) ? 1 : 0
    const uncertain = value - this.shift
    if (uncertain <= 0) return 0
    return normalCdf((Math.log(uncertain) - this.mu) / this.sigma)
  }

  sample(random: Random): number {
    return this.shift + Math.exp(this.mu + this.sigma * random.normal())
  }
}
