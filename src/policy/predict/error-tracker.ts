/**
 * @file How wrong the latency predictions of one model are, and the correction that makes their intervals hold.
 *
 * Every finished call is placed in the distribution that was predicted for it: z = Phi^-1(F(actual)) would be standard
 * normal if all were well. `offset` follows the mean of z in units of the spread; `scale` widens or narrows the spread
 * until half of the calls fall into the 50 % interval and 95 % into the 95 % interval (online quantile tracking:
 * each miss moves the scale up, each hit down, in proportion to the target). All memories fade.
 *
 * Source: online quantile tracking, Gibbs and Candes 2021; here for two levels of one log-scale.
 */
import { clamp, type Distribution, normalQuantile } from '../../core/index.ts'

const halfWidth50 = 0.6745
const halfWidth95 = 1.96
const offsetRate = 0.03
const scaleRate = 0.025
const memoryCalls = 200
/** Bias and spread say nothing before. */
const fewestCalls = 5

export interface Coverage {
  /** Share of recent calls within the central 50 % and 95 % intervals predicted for them. */
  readonly within50: number
  readonly within95: number
  readonly count: number
}

export class ErrorTracker {
  #offset = 0
  #logScale = 0
  #scale = 1
  #count = 0
  #bias = 0
  #variance = 0
  #within50 = 0
  #within95 = 0

  /** Added to mu of the uncertain part. */
  get offset(): number {
    return this.#offset
  }

  /** Factor on sigma of the uncertain part. */
  get scale(): number {
    return this.#scale
  }

  /** A call took `actualMs`, for which `predicted` had been said. */
  observe(predicted: Distribution, actualMs: number): void {
    const z = normalQuantile(clamp(predicted.cdf(actualMs), 1e-5, 1 - 1e-5))
    const misses50 = Math.abs(z) > halfWidth50 ? 1 : 0
    const misses95 = Math.abs(z) > halfWidth95 ? 1 : 0
    this.#count += 1
    const rate = 1 / Math.min(this.#count, memoryCalls)
    this.#within50 += (1 - misses50 - this.#within50) * rate
    this.#within95 += (1 - misses95 - this.#within95) * rate
    // Against the median: a prediction that is right has no bias, however skewed it is.
    const error = Math.log(Math.max(actualMs, 1) / Math.max(predicted.quantile(0.5), 1))
    const step = error - this.#bias
    this.#bias += step * rate
    this.#variance += (step * (error - this.#bias) - this.#variance) * rate
    // A tail miss is ten times rarer than a core miss: it weighs more, so that both levels are heard.
    const pull = misses50 - 0.5 + 4 * (misses95 - 0.05)
    this.#logScale = clamp(this.#logScale + scaleRate * pull, -1.2, 1.2)
    this.#scale = Math.exp(this.#logScale)
    this.#offset = clamp(this.#offset + offsetRate * clamp(z, -2.5, 2.5), -1.5, 1.5)
  }

  /** log(actual / predicted median): bias, spread, and how many calls it is read from; null before a few. */
  get error(): { readonly bias: number; readonly spread: number; readonly count: number } | null {
    if (this.#count < fewestCalls) return null
    return { bias: this.#bias, spread: Math.sqrt(this.#variance), count: this.#count }
  }

  get coverage(): Coverage | null {
    if (this.#count < fewestCalls) return null
    return { within50: this.#within50, within95: this.#within95, count: this.#count }
  }
}
