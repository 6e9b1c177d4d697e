/** @file Small benchmarks for tests: a grid of seconds, and the input of one simulation over synthetic questions. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RunRecord } from '../../src/core/index.ts'
import type { BenchOptions } from '../../src/lab/bench/bench-options.ts'
import { parseMethod } from '../../src/lab/bench/methods/index.ts'
import { type SimulationInput, type SimulationOutcome, simulate } from '../../src/lab/bench/play/simulate.ts'
import { type RunBenchOptions, runBench } from '../../src/lab/bench/run-bench.ts'
import { type BenchSetting, createSetting } from '../../src/lab/bench/setting.ts'
import type { Question } from '../../src/lab/questions/index.ts'
import { paperProfile } from '../paper-profile.ts'

export const paperModelIds: readonly string[] = Object.keys(paperProfile().models)

/** One cell of half a minute, unless `parts` say otherwise. */
export const smallOptions = (parts: Partial<BenchOptions> = {}): BenchOptions => ({
  profile: 'paper-b200',
  data: null,
  datasets: ['synthetic-math'],
  methods: ['least-loaded'],
  rates: [60],
  budgets: [10],
  arrivals: 'poisson',
  minutes: 0.5,
  warmUpMinutes: 0.1,
  seeds: 1,
  seed: 1,
  know: 'exact',
  records: 'none',
  faults: [],
  prefixCache: false,
  fluid: false,
  ...parts,
})

const settings = new Map<string, BenchSetting>()

/** The setting of `smallOptions(parts)`; made once per file of tests. */
export function smallSetting(parts: Partial<BenchOptions> = {}): BenchSetting {
  const key = JSON.stringify(parts)
  const setting = settings.get(key) ?? createSetting(smallOptions(parts))
  settings.set(key, setting)
  return setting
}

/** A minute of `mixed` at 60 queries a minute with 30 s each, unless `parts` say otherwise. */
export function simulationOf(method: string, parts: Partial<SimulationInput> = {}): SimulationInput {
  const setting = smallSetting({ datasets: ['mixed'] })
  return {
    profile: setting.profile,
    prior: setting.prior('mixed', 1),
    ...setting.asked('mixed'),
    method: parseMethod(method, paperModelIds),
    arrivals: setting.arrivals,
    ratePerMinute: 60,
    seed: 1,
    warmUpMinutes: 0.5,
    minutes: 1,
    budgetSeconds: 30,
    ...parts,
  }
}

export interface HeardRun {
  readonly record: RunRecord
  readonly question: Question
}

/** Simulates, and keeps every measured run that ended, in the order of arrival. */
export async function hearRuns(
  method: string,
  parts: Partial<SimulationInput> = {},
): Promise<SimulationOutcome & { readonly heard: readonly HeardRun[] }> {
  const heard: HeardRun[] = []
  const outcome = await simulate(
    simulationOf(method, { ...parts, onRecord: (record, question) => void heard.push({ record, question }) }),
  )
  return { ...outcome, heard: heard.sort((a, b) => a.record.arrivedAtMs - b.record.arrivedAtMs) }
}

/** Folders for results; `clear` removes all of them. */
export function createOutFolders() {
  const folders: string[] = []
  return {
    next: (): string => {
      const folder = mkdtempSync(join(tmpdir(), 'inframind-bench-'))
      folders.push(folder)
      return folder
    },
    clear: (): void => {
      for (const folder of folders) rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Plays the benchmark in this thread. */
export const playBench = (options: BenchOptions, out: string, more: Partial<RunBenchOptions> = {}) =>
  runBench(options, {
    out,
    jobs: 1,
    signal: new AbortController().signal,
    version: '0.0.0',
    commit: null,
    onProgress: () => {},
    ...more,
  })

export const summaryBytes = (out: string): string => readFileSync(join(out, 'summary.json'), 'utf8')
