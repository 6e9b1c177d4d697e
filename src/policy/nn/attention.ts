/**
 * @file Attention pooling: one query over N keys that are their own values, to one vector of the same size.
 *
 * pooled = sum_i softmax_i(query . key_i / sqrt(size)) key_i. Whatever N is, and in whatever order the keys come, the
 * result has the same size and meaning. Scaled dot products as in Vaswani et al. 2017, arXiv 1706.03762.
 */
import type { RowKernel } from './linear.ts'
import { softmax } from './softmax.ts'

/** Kernel from keys [rows, size] to `pooled` [size]; `query`: [size], read at every call. No rows pool to zeros. */
export function createAttention({ query }: { query: Float32Array }): RowKernel {
  const size = query.length
  const root = Math.sqrt(size)
  let weights = new Float32Array(16)
  return (keys, pooled, rows) => {
    if (rows > weights.length) weights = new Float32Array(2 * rows)
    for (let row = 0; row < rows; row += 1) {
      let product = 0
      for (let index = 0; index < size; index += 1) product += query[index]! * keys[row * size + index]!
      weights[row] = product / root
    }
    softmax(weights, weights, rows)
    pooled.fill(0, 0, size)
    for (let row = 0; row < rows; row += 1) {
      const weight = weights[row]!
      for (let index = 0; index < size; index += 1) pooled[index]! += weight * keys[row * size + index]!
    }
  }
}
