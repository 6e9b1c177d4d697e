/**
 * @file Learning rates over time: a straight line between two rates, and halving whenever a score stops to improve.
 *
 * Both are exact in 32-bit floats, so that a schedule written out and read back goes on the same.
 */
import { invariant } from '../../../core/index.ts'

export interface LinearRate {
  readonly from: number
  readonly to: number
  /** Updates after which `to` is reached and kept. */
  readonly updates: number
}

/** The rate (or any other coefficient: entropy's, cloning's) at update `index`, from 0. */
export const linearRate = ({ from, to, updates }: LinearRate, index: number): number =>
  from + (to - from) * Math.min(1, updates > 0 ? index / updates : 1)

export interface PlateauConfig {
  readonly learningRate: number
  /** Scores without a gain that are borne; 3 unless told. */
  readonly patience?: number
  /** 0.5 unless told. */
  readonly factor?: number
  /** 0 unless told. */
  readonly minimum?: number
}

export interface PlateauRate {
  readonly learningRate: number
  /** Scores in a row without a gain, for early stopping; not reset when the rate is cut. */
  readonly sinceBest: number
  /** A new score: greater is better. One more than `patience` in a row without a gain cut the rate. */
  observe(score: number): void
  /** [4]. */
  save(): Float32Array
  restore(state: Float32Array): void
}

/** As in PyTorch's `ReduceLROnPlateau` without threshold or cool-down. */
export function createPlateauRate(config: PlateauConfig): PlateauRate {
  const { patience = 3, factor = 0.5, minimum = 0 } = config
  /** Rate, best score, scores without a gain since the last cut, and since the best. */
  const state = Float32Array.of(config.learningRate, Number.NEGATIVE_INFINITY, 0, 0)
  return {
    get learningRate() {
      return state[0]!
    },
    get sinceBest() {
      return state[3]!
    },
    observe(score) {
      if (Math.fround(score) > state[1]!) {
        state.set([score, 0, 0], 1)
        return
      }
      state[2]! += 1
      state[3]! += 1
      if (state[2]! <= patience) return
      state[2] = 0
      state[0] = Math.max(minimum, state[0]! * factor)
    },
    save: () => state.slice(),
    restore(saved) {
      invariant(saved.length === state.length, `a state of ${saved.length} numbers instead of ${state.length}`)
      state.set(saved)
    },
  }
}
