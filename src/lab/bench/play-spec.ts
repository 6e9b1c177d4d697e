/** @file Plays one run of the plan in a setting. */
import { parseMethod } from './methods/index.ts'
import type { RunSpec } from './plan-runs.ts'
import { playRun } from './play/index.ts'
import type { RunResult } from './run-result.ts'
import type { BenchSetting } from './setting.ts'

/** `inputsHash`: of all that the result depends on; it stands in the result. */
export function playSpec(setting: BenchSetting, spec: RunSpec, inputsHash: string): Promise<RunResult> {
  const { profile, options } = setting
  const { dataset, ratePerMinute, seed } = spec
  return playRun({
    key: spec.key,
    inputsHash,
    dataset,
    budgetsSeconds: spec.budgets,
    profile,
    prior: setting.prior(dataset, seed),
    ...setting.asked(dataset),
    method: parseMethod(spec.method, Object.keys(profile.models)),
    arrivals: setting.arrivals,
    ratePerMinute,
    seed,
    ...spanOf(options.arrivals, ratePerMinute, options),
  })
}

/** A burst has no warm-up and lasts as long as its queries take to arrive; anything else as long as was asked for. */
function spanOf(
  arrivals: string,
  ratePerMinute: number,
  { minutes, warmUpMinutes }: { readonly minutes: number; readonly warmUpMinutes: number },
): { readonly minutes: number; readonly warmUpMinutes: number } {
  if (arrivals !== 'burst') return { minutes, warmUpMinutes }
  return { warmUpMinutes: 0, minutes: Math.ceil((burstQueries / ratePerMinute) * 1.5) + 1 }
}

/** The paper's burst. */
const burstQueries = 500
