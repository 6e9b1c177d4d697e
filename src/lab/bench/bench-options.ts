/** @file What a benchmark is asked for, and whether it can be had. */
import { ConfigError, type ConfigProblem } from '../../core/index.ts'
import type { KnowledgeLevel } from '../knowledge/index.ts'
import type { PartName } from '../questions/index.ts'

export interface BenchOptions {
  /** Shipped name or path. */
  readonly profile: string
  /** Folder of published question sets; null: synthetic ones. */
  readonly data: string | null
  readonly datasets: readonly string[]
  readonly methods: readonly string[]
  /** Queries per minute. */
  readonly rates: readonly number[]
  /** Seconds; null: drawn per query. */
  readonly budgets: readonly (number | null)[]
  /** As `parseArrivals` takes it. */
  readonly arrivals: string
  /** Measured time. */
  readonly minutes: number
  readonly warmUpMinutes: number
  /** How many, counted from `seed`. */
  readonly seeds: number
  readonly seed: number
  readonly know: KnowledgeLevel
  /** Which questions are asked. Default: test. Others are for tuning, whose figures must not be published. */
  readonly part?: PartName
  /** Which run records are kept: none, of the first hundred queries of each run, or all. */
  readonly records: 'none' | 'sample' | 'all'
  /** As `planFaults` takes them. */
  readonly faults: readonly string[]
  /** Whether engines keep the beginnings of prompts. */
  readonly prefixCache: boolean
  /** Between two looks at the engines' metrics. Default 1,000. */
  readonly pollMs?: number
  /** Spread of ln(reading / truth) of the metrics. Default 0. */
  readonly metricsNoise?: number
  /** How old the metrics are, unknown to who reads them. s. Default 0. */
  readonly metricsAge?: number
  /** Whether the fluid lines are computed. */
  readonly fluid: boolean
}

export const usualPollMs = 1000

/** Runs that a single benchmark may have: beyond it the grid is surely a slip. */
const mostRuns = 200_000

const listProblems = (options: BenchOptions): readonly ConfigProblem[] => {
  const problems: ConfigProblem[] = []
  const lists = { datasets: options.datasets, methods: options.methods, rates: options.rates, budgets: options.budgets }
  for (const [name, list] of Object.entries(lists)) {
    const path = `--${name}`
    if (list.length === 0)
      problems.push({ path, expected: 'at least one', got: 'none', fix: `Name some: ${path} a,b.` })
    const doubles = list.filter((value, index) => list.indexOf(value as never) !== index)
    if (doubles.length > 0)
      problems.push({ path, expected: 'each once', got: String(doubles[0] ?? 'mix'), fix: 'Leave the second one out.' })
  }
  return problems
}

/** Checks what can be checked without data. Throws ConfigError naming every fault. */
export function checkBenchOptions(options: BenchOptions): void {
  const problems = [...listProblems(options)]
  const range = (path: string, value: number, [low, high]: readonly [number, number]) => {
    if (!(value >= low && value <= high))
      problems.push({ path, expected: `${low} to ${high}`, got: String(value), fix: 'Choose a value in this range.' })
  }
  for (const rate of options.rates) range('--rates', rate, [0.01, 100_000])
  for (const budget of options.budgets) if (budget !== null) range('--budgets', budget, [0.05, 86_400])
  range('--minutes', options.minutes, [0.1, 10_080])
  range('--warm-up', options.warmUpMinutes, [0, 10_080])
  range('--seeds', options.seeds, [1, 10_000])
  range('--poll-ms', options.pollMs ?? usualPollMs, [10, 3_600_000])
  range('--metrics-noise', options.metricsNoise ?? 0, [0, 5])
  range('--metrics-age', options.metricsAge ?? 0, [0, 3600])
  const { datasets, methods, rates, budgets, seeds } = options
  const runs = datasets.length * methods.length * rates.length * budgets.length * seeds
  if (runs > mostRuns)
    problems.push({
      path: '(grid)',
      expected: `at most ${mostRuns} cells`,
      got: String(runs),
      fix: 'Leave out some rates, budgets, methods or seeds.',
    })
  for (const rate of rates) {
    if (rate * options.minutes < 1)
      problems.push({
        path: '--rates',
        expected: 'at least one arrival in the measured time',
        got: `${rate} per minute for ${options.minutes} minutes`,
        fix: 'Choose a higher rate or more minutes.',
      })
  }
  if (problems.length > 0) throw new ConfigError(problems, 'the command line')
}

/** A comma list as a flag takes it; null is `mix`. */
export const listed = (values: readonly (string | number | null)[]): string =>
  values.map((value) => value ?? 'mix').join(',')

type Load = Pick<BenchOptions, 'rates' | 'budgets' | 'arrivals' | 'minutes' | 'warmUpMinutes' | 'seeds' | 'seed'>

/** The flags that say how much comes when: the same for the twin and for a live gateway. */
export const loadFlags = (load: Load): readonly string[] => [
  `--rates ${listed(load.rates)}`,
  `--budgets ${listed(load.budgets)}`,
  `--arrivals ${load.arrivals}`,
  `--minutes ${load.minutes}`,
  `--warm-up ${load.warmUpMinutes}`,
  `--seeds ${load.seeds}`,
  `--seed ${load.seed}`,
]

const metricsFlags = ({ pollMs = usualPollMs, metricsNoise = 0, metricsAge = 0 }: BenchOptions): readonly string[] => [
  ...(pollMs === usualPollMs ? [] : [`--poll-ms ${pollMs}`]),
  ...(metricsNoise === 0 ? [] : [`--metrics-noise ${metricsNoise}`]),
  ...(metricsAge === 0 ? [] : [`--metrics-age ${metricsAge}`]),
]

/** The command that asks for the same results: what cannot change them (jobs, folder) is left out. */
export function canonicalCommand(options: BenchOptions): string {
  const parts = [
    'inframind bench',
    `--profile ${options.profile}`,
    ...(options.data === null ? [] : ['--data DIR']),
    `--datasets ${listed(options.datasets)}`,
    `--methods ${listed(options.methods)}`,
    ...loadFlags(options),
    `--know ${options.know}`,
    ...(options.faults.length === 0 ? [] : [`--faults ${options.faults.join(',')}`]),
    ...(options.part === undefined || options.part === 'test' ? [] : [`--part ${options.part}`]),
    ...(options.prefixCache ? ['--prefix-cache'] : []),
    ...metricsFlags(options),
    ...(options.fluid ? [] : ['--no-fluid']),
  ]
  return parts.join(' ')
}
