/**
 * @file Feature-wise linear modulation: every row becomes gamma * row + beta, with one gamma and beta for all rows.
 *
 * Source: Perez et al. 2018, arXiv 1709.07871.
 */
import type { RowKernel } from './linear.ts'

/** `gamma` and `beta`: [size], read at every call. `input` and `output` may be the same array. */
export function createFilm({ gamma, beta }: { gamma: Float32Array; beta: Float32Array }): RowKernel {
  const size = gamma.length
  return (input, output, rows) => {
    for (let from = 0; from < rows * size; from += size)
      for (let index = 0; index < size; index += 1)
        output[from + index] = gamma[index]! * input[from + index]! + beta[index]!
  }
}
