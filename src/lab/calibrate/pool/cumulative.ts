/**
 * @file A quantity over time that is given by its integral: piecewise linear between instants.
 *
 * Built from ramps (`rate` per ms from one instant to another, starting at a level); the integral between any two
 * instants is then two look-ups. Exact at the instants where ramps begin and end. Cost: n log n to build, log n to ask.
 */

/** `level` at `fromMs`, growing by `slope` per ms, nothing before and after. */
export interface Ramp {
  readonly fromMs: number
  readonly toMs: number
  readonly level: number
  readonly slope: number
}

export class Cumulative {
  readonly #instants: Float64Array
  /** Integral up to each instant, and level and slope just after it. */
  readonly #integrals: Float64Array
  readonly #levels: Float64Array
  readonly #slopes: Float64Array

  constructor(ramps: readonly Ramp[]) {
    const changes = ramps
      .flatMap(({ fromMs, toMs, level, slope }) => [
        { atMs: fromMs, level, slope },
        { atMs: toMs, level: -(level + slope * (toMs - fromMs)), slope: -slope },
      ])
      .sort((a, b) => a.atMs - b.atMs)
    const size = changes.length
    this.#instants = new Float64Array(size)
    this.#integrals = new Float64Array(size)
    this.#levels = new Float64Array(size)
    this.#slopes = new Float64Array(size)
    let [atMs, integral, level, slope] = [changes[0]?.atMs ?? 0, 0, 0, 0]
    for (const [index, change] of changes.entries()) {
      const ageMs = change.atMs - atMs
      integral += level * ageMs + (slope * ageMs * ageMs) / 2
      level += slope * ageMs + change.level
      slope += change.slope
      atMs = change.atMs
      this.#instants[index] = atMs
      this.#integrals[index] = integral
      this.#levels[index] = level
      this.#slopes[index] = slope
    }
  }

  /** Mean over a span of time; the level itself where the span is empty. */
  meanOver(fromMs: number, toMs: number): number {
    return toMs > fromMs ? (this.#integralTo(toMs) - this.#integralTo(fromMs)) / (toMs - fromMs) : this.at(fromMs)
  }

  at(atMs: number): number {
    const index = this.#before(atMs)
    return index < 0 ? 0 : this.#levels[index]! + this.#slopes[index]! * (atMs - this.#instants[index]!)
  }

  #integralTo(atMs: number): number {
    const index = this.#before(atMs)
    if (index < 0) return 0
    const ageMs = atMs - this.#instants[index]!
    return this.#integrals[index]! + this.#levels[index]! * ageMs + (this.#slopes[index]! * ageMs * ageMs) / 2
  }

  /** Index of the last instant not after `atMs`; -1: none. */
  #before(atMs: number): number {
    let [low, high] = [0, this.#instants.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#instants[middle]! <= atMs) low = middle + 1
      else high = middle
    }
    return low - 1
  }
}
