/**
 * @file Adam over flat arrays, with the gradient's norm clipped first.
 *
 *     m = b1 m + (1 - b1) g,   v = b2 v + (1 - b2) g^2,   x = x - rate (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + epsilon)
 *
 * Moments are kept as 32-bit floats, so a state written out and read back goes on bit for bit as if nothing had happened.
 * Source: Kingma and Ba 2015, arXiv 1412.6980, algorithm 1; clipping by the global norm as in Pascanu et al. 2013.
 */
import { invariant } from '../../../core/index.ts'

export interface AdamConfig {
  /** 0.9 unless told. */
  readonly beta1?: number
  /** 0.999 unless told. */
  readonly beta2?: number
  /** 1e-8 unless told. */
  readonly epsilon?: number
  /** Longer gradients are scaled down to this norm; 1 unless told, null for never. */
  readonly maxGradNorm?: number | null
}

export interface Adam {
  /** Changes `parameters` in place; gives the norm of the gradient before clipping. Throws `INVARIANT_VIOLATED` if it is not finite. */
  update(parameters: Float32Array, gradient: Float32Array, learningRate: number): number
  /** [1 + 2 parameters]: updates made, then both moments. */
  save(): Float32Array
  /** Throws `INVARIANT_VIOLATED` for a state of another size. */
  restore(state: Float32Array): void
}

/** 2^24: the last count that a 32-bit float can step up to; the bias of the moments is long gone by then. */
const mostUpdates = 2 ** 24

export function createAdam(size: number, config: AdamConfig = {}): Adam {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, maxGradNorm = 1 } = config
  const state = new Float32Array(1 + 2 * size)
  const first = state.subarray(1, 1 + size)
  const second = state.subarray(1 + size)
  return {
    update(parameters, gradient, learningRate) {
      invariant(
        parameters.length === size && gradient.length === size,
        `${gradient.length} gradients for ${size} parameters`,
      )
      const norm = normOf(gradient)
      invariant(Number.isFinite(norm), 'the gradient is not finite')
      const clip = maxGradNorm !== null && norm > maxGradNorm ? maxGradNorm / norm : 1
      state[0] = Math.min(mostUpdates, state[0]! + 1)
      const firstBias = 1 - beta1 ** state[0]
      const secondBias = 1 - beta2 ** state[0]
      for (let index = 0; index < size; index += 1) {
        const slope = clip * gradient[index]!
        const mean = beta1 * first[index]! + (1 - beta1) * slope
        const square = beta2 * second[index]! + (1 - beta2) * slope * slope
        first[index] = mean
        second[index] = square
        parameters[index]! -= (learningRate * mean) / firstBias / (Math.sqrt(square / secondBias) + epsilon)
      }
      return norm
    },
    save: () => state.slice(),
    restore(saved) {
      invariant(saved.length === state.length, `a state of ${saved.length} numbers instead of ${state.length}`)
      state.set(saved)
    },
  }
}

function normOf(gradient: Float32Array): number {
  let squares = 0
  for (let index = 0; index < gradient.length; index += 1) squares += gradient[index]! * gradient[index]!
  return Math.sqrt(squares)
}
