/**
 * @file Dual prices: what a linear program says that a second of a model's slot is worth, corrected by the use that is seen.
 *
 * The start is a table: prices per model at a grid of arrival rates, worked out from what is known of the pool before a
 * query has come. Between grid rates it is linear; the rate is estimated from arrivals. The start is as wrong as what is
 * known, so a multiplier follows the use: entropic mirror descent on use - capacity share, one for each model.
 *
 *   price = start(rate) * exp(level) + congestion(state),   level <- level + eta * (pressure - share) * dt
 *
 * The program knows averages and no queues: alone its prices let tight budgets down where a set is harder than the traffic
 * that it was solved for. So what the pressure of the moment says is charged on top (see congestion.ts), and the level stays
 * within [-limit, limit]. A model that the table lacks has congestion prices.
 * Source: dual mirror descent, entropic form (Balseiro, Lu and Mirrokni 2023).
 */
import { clamp, type ModelId, type ModelState } from '../../core/index.ts'
import { CongestionPrice, pressureOf } from './congestion.ts'

export interface PriceStart {
  /** Ascending, > 0. */
  readonly ratesPerMinute: readonly number[]
  /** By model, one for each rate, in quality points per slot-second. */
  readonly pricePerSlotSecond: Readonly<Record<ModelId, readonly number[]>>
}

/** Share of a model's slots that may be in use without its price rising. */
const capacityShare = 0.8
/** Change of the multiplier's logarithm per second and unit of excess pressure. */
const eta = 0.03
const limit = Math.log(4)
const highestPressure = 2.5
/** A long silence says nothing of the time in between. */
const longestStepMs = 5_000

export interface DualPriceOptions {
  readonly model: ModelId
  readonly factor: number
  readonly ratePerMinute: (atMs: number) => number
}

export class DualPrice {
  readonly #start: PriceStart
  readonly #options: DualPriceOptions
  readonly #congestion: CongestionPrice
  #level = 0
  #atMs: number | null = null

  constructor(start: PriceStart, options: DualPriceOptions) {
    this.#start = start
    this.#options = options
    this.#congestion = new CongestionPrice(options.factor)
  }

  /** Takes in the model's state at `atMs`, and gives the price in quality points per slot-second. */
  update(state: ModelState, atMs: number, serviceMs: number): number {
    const elapsedMs = this.#atMs === null ? 0 : clamp(atMs - this.#atMs, 0, longestStepMs)
    this.#atMs = atMs
    const excess = Math.min(pressureOf(state), highestPressure) - capacityShare
    this.#level = clamp(this.#level + (eta * excess * elapsedMs) / 1_000, -limit, limit)
    const { model, factor, ratePerMinute } = this.#options
    const start = startPrice(this.#start, model, ratePerMinute(atMs))
    return this.#congestion.update(state, atMs, serviceMs) + factor * start * Math.exp(this.#level)
  }
}

/** The table's price at `ratePerMinute`; at its ends that of the last rate. A model that it lacks starts at 0. */
export function startPrice(
  { ratesPerMinute, pricePerSlotSecond }: PriceStart,
  model: ModelId,
  ratePerMinute: number,
): number {
  const prices = pricePerSlotSecond[model]
  if (prices === undefined) return 0
  const above = ratesPerMinute.findIndex((rate) => rate >= ratePerMinute)
  if (above < 0) return prices.at(-1) ?? 0
  if (above === 0) return prices[0] ?? 0
  const [low, high] = [ratesPerMinute[above - 1] as number, ratesPerMinute[above] as number]
  const share = (ratePerMinute - low) / (high - low)
  return (1 - share) * (prices[above - 1] as number) + share * (prices[above] as number)
}

/** Half of an arrival's weight is gone after so long. */
const halfLifeMs = 45_000

/** How many queries come in a minute, by those that came lately: a count that fades, over the time that it stands for. */
export class ArrivalRate {
  #count = 0
  #atMs = 0
  #firstAtMs: number | null = null

  observe(atMs: number): void {
    this.#count = this.#faded(atMs) + 1
    this.#atMs = atMs
    this.#firstAtMs ??= atMs
  }

  perMinute(atMs: number): number {
    if (this.#firstAtMs === null) return 0
    // Shortly after the start the memory has not filled: a few seconds more keep one early burst from counting for all.
    const seenMs = Math.max(10_000, atMs - this.#firstAtMs)
    const windowMs = (halfLifeMs / Math.LN2) * (1 - 2 ** (-seenMs / halfLifeMs))
    return (this.#faded(atMs) / windowMs) * 60_000
  }

  #faded(atMs: number): number {
    return this.#count * 2 ** (-Math.max(0, atMs - this.#atMs) / halfLifeMs)
  }
}
