/**
 * @file The luck of rollouts: row k is met by every candidate's k-th rollout, so that candidates differ by what they do.
 *
 * A row holds a normal per step, a speed per model and a uniform. Speeds are what all calls to a model share: where the
 * predictor errs, it errs for all of them. Odd rows mirror the row before (antithetic), which halves the draws and evens
 * out small samples. Rows are made when first asked for, in order.
 */
import { normalCdf, type Random } from '../../../core/index.ts'

export interface DrawShape {
  readonly steps: number
  /** By model: spread of the log of its shared error. */
  readonly spreads: readonly number[]
}

export class Draws {
  readonly #random: Random
  readonly #shape: DrawShape
  readonly #width: number
  readonly #values: number[] = []
  #rows = 0

  constructor(random: Random, shape: DrawShape) {
    this.#random = random
    this.#shape = shape
    this.#width = shape.steps + shape.spreads.length + 1
  }

  /** Standard normal of a step. */
  normal(row: number, step: number): number {
    return this.#at(row, step)
  }

  /** Factor on all latencies of a model. */
  factor(row: number, model: number): number {
    return this.#at(row, this.#shape.steps + model)
  }

  /** Uniform in (0, 1): how hard the question is, 0 the easiest. */
  difficulty(row: number): number {
    return this.#at(row, this.#width - 1)
  }

  #at(row: number, column: number): number {
    while (this.#rows <= row) this.#addPair()
    return this.#values[row * this.#width + column] as number
  }

  #addPair(): void {
    const normals = Array.from({ length: this.#width }, () => this.#random.normal())
    for (const sign of [1, -1])
      for (const [column, z] of normals.entries()) this.#values.push(this.#value(column, sign * z))
    this.#rows += 2
  }

  #value(column: number, z: number): number {
    const { steps, spreads } = this.#shape
    if (column < steps) return z
    const spread = spreads[column - steps]
    return spread === undefined ? normalCdf(z) : Math.exp(spread * z)
  }
}
