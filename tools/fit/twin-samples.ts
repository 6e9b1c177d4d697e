/** @file The twin's answers, asked as the measured models were: sampled once per benchmark, model and depth. */
import type { ProfileTruth } from '../../src/core/index.ts'
import { accuracyOf, createSampledTwin, type Sampled, type SampledTwin } from '../../src/lab/calibrate/index.ts'
import type { DataFolder } from './data-folder.ts'
import { type Depth, type ExamDomain, type MeasuredModel, measuredSamples } from './measured-samples.ts'
import { type StandIn, standInFor } from './stand-ins.ts'

/** Enough for a sampling error of about 0.008 in a share. */
const questionCount = 4000
const repeats = 10
const seed = 1

export interface TwinSamples {
  readonly truth: ProfileTruth
  on(benchmark: string): SampledTwin
  of(cell: StandIn, depth: Depth): Sampled
}

export function createTwinSamples(truth: ProfileTruth): TwinSamples {
  const twins = new Map<string, SampledTwin>()
  const sampled = new Map<string, Sampled>()
  const on = (benchmark: string): SampledTwin => {
    const twin = twins.get(benchmark) ?? createSampledTwin({ truth, benchmark, count: questionCount, seed })
    twins.set(benchmark, twin)
    return twin
  }
  return {
    truth,
    on,
    of: ({ benchmark, model }, depth) => {
      const key = `${benchmark}|${model}|${depth}`
      const strategy = depth === 'plain' ? null : depth
      const known = sampled.get(key) ?? on(benchmark).ask({ model, strategy, repeats })
      sampled.set(key, known)
      return known
    },
  }
}

/** The twin's cell beside a measured model on a domain. Logic stands in the twin's knowledge domain. */
export function besideMeasured(
  data: DataFolder,
  truth: ProfileTruth,
  { model, domain }: { readonly model: MeasuredModel; readonly domain: ExamDomain },
): StandIn {
  const accuracy = accuracyOf(measuredSamples(data, { model, domain, depth: 'plain' }).questions)
  return standInFor(truth, { domain: domain === 'math' ? 'math' : 'knowledge', accuracy })
}
