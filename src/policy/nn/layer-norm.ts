/**
 * @file Layer normalisation of each row: (x - mean) / sqrt(variance + 1e-5) * scale + shift.
 *
 * Variance over the row's own numbers, divided by their count. Source: Ba, Kiros and Hinton 2016, arXiv 1607.06450.
 */
import type { RowKernel } from './linear.ts'

/** Keeps a row of equal numbers finite. */
export const layerNormEpsilon = 1e-5

/** `scale` and `shift`: [size]. `input` and `output` may be the same array. */
export function createLayerNorm({ scale, shift }: { scale: Float32Array; shift: Float32Array }): RowKernel {
  const size = scale.length
  return (input, output, rows) => {
    for (let from = 0; from < rows * size; from += size) {
      let sum = 0
      let squares = 0
      for (let index = 0; index < size; index += 1) sum += input[from + index]!
      const mean = sum / size
      for (let index = 0; index < size; index += 1) {
        const distance = input[from + index]! - mean
        squares += distance * distance
      }
      const factor = 1 / Math.sqrt(squares / size + layerNormEpsilon)
      for (let index = 0; index < size; index += 1)
        output[from + index] = (input[from + index]! - mean) * factor * scale[index]! + shift[index]!
    }
  }
}
