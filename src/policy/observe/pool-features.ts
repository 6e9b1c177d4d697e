/**
 * @file The pool as numbers whose count does not depend on how many models it has.
 *
 * Of every usable model: pressure (what runs and waits, over its slots), latency, KV usage. Each is pooled four ways:
 * mean, smallest, largest, and the mean weighted by what the model is good for. So the same weights serve another pool.
 */
import type { ClusterState, ModelId, ModelState } from '../../core/index.ts'
import { type PricedArm, pressureOf } from '../predict/index.ts'
import type { FeatureRow } from './feature-row.ts'
import { scaledMs } from './scales.ts'

const measures = ['pressure', 'latency', 'kv'] as const
const poolings = ['mean', 'smallest', 'largest', 'weighted'] as const

export const poolFeatureNames: readonly string[] = [
  'pool.load',
  'pool.usable',
  ...measures.flatMap((measure) => poolings.map((pooling) => `pool.${measure}.${pooling}`)),
]

/** Where queues are longer than this many times the slots, longer makes no difference. */
const longestQueue = 4

/** Pressure of a model for a network: 1 where its slots are just full. */
export const scaledPressure = (state: ModelState): number => Math.min(pressureOf(state), longestQueue)

const pooled = new Float64Array(measures.length * poolings.length)

function add(measure: number, value: number, weight: number): void {
  const at = measure * poolings.length
  pooled[at] = (pooled[at] as number) + value
  pooled[at + 1] = Math.min(pooled[at + 1] as number, value)
  pooled[at + 2] = Math.max(pooled[at + 2] as number, value)
  pooled[at + 3] = (pooled[at + 3] as number) + weight * value
}

/** Writes `poolFeatureNames.length` numbers. `best`: of each model the arm that it is judged by; a model without is worth 0. */
export function putPool(row: FeatureRow, state: ClusterState, best: ReadonlyMap<ModelId, PricedArm>): void {
  pooled.fill(0)
  for (let measure = 0; measure < measures.length; measure += 1) pooled[measure * poolings.length + 1] = longestQueue
  let usable = 0
  let weights = 0
  for (const model of state.models) {
    if (!model.isUsable) continue
    const line = best.get(model.model)
    const weight = line?.quality ?? 0
    usable += 1
    weights += weight
    add(0, scaledPressure(model), weight)
    add(1, scaledMs(line?.meanMs ?? 0), weight)
    add(2, model.kvUsage ?? 0, weight)
  }
  row.put(Math.min(state.load, longestQueue))
  row.put(state.models.length === 0 ? 0 : usable / state.models.length)
  for (let measure = 0; measure < measures.length; measure += 1) {
    const at = measure * poolings.length
    row.put(usable === 0 ? 0 : (pooled[at] as number) / usable)
    row.put(usable === 0 ? 0 : (pooled[at + 1] as number))
    row.put(pooled[at + 2] as number)
    row.put(weights === 0 ? 0 : (pooled[at + 3] as number) / weights)
  }
}
