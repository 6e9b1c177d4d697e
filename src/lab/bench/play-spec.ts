/** @file Plays one run of the plan in a setting. */
import { type BenchOptions, usualPollMs } from './bench-options.ts'
import { parseMethod } from './methods/index.ts'
import type { RunSpec } from './plan-runs.ts'
import { type MetricsTerms, playRun } from './play/index.ts'
import { writeRecords } from './run-files.ts'
import type { RunResult } from './run-result.ts'
import type { BenchSetting } from './setting.ts'

/** What a run is told beside its spec. */
export interface SpecTerms {
  /** Of all that the result depends on; it stands in the result. */
  readonly inputsHash: string
  /** Folder of the results: kept run records go into `records/` there. */
  readonly out: string
}

/** Queries of a run whose records `--records sample` keeps. */
const sampledRecords = 100

export async function playSpec(setting: BenchSetting, spec: RunSpec, terms: SpecTerms): Promise<RunResult> {
  const { profile, options } = setting
  const { dataset, ratePerMinute, seed } = spec
  const { inputsHash } = terms
  const records: string[] = []
  const most = { none: 0, sample: sampledRecords, all: Infinity }[options.records]
  const method = parseMethod(spec.method, Object.keys(profile.models))
  const result = await playRun({
    key: spec.key,
    inputsHash,
    dataset,
    budgetsSeconds: spec.budgets,
    profile,
    prior: setting.prior(dataset, seed, { readsQuestions: method.base.policy.readsQuestions ?? false }),
    ...setting.asked(dataset),
    method,
    arrivals: setting.arrivals,
    faults: setting.faults,
    prefixCache: options.prefixCache,
    metrics: metricsOf(options),
    onRecord: (record) => {
      if (records.length < most) records.push(`${JSON.stringify(record)}\n`)
    },
    drains: options.arrivals === 'burst',
    ratePerMinute,
    seed,
    ...spanOf(options.arrivals, ratePerMinute, options),
  })
  if (records.length > 0) writeRecords(terms.out, spec.key, records.join(''))
  return result
}

/** How the options have the metrics read. */
export const metricsOf = ({ pollMs = usualPollMs, metricsNoise = 0, metricsAge = 0 }: BenchOptions): MetricsTerms => ({
  pollMs,
  noise: metricsNoise,
  ageMs: 1000 * metricsAge,
})

/** A burst has no warm-up and lasts as long as its queries take to arrive; anything else as long as was asked for. */
export function spanOf(
  arrivals: string,
  ratePerMinute: number,
  { minutes, warmUpMinutes }: { readonly minutes: number; readonly warmUpMinutes: number },
): { readonly minutes: number; readonly warmUpMinutes: number } {
  if (arrivals !== 'burst') return { minutes, warmUpMinutes }
  return { warmUpMinutes: 0, minutes: Math.ceil((burstQueries / ratePerMinute) * 1.5) + 1 }
}

/** The paper's burst. */
const burstQueries = 500
