/**
 * @file Budget and machines as the paper's networks read them: three numbers for each model of one fixed pool.
 *
 *     [budget ; (running + waiting) / 16 of each ; latency of each ; KV usage of each]
 *
 * All that waits for a model counts, also at our gateway: in the paper every call waits at its engine. Latency is the
 * engines' own average of whole calls. What no engine has reported yet is 0. Scales: ln(1 + s) / ln 300 of latencies.
 */
import { type ClusterState, clamp, type ModelId, type ModelState } from '../../core/index.ts'
import { fillFixedLoad } from '../nn/index.ts'
import { scaledBudgetMs, scaledMs } from './scales.ts'

/** Slots of an engine in the paper. */
const slots = 16
const largest = 8

/** Names of the numbers, in order. */
export const poolReadingNames = (models: readonly ModelId[]): readonly string[] => [
  'budget',
  ...['queue', 'latency', 'kv'].flatMap((measure) => models.map((model) => `${measure}.${model}`)),
]

/** Mean over the replicas that report one. ms. */
function latencyMs({ replicas }: ModelState): number {
  let [sum, count] = [0, 0]
  for (const { e2eMs, isUsable } of replicas) {
    if (e2eMs === null || !isUsable) continue
    sum += e2eMs
    count += 1
  }
  return count === 0 ? 0 : sum / count
}

/** Writes [1 + 3 models] numbers; false where one was not finite and stands as 0. */
export type PoolReader = (output: Float32Array, budgetMs: number, state: ClusterState) => boolean

export function createPoolReader(models: readonly ModelId[]): PoolReader {
  const measured = () => new Float32Array(models.length)
  const [queue, latency, kv, capability] = [measured(), measured(), measured(), measured()]
  return (output, budgetMs, state) => {
    for (const [index, id] of models.entries()) {
      const model = state.model(id)
      queue[index] = model ? (model.running + model.waiting + model.gatewayWaiting) / slots : 0
      latency[index] = model ? scaledMs(latencyMs(model)) : 0
      kv[index] = model?.kvUsage ?? 0
    }
    fillFixedLoad({ budget: scaledBudgetMs(budgetMs), queue, latency, kv, capability }, output)
    let isReadable = true
    for (let index = 0; index < 1 + 3 * models.length; index += 1) {
      const value = output[index] as number
      if (Number.isFinite(value)) output[index] = clamp(value, -largest, largest)
      else {
        output[index] = 0
        isReadable = false
      }
    }
    return isReadable
  }
}
