/** @file `inframind bench`: methods compared on the same questions, arrivals and luck, in the simulated pool. */
import { availableParallelism } from 'node:os'
import { type Command, Option } from 'commander'
import { type BenchOptions, faultNames, methodNames, runBench } from '../../lab/bench/index.ts'
import { type KnowledgeLevel, knowledgeLevels } from '../../lab/knowledge/index.ts'
import { type PartName, partNames, syntheticDatasets } from '../../lab/questions/index.ts'
import { writeReport } from '../../lab/report/index.ts'
import { untilStopped } from '../gateway/index.ts'
import {
  benchProgress,
  budgetListFlag,
  commitOfCheckout,
  listFlag,
  numberFlag,
  type Output,
  packageVersion,
  rateListFlag,
} from '../terminal/index.ts'
import { addLiveFlags, benchLive, checkFlagsOf, type LiveFlags } from './bench-live.ts'

interface BenchFlags extends LiveFlags {
  readonly profile: string
  readonly data?: string
  readonly datasets: readonly string[]
  readonly methods: readonly string[]
  readonly rates: readonly number[]
  readonly budgets: readonly (number | null)[]
  readonly arrivals: string
  readonly minutes: number
  readonly warmUp: number
  readonly seeds: number
  readonly seed: number
  readonly know: KnowledgeLevel
  readonly part: PartName
  readonly jobs: number
  readonly records: BenchOptions['records']
  readonly faults: readonly string[]
  readonly prefixCache?: boolean
  readonly pollMs: number
  readonly metricsNoise: number
  readonly metricsAge: number
  readonly fluid: boolean
  readonly report: boolean
  readonly out: string
  readonly json?: boolean
}

const whole = (min: number, max: number) => numberFlag({ min, max, whole: true })

export function addBenchCommand(program: Command, output: Output): void {
  const command = program
    .command('bench')
    .description('compare methods on the same questions, arrivals and luck in the twin, or measure a gateway (--live)')
    .option('--profile <name|path>', 'the pool to simulate; also random:<seed>, renamed:<profile>', 'paper-b200')
    .option('--data <dir>', 'folder of published question sets; without it synthetic questions are asked')
    .option('--datasets <list>', 'sets, or mixed', listFlag, syntheticDatasets)
    .option('--methods <list>', `any of ${methodNames().join(', ')}, single:<model>:<strategy>`, listFlag, [
      'inframind',
      'best-fixed',
      'least-loaded',
      'moa',
    ])
    .option('--rates <list>', 'queries per minute', rateListFlag, [10, 50, 200])
    .option('--budgets <list>', 'seconds, or mix', budgetListFlag, [10, 30, 100])
    .option('--arrivals <process>', 'poisson, on-off, burst or trace:FILE', 'poisson')
    .option('--minutes <number>', 'measured time', numberFlag({ min: 0.1, max: 10_080 }), 30)
    .option('--warm-up <minutes>', 'time played before it', numberFlag({ min: 0, max: 10_080 }), 5)
    .option('--seeds <count>', 'how many seeds', whole(1, 10_000), 5)
    .option('--seed <number>', 'the first of them', whole(0, 2 ** 31), 1)
    .addOption(
      new Option('--know <level>', 'what policies know of the models').choices(knowledgeLevels).default('estimated'),
    )
    .addOption(
      new Option('--part <part>', 'questions to ask; others than test are for tuning')
        .choices(partNames)
        .default('test'),
    )
    .option('--jobs <count>', 'worker threads', whole(1, 256), availableParallelism())
    .addOption(
      new Option('--records <which>', 'run records to keep').choices(['none', 'sample', 'all']).default('none'),
    )
    .option(
      '--faults <list>',
      `${faultNames.join(', ')}, each with :<model> or without; gone and slowed last all the time, others begin in its middle`,
      listFlag,
      [],
    )
    .option('--prefix-cache', 'let engines keep the beginnings of prompts')
    .option('--poll-ms <ms>', 'between two looks at the metrics of the engines', whole(10, 3_600_000), 1000)
    .option(
      '--metrics-noise <spread>',
      'spread of ln(reading / truth) of the metrics',
      numberFlag({ min: 0, max: 5 }),
      0,
    )
    .option(
      '--metrics-age <seconds>',
      'how old the metrics are, unknown to who reads them',
      numberFlag({ min: 0, max: 3600 }),
      0,
    )
    .option('--no-fluid', 'leave out the fluid lines of the linear program')
    .option('--no-report', 'leave out report.md and its figures')
    .option('--out <dir>', 'where results go; an interrupted benchmark goes on from them', './bench')
    .option('--json', 'print summary.json')
    .action((flags: BenchFlags) => {
      checkFlagsOf(command)
      return flags.live === undefined ? bench(flags, output) : benchLive(flags.live, flags, { command, output })
    })
  addLiveFlags(command)
}

async function bench(flags: BenchFlags, output: Output): Promise<void> {
  const { jobs, out, json, report, ...rest } = flags
  const options = toOptions(rest)
  const stop = new AbortController()
  void untilStopped().then(() => stop.abort())
  const summary = await runBench(options, {
    out,
    jobs,
    signal: stop.signal,
    version: packageVersion(),
    commit: commitOfCheckout(),
    onProgress: benchProgress(output),
  })
  if (summary === null) {
    output.note(`stopped; finished runs are kept in ${out}, and the same command goes on from there`)
    process.exitCode = 1
    return
  }
  if (report) await writeReport(out)
  if (json) output.line(JSON.stringify(summary, null, 1))
  else output.line(`${summary.rows.length} rows in ${out}/summary.json${report ? `, read ${out}/report.md` : ''}`)
}

const toOptions = ({
  data,
  warmUp,
  prefixCache,
  ...rest
}: Omit<BenchFlags, 'jobs' | 'out' | 'json' | 'report'>): BenchOptions => ({
  ...rest,
  data: data ?? null,
  warmUpMinutes: warmUp,
  prefixCache: prefixCache ?? false,
})
