/**
 * @file Rows for the regression from samples without instants: what the engine said of itself stands for what went on.
 *
 * Context is the usage of the KV cache times the base's size of it; a call that met an engine with nobody running or
 * waiting tells of prefill. Neighbours are not seen, and other prompts that came in between neither.
 */
import type { ModelId, Profile } from '../../../core/index.ts'
import type { LatencySample } from './latency-samples.ts'
import { byKey, leastSteps, type ModelTraffic } from './traffic.ts'

export function sampleTraffic(samples: readonly LatencySample[], base: Profile): ReadonlyMap<ModelId, ModelTraffic> {
  return new Map(
    [...byKey(samples, ({ model }) => model)].map(([model, its]) => {
      const kvTokens = base.models[model]!.kvTokens.value
      return [
        model,
        { decodes: its.flatMap((sample) => decodeRow(sample, kvTokens)), prefills: its.flatMap(prefillRow) },
      ] as const
    }),
  )
}

function decodeRow({ outputTokens, tpotMs, kvUsage, promptTokens }: LatencySample, kvTokens: number) {
  const steps = outputTokens - 1
  if (steps < leastSteps || tpotMs <= 0) return []
  const held = (kvUsage ?? 0) * kvTokens + promptTokens + outputTokens / 2
  return [{ steps, kvSteps: steps * held, prefillTokens: 0, ms: steps * tpotMs, neighbours: 0 }]
}

const prefillRow = ({ running, waiting, ttftMs, promptTokens }: LatencySample) =>
  running === 0 && (waiting ?? 0) === 0 && ttftMs > 0 ? [{ promptTokens, ms: ttftMs, neighbours: 0 }] : []
