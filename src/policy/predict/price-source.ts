/**
 * @file Where the price of a model's slots comes from: its pressure alone, or a start that was worked out beforehand.
 *
 * One source for a pool; each model asks for its own price. A source sees every state that a decision sees.
 */
import type { ModelState } from '../../core/index.ts'
import { CongestionPrice } from './congestion.ts'
import { ArrivalRate, DualPrice, type PriceStart } from './dual-price.ts'

export type PriceSpec =
  /** The default: see congestion.ts. */
  { readonly kind: 'congestion' } | { readonly kind: 'dual'; readonly start: PriceStart }

/** Price of one model's slots. */
export interface PriceSource {
  /** Takes in the model's state at `atMs`, and gives the price in quality points per slot-second. `serviceMs`: mean service of its calls. */
  update(state: ModelState, atMs: number, serviceMs: number): number
}

/** All prices of a pool. */
export interface Prices {
  of(model: string): PriceSource
  /** A query came in. Instants never go back. */
  arrived(atMs: number): void
}

/** `factor` >= 0 on every price; 0: nothing is charged, which makes policies selfish. */
export function createPrices(spec: PriceSpec = { kind: 'congestion' }, factor = 1): Prices {
  if (spec.kind === 'congestion') return { of: () => new CongestionPrice(factor), arrived: () => {} }
  const arrivals = new ArrivalRate()
  return {
    of: (model) => new DualPrice(spec.start, { model, factor, ratePerMinute: (atMs) => arrivals.perMinute(atMs) }),
    arrived: (atMs) => arrivals.observe(atMs),
  }
}
