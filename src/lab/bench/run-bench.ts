/**
 * @file The benchmark from a grid to `summary.json`: plans the runs, plays those that are not there yet, sums up.
 *
 * Same options, same bytes, whatever the number of jobs and however often it was interrupted.
 */
import { join } from 'node:path'
import { type BenchOptions, canonicalCommand, checkBenchOptions } from './bench-options.ts'
import type { BenchRow } from './bench-row.ts'
import { bestFixedName, chooseBestFixed } from './best-fixed.ts'
import { parseMethod, readBestFixed } from './methods/index.ts'
import { armsOf, planRuns, type RunSpec, runKey } from './plan-runs.ts'
import { RunFiles, writeWhole } from './run-files.ts'
import type { RunResult } from './run-result.ts'
import { type BenchSetting, createSetting, longHash } from './setting.ts'
import { type Summary, summarySchemaId } from './summary.ts'
import { runAll } from './workers/run-all.ts'

/** Raised whenever the simulation of unchanged inputs changes: older results are then played anew. */
const resultVersion = 1

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
  const specs = planRuns(options, models)
  const hashOf = createHasher(setting)
  const files = new RunFiles(run.out)
  const results = new Map<string, RunResult>()
  for (const spec of specs) {
    const known = files.read(spec.key, hashOf(spec))
    if (known) results.set(spec.key, known)
  }
  const resumed = results.size
  const tell = () => run.onProgress({ done: results.size, total: specs.length, resumed })
  tell()
  await runAll({
    setting,
    specs: specs.filter(({ key }) => !results.has(key)),
    hashOf,
    jobs: run.jobs,
    signal: run.signal,
    onResult: (result) => {
      files.write(result)
      results.set(result.key, result)
      tell()
    },
  })
  if (results.size < specs.length) return null
  const all = [...results.values(), ...bestFixedRuns(options, models, results, files)]
  const summary = sumUp(setting, all, run)
  writeWhole(join(run.out, 'summary.json'), `${JSON.stringify(summary, null, 1)}\n`)
  return summary
}

/** What a run's result depends on, hashed: results made from anything else are not taken up. */
function createHasher({ options, profileHash, questionsHash }: BenchSetting): (spec: RunSpec) => string {
  const { know, arrivals, minutes, warmUpMinutes, datasets } = options
  const ofDatasets = new Map(datasets.map((dataset) => [dataset, questionsHash(dataset)]))
  return (spec) =>
    longHash(
      JSON.stringify([
        resultVersion,
        spec,
        profileHash,
        ofDatasets.get(spec.dataset),
        know,
        arrivals,
        minutes,
        warmUpMinutes,
      ]),
    )
}

function bestFixedRuns(
  options: BenchOptions,
  models: readonly string[],
  results: ReadonlyMap<string, RunResult>,
  files: RunFiles,
): readonly RunResult[] {
  const asked = options.methods.flatMap((method) => readBestFixed(method) ?? [])
  return asked.flatMap(({ suffix }) => {
    const names = new Set(armsOf(models, suffix).map((arm) => parseMethod(arm, models).name))
    const runs = [...results.values()].filter(({ method }) => names.has(method))
    const joined = joinBudgets(runs, options.budgets)
    const keyOf = (run: RunResult) => runKey({ ...run, budgets: options.budgets })
    const best = chooseBestFixed({ arms: joined, name: bestFixedName(suffix), keyOf })
    for (const run of best) files.write(run)
    return best
  })
}

/** Arms whose budgets were played apart, put together as the others are: one run holding a cell for each budget. */
function joinBudgets(runs: readonly RunResult[], budgets: BenchOptions['budgets']): readonly RunResult[] {
  const groups = new Map<string, RunResult[]>()
  for (const run of runs) {
    const key = [run.method, run.dataset, run.ratePerMinute, run.seed].join('|')
    groups.set(key, [...(groups.get(key) ?? []), run])
  }
  return [...groups.values()].map((group) => {
    const cells = group.flatMap((run) => run.cells)
    const ordered = budgets.map((budget) => cells.find(({ row }) => row.budget_s === budget))
    return { ...(group[0] as RunResult), cells: ordered.filter((cell) => cell !== undefined) }
  })
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
