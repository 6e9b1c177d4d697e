/**
 * @file What the paper's planner sees of budget and machines, z0: for one pool, or in a form that any pool fills.
 *
 * Fixed form: [budget; queue of each model; latency of each; KV usage of each], 1 + 3 per model. Pool-size-free form: of each
 * of the three the mean, least, greatest and the sum weighted by capability (weights made to sum to 1), 1 + 12. All numbers come
 * normalised.
 */

export interface PoolLoad {
  readonly budget: number
  /** [models], in the same order all three. */
  readonly queue: ArrayLike<number>
  readonly latency: ArrayLike<number>
  readonly kv: ArrayLike<number>
  /** [models]: what each is worth; equal where all are 0. */
  readonly capability: ArrayLike<number>
}

/** Numbers of the pool-size-free form. */
export const pooledLoadSize = 13

export const fixedLoadSize = (models: number): number => 1 + 3 * models

/** Into `output` [1 + 3 models]. */
export function fillFixedLoad({ budget, queue, latency, kv }: PoolLoad, output: Float32Array): void {
  output[0] = budget
  output.set(queue, 1)
  output.set(latency, 1 + queue.length)
  output.set(kv, 1 + queue.length + latency.length)
}

/** Into `output` [13]; there must be a model. */
export function fillPooledLoad({ budget, queue, latency, kv, capability }: PoolLoad, output: Float32Array): void {
  output[0] = budget
  let total = 0
  for (let model = 0; model < capability.length; model += 1) total += capability[model]!
  const share = (model: number) => (total > 0 ? capability[model]! / total : 1 / capability.length)
  const pool = (values: ArrayLike<number>, offset: number) => {
    let [sum, least, most, weighted] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0]
    for (let model = 0; model < values.length; model += 1) {
      const value = values[model]!
      sum += value
      least = Math.min(least, value)
      most = Math.max(most, value)
      weighted += share(model) * value
    }
    output[offset] = sum / values.length
    output[offset + 1] = least
    output[offset + 2] = most
    output[offset + 3] = weighted
  }
  pool(queue, 1)
  pool(latency, 5)
  pool(kv, 9)
}
