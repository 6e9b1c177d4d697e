/**
 * @file The benchmark from a grid to `summary.json`: plans the runs, plays those that are not there yet, sums up.
 *
 * Same options, same bytes, whatever the number of jobs and however often it was interrupted.
 */
import { join } from 'node:path'
import { type BenchOptions, canonicalCommand, checkBenchOptions, usualPollMs } from './bench-options.ts'
import type { BenchRow } from './bench-row.ts'
import { BestFixed, bestFixedName, freeArmsOf } from './best-fixed.ts'
import { fluidRows } from './fluid-rows.ts'
import { parseMethod, readBestFixed } from './methods/index.ts'
import { planRuns, type RunSpec, seedsOf } from './plan-runs.ts'
import { metricsOf } from './play-spec.ts'
import { RunFiles, writeWhole } from './run-files.ts'
import type { RunResult } from './run-result.ts'
import { type BenchSetting, createSetting, longHash } from './setting.ts'
import { type Summary, summarySchemaId } from './summary.ts'
import { runAll } from './workers/run-all.ts'

/** Raised whenever the simulation of unchanged inputs changes: older results are then played anew. */
const resultVersion = 3

export interface BenchProgress {
  readonly done: number
  readonly total: number
  /** Found finished in the folder. */
  readonly resumed: number
}

export interface RunBenchOptions {
  readonly out: string
  /** Worker threads. >= 1. */
  readonly jobs: number
  readonly signal: AbortSignal
  /** What `summary.json` says of the program. */
  readonly version: string
  readonly commit: string | null
  readonly onProgress: (progress: BenchProgress) => void
}

/** Runs the grid and writes `summary.json`. Null: interrupted; the same call goes on from there. Throws ConfigError. */
export async function runBench(options: BenchOptions, run: RunBenchOptions): Promise<Summary | null> {
  checkBenchOptions(options)
  const setting = createSetting(options)
  const models = Object.keys(setting.profile.models)
  const specs = planRuns(options, models, freeArmsOf(models))
  const grid = { ...options, models, seeds: seedsOf(options) }
  const best = options.methods
    .flatMap((method) => readBestFixed(method) ?? [])
    .map(({ suffix }) => new BestFixed(suffix, grid))
  // Only now that all is understood is anything written.
  const player = createPlayer(setting, run)
  const first = await player.play(specs)
  if (first === null) return null
  for (const reference of best) for (const result of first) reference.add(result)
  const again = await player.play(best.flatMap((reference) => reference.toPlayAgain()))
  if (again === null) return null
  for (const reference of best) for (const result of again) reference.add(result)
  const chosen = best.flatMap((reference) => reference.choose())
  for (const result of chosen) player.files.write(result)
  const fluid = options.fluid ? await fluidRows(setting, options, run.signal) : null
  if (run.signal.aborted) return null
  const summary = sumUp(setting, [...first, ...again, ...chosen], run)
  const whole = fluid === null ? summary : { ...summary, fluid: [...fluid] }
  writeWhole(join(run.out, 'summary.json'), `${JSON.stringify(whole, null, 1)}\n`)
  return whole
}

/** Plays lists of runs, taking up those that lie in the folder already. */
function createPlayer(setting: BenchSetting, { out, jobs, signal, onProgress }: RunBenchOptions) {
  const files = new RunFiles(out)
  const hashOf = createHasher(setting)
  const told = { done: 0, total: 0, resumed: 0 }
  const play = async (listed: readonly RunSpec[]): Promise<readonly RunResult[] | null> => {
    const specs = [...new Map(listed.map((spec) => [spec.key, spec])).values()]
    const results = new Map<string, RunResult>()
    for (const spec of specs) {
      const known = files.read(spec.key, hashOf(spec))
      if (known) results.set(spec.key, known)
    }
    told.total += specs.length
    told.done += results.size
    told.resumed += results.size
    onProgress({ ...told })
    const onResult = (result: RunResult) => {
      files.write(result)
      results.set(result.key, result)
      told.done += 1
      onProgress({ ...told })
    }
    await runAll({ setting, specs: specs.filter(({ key }) => !results.has(key)), hashOf, out, jobs, signal, onResult })
    return results.size < specs.length ? null : [...results.values()]
  }
  return { files, play }
}

