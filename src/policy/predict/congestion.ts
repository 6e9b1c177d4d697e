/**
 * @file The congestion price: what a second of one model's slot costs the other queries, in points of quality.
 *
 * A query does not feel the queue that it causes. Left to itself it fills its slack with waiting for the best model;
 * so the use of each model is charged. The price follows from the model's pressure, (running + waiting + waiting in the
 * gateway) / slots: nothing up to `freePressure`, then a square that reaches one `unit` where the slots are full. A
 * slower multiplier takes the place of the dual variable of "pressure <= target": it rises while the pressure stays
 * above the target and falls while below, so the price is right where the square alone would be too cheap or too dear.
 *
 *   price = level * unit * ((pressure - free) / (1 - free))^2 / mean service seconds      [quality points / slot-second]
 *
 * Dividing by the mean service makes the unit the charge of one ordinary call, on fast and slow models alike.
 * Source: dual mirror descent, entropic form (Balseiro, Lu and Mirrokni 2023), with the model's queue as its gradient.
 */
import { clamp, type ModelState } from '../../core/index.ts'

/** Charge of an ordinary call on a model whose slots are just full, in points of quality (0-1). */
const unit = 0.1
const freePressure = 0.55
const targetPressure = 0.9
/** The square stops growing here: beyond it the arm is out of the question anyway. */
const highestPressure = 2.5
/** Change of the multiplier's logarithm per second and unit of excess pressure. */
const adaptRate = 0.02
const lowestLevel = 0.5
const highestLevel = 4
/** A long silence says nothing of the time in between. */
const longestStepMs = 5_000
/** Charge for a slot-second of an idle model: settles ties for the arm that takes less. */
export const idlePricePerSlotSecond = 0.001

/** Price of one model's slots. Reads every state that a decision sees; depends on their order in time alone. */
export class CongestionPrice {
  readonly #factor: number
  #logLevel = 0
  #atMs: number | null = null

  /** `factor` >= 0 on every price; 0: nothing is charged, which makes policies selfish. */
  constructor(factor = 1) {
    this.#factor = factor
  }

  /** Takes in the model's state at `atMs`, and gives the price in quality points per slot-second. */
  update(state: ModelState, atMs: number, serviceMs: number): number {
    const pressure = pressureOf(state)
    const elapsedMs = this.#atMs === null ? 0 : clamp(atMs - this.#atMs, 0, longestStepMs)
    this.#atMs = atMs
    const excess = Math.min(pressure, highestPressure) - targetPressure
    this.#logLevel = clamp(
      this.#logLevel + (adaptRate * excess * elapsedMs) / 1_000,
      Math.log(lowestLevel),
      Math.log(highestLevel),
    )
    const above = clamp(
      (pressure - freePressure) / (1 - freePressure),
      0,
      (highestPressure - freePressure) / (1 - freePressure),
    )
    const charge = (Math.exp(this.#logLevel) * unit * above * above * 1_000) / Math.max(serviceMs, 100)
    return idlePricePerSlotSecond + this.#factor * charge
  }
}

/** (running + waiting + waiting in the gateway) / slots; infinite where there are no slots. */
export function pressureOf(state: ModelState): number {
  const busy = state.running + state.waiting + state.gatewayWaiting
  return state.slots > 0 ? busy / state.slots : Infinity
}
