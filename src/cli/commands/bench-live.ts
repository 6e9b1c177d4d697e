/** @file `inframind bench --live`: a gateway measured over HTTP, and held against the twin where a profile is named. */
import { join } from 'node:path'
import type { Command } from 'commander'
import { ConfigError, createWallClock } from '../../core/index.ts'
import {
  compareWithTwin,
  type LiveFacts,
  type LiveOptions,
  type LiveProgress,
  runLive,
  type TwinComparison,
  writeWhole,
} from '../../lab/bench/index.ts'
import { loadProfile } from '../../lab/index.ts'
import { writeReport } from '../../lab/report/index.ts'
import { untilStopped } from '../gateway/index.ts'
import { commitOfCheckout, numberFlag, type Output, packageVersion } from '../terminal/index.ts'

/** Flags that only a live run takes. */
export interface LiveFlags {
  readonly live?: string
  readonly key?: string
  readonly model: string
  readonly timeScale: number
  readonly unsafeExec?: boolean
}

type BenchFlags = LiveFlags & {
  readonly profile: string
  readonly data?: string
  readonly warmUp: number
  readonly out: string
  readonly json?: boolean
  readonly report: boolean
} & Pick<LiveOptions, 'datasets' | 'rates' | 'budgets' | 'arrivals' | 'minutes' | 'seeds' | 'seed'>

const liveOnly = ['key', 'model', 'timeScale', 'unsafeExec']
const twinOnly = [
  ...['methods', 'know', 'jobs', 'records', 'faults', 'prefixCache', 'fluid'],
  ...['pollMs', 'metricsNoise', 'metricsAge'],
]

export function addLiveFlags(command: Command): void {
  command
    .option('--live <url>', 'measure this gateway, or any OpenAI-compatible server, instead of the twin')
    .option('--key <key>', 'its API key (with --live)')
    .option('--model <name>', 'what is asked of it (with --live)', 'inframind')
    .option(
      '--time-scale <factor>',
      'simulated seconds per second of its pool (with --live)',
      numberFlag({ min: 0.1, max: 100 }),
      1,
    )
    .option('--unsafe-exec', 'run programs of answers without containment where there is none (with --live)')
}

/** Throws ConfigError for flags that mean nothing here: those of the twin with `--live`, those of `--live` without. */
export function checkFlagsOf(command: Command): void {
  const isLive = command.getOptionValue('live') !== undefined
  const astray = (isLive ? twinOnly : liveOnly).filter((name) => command.getOptionValueSource(name) === 'cli')
  if (astray.length === 0) return
  const fix = isLive ? 'Leave it out: the gateway decides.' : 'Name the gateway with --live URL.'
  const problems = astray.map((name) => ({
    path: command.options.find((option) => option.attributeName() === name)?.long ?? name,
    expected: isLive ? 'not with --live' : 'only with --live',
    got: String(command.getOptionValue(name)),
    fix,
  }))
  throw new ConfigError(problems, 'the command line')
}

interface Terminal {
  readonly command: Command
  readonly output: Output
}

export async function benchLive(url: string, flags: BenchFlags, { command, output }: Terminal): Promise<void> {
  const { datasets, rates, budgets, arrivals, minutes, seeds, seed, model, timeScale, out, json, report } = flags
  const options: LiveOptions = {
    ...{ url, model, timeScale, datasets, rates, budgets, arrivals, minutes, seeds, seed },
    key: flags.key ?? null,
    data: flags.data ?? null,
    warmUpMinutes: flags.warmUp,
  }
  // Naming a profile asks for the comparison; one that cannot be read must not cost a whole run first.
  const profile = command.getOptionValueSource('profile') === 'cli' ? loadProfile(flags.profile) : null
  output.note(describeLength(options))
  const stop = new AbortController()
  void untilStopped().then(() => stop.abort())
  const summary = await runLive(options, {
    out,
    signal: stop.signal,
    allowsUnsafeExec: flags.unsafeExec ?? false,
    version: packageVersion(),
    commit: commitOfCheckout(),
    onProgress: liveProgress(output),
    onFacts: (facts) => output.note(`${output.isTerminal ? '\n' : ''}${describeFacts(facts)}`),
  })
  if (summary === null) {
    output.note(`stopped; replies and finished runs are kept in ${out}, and the same command goes on from there`)
    process.exitCode = 1
    return
  }
  if (report) await writeReport(out)
  if (json) output.line(JSON.stringify(summary, null, 1))
  else output.line(`${summary.rows.length} rows in ${out}/summary.json`)
  if (profile === null) return
  const comparison = await compareWithTwin({ profile, options, rows: summary.rows })
  writeWhole(join(out, 'twin-comparison.json'), `${JSON.stringify(comparison, null, 1)}\n`)
  for (const line of describeComparison(comparison)) output.note(line)
}

/** A live grid takes as long as it says: runs go one after the other. */
function describeLength({ datasets, rates, budgets, seeds, minutes, warmUpMinutes, timeScale }: LiveOptions): string {
  const runs = datasets.length * rates.length * budgets.length * seeds
  const each = (minutes + warmUpMinutes) / timeScale
  return `${runs} runs of ${each.toFixed(1)} min, one after the other: at least ${(runs * each).toFixed(0)} min`
}

const everyMs = 5000

/** In place on a terminal, else a line every few seconds. */
function liveProgress(output: Output): (progress: LiveProgress) => void {
  const clock = createWallClock()
  let toldMs = -Infinity
  return ({ run, runs, resumed, key, ended, expected }) => {
    const nowMs = clock.nowMs()
    if (nowMs - toldMs < (output.isTerminal ? 200 : everyMs)) return
    toldMs = nowMs
    const found = resumed > 0 ? ` (${resumed} found finished)` : ''
    const line = `run ${run} of ${runs}${found}: ${key}, ${ended} of about ${expected} queries`
    if (output.isTerminal) output.raw(`\r\u001b[2K${line}`)
    else output.note(line)
  }
}

function describeFacts({ key, ends, verdicts, sendLagMs }: LiveFacts): string {
  const counts = (of: Readonly<Record<string, number>>) =>
    Object.entries(of)
      .filter(([, count]) => count > 0)
      .map(([name, count]) => `${count} ${name}`)
      .join(', ') || 'none'
  const lag =
    sendLagMs === null
      ? ''
      : `; sent late by ${sendLagMs.p50.toFixed(1)} ms (p50), ${sendLagMs.p99.toFixed(1)} ms (p99)`
  return `${key}: ${counts(ends)}; ${counts(verdicts)}${lag}`
}

function describeComparison({ inside, compared, profile, twinSeeds, cells }: TwinComparison): readonly string[] {
  const outside = cells.flatMap(({ dataset, rate_per_min, budget_s, seed, metrics }) =>
    metrics
      .filter(({ isInside }) => !isInside)
      .map(
        ({ metric, live, low, high }) =>
          `  ${dataset} ${rate_per_min}/min ${budget_s ?? 'mix'} s seed ${seed} ${metric}: ${live} is outside ${low} to ${high}`,
      ),
  )
  const share = ((100 * inside) / compared).toFixed(0)
  return [
    `${inside} of ${compared} metrics (${share} %) lie inside the 95 % intervals of ${twinSeeds.length} simulated runs of ${profile}`,
    ...outside,
  ]
}
