/**
 * @file Writes features one after the other into a row of numbers, so that names and numbers stay in step.
 *
 * Every number that enters a network passes here: what is not finite becomes 0, what is huge is cut at +-8. A row with
 * more or fewer numbers than names is a bug of ours, and found at the first decision.
 */
import { clamp, invariant } from '../../core/index.ts'

const largest = 8

export class FeatureRow {
  readonly #numbers: Float32Array
  readonly #size: number
  #start = 0
  #place = 0
  /** Whether everything written since row 0 was begun was finite. */
  isFinite = true

  /** `size`: numbers in a row. */
  constructor(numbers: Float32Array, size: number) {
    this.#numbers = numbers
    this.#size = size
  }

  /** Goes to the beginning of row `index`. */
  begin(index: number): void {
    if (index === 0) this.isFinite = true
    this.#start = index * this.#size
    this.#place = this.#start
  }

  put(value: number): void {
    if (Number.isFinite(value)) this.#numbers[this.#place] = clamp(value, -largest, largest)
    else {
      this.#numbers[this.#place] = 0
      this.isFinite = false
    }
    this.#place += 1
  }

  putFlag(value: boolean): void {
    this.put(value ? 1 : 0)
  }

  /** One number for each of `names`: 1 for `value`, 0 for the others. */
  putOneOf<T>(names: readonly T[], value: T): void {
    for (const name of names) this.put(name === value ? 1 : 0)
  }

  end(): void {
    invariant(this.#place - this.#start === this.#size, 'a row of features must be as long as its names')
  }
}