/** What a run's result depends on, hashed: results made from anything else are not taken up. */
function createHasher(setting: BenchSetting): (spec: RunSpec) => string {
  const { options, profile, profileHash, questionsHash, traceHash } = setting
  const learntBy = createDigest(Object.keys(profile.models))
  const { know, arrivals, minutes, warmUpMinutes, datasets, faults, prefixCache, records, part } = options
  const ofDatasets = new Map(datasets.map((dataset) => [dataset, questionsHash(dataset)]))
  // Estimates of one set lean on the training questions of the others.
  const kin = know === 'exact' ? [] : [...ofDatasets.values()]
  // Kept records are part of what a run leaves behind: who asks for them gets them.
  const usual = [kin, know, arrivals, traceHash, minutes, warmUpMinutes, faults, prefixCache, records, part ?? 'test']
  // Only what is unusual enters, so that results from before there was a choice stay good.
  const { pollMs, noise, ageMs } = metricsOf(options)
  const rest = pollMs === usualPollMs && !noise && !ageMs ? usual : [...usual, { pollMs, noise, ageMs }]
  return (spec) => {
    const parts = [resultVersion, spec, profileHash, ofDatasets.get(spec.dataset), ...rest, ...learntBy(spec.method)]
    return longHash(JSON.stringify(parts))
  }
}

/** What a method has learnt, hashed: under the same name other weights may serve. Nothing for those that learnt nothing. */
function createDigest(models: readonly string[]): (method: string) => readonly string[] {
  const known = new Map<string, readonly string[]>()
  return (method) => {
    const before = known.get(method)
    if (before) return before
    const { planner, executor, baseline } = parseMethod(method, models).base.policy
    const learnt = [planner, executor, baseline].filter((part) => typeof part === 'object')
    const text = JSON.stringify(learnt, (_, value) =>
      ArrayBuffer.isView(value) ? Array.from(value as Float32Array) : value,
    )
    const digest = learnt.length > 0 ? [longHash(text)] : []
    known.set(method, digest)
    return digest
  }
}

function sumUp(setting: BenchSetting, results: readonly RunResult[], run: RunBenchOptions): Summary {
  const { options, profile, profileHash, truthHash, sets } = setting
  const models = Object.keys(profile.models)
  const asked = options.methods.map((method) => {
    const best = readBestFixed(method)
    return best ? bestFixedName(best.suffix) : parseMethod(method, models).name
  })
  const rows = results
    .flatMap(({ cells }) => cells.map(({ row }) => row))
    .filter(({ method }) => asked.includes(method))
  const place = (row: BenchRow) => [
    asked.indexOf(row.method),
    options.datasets.indexOf(row.dataset),
    options.rates.indexOf(row.rate_per_min),
    options.budgets.indexOf(row.budget_s),
    row.seed,
  ]
  return {
    schema: summarySchemaId,
    meta: {
      version: run.version,
      commit: run.commit,
      seed: options.seed,
      seeds: options.seeds,
      profile: profile.id,
      profileHash,
      truthHash,
      know: options.know,
      arrivals: options.arrivals,
      minutes: options.minutes,
      warmUpMinutes: options.warmUpMinutes,
      command: canonicalCommand(options),
      kind: 'simulated',
      questions: Object.fromEntries(
        [...sets].map(([name, { train, validation, test }]) => [
          name,
          { train: train.length, validation: validation.length, test: test.length, hash: setting.questionsHash(name) },
        ]),
      ),
    },
    rows: rows.sort((a, b) => compareLists(place(a), place(b))),
  }
}

function compareLists(a: readonly number[], b: readonly number[]): number {
  for (const [index, value] of a.entries()) if (value !== b[index]) return value - (b[index] as number)
  return 0
}
