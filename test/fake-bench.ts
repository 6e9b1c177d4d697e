/**
 * @file Made-up results of a benchmark, with effects planted: for tests of the report.
 *
 * A query is correct where its luck, shared by all methods and leaning with its question, falls below the method's
 * accuracy; it is on time where another draw falls below its on-time share. No simulation stands behind any of it.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { keyedRandom } from '../src/core/index.ts'
import {
  type BenchRow,
  type FluidRow,
  packBits,
  questionOrder,
  type RunResult,
  runResultSchema,
  runResultSchemaId,
  type Summary,
  summarySchema,
  summarySchemaId,
} from '../src/lab/bench/results/index.ts'

export interface FakePlace {
  readonly dataset: string
  readonly ratePerMinute: number
  readonly budgetSeconds: number | null
}

export interface FakeMethod {
  readonly name: string
  /** Default: ours, `default` and enforced. */
  readonly scheduler?: BenchRow['scheduler']
  readonly enforced?: boolean
  /** Share of the queries that would be right. */
  readonly accuracy: number | ((place: FakePlace) => number)
  /** Default 1. */
  readonly onTime?: number | ((place: FakePlace) => number)
  /** Share of the on-time answers that are strict; default 1. */
  readonly strict?: number
  readonly chosen?: string
  readonly unstableFrom?: number
}

export interface FakeBench {
  readonly methods: readonly FakeMethod[]
  readonly datasets?: readonly string[]
  readonly rates?: readonly number[]
  readonly budgets?: readonly (number | null)[]
  readonly seeds?: number
  /** Default: one set of 60 questions. */
  readonly setSizes?: readonly number[]
  /** Of every run, whatever its rate; default 150. */
  readonly queries?: number
  readonly know?: Summary['meta']['know']
  readonly fluid?: (place: FakePlace) => Omit<FluidRow, 'dataset' | 'rate_per_min' | 'budget_s'>
}

export interface FakeResults {
  readonly summary: Summary
  readonly runs: readonly RunResult[]
}

const warmUpQueries = 7
const defaultSizes = [60]
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
const models = ['small-8b', 'large-32b']

const at = (value: number | ((place: FakePlace) => number) | undefined, place: FakePlace, fallback: number): number =>
  typeof value === 'function' ? value(place) : (value ?? fallback)

function placesOf({ datasets = ['mixed'], rates = [30, 100], budgets = [10, 30] }: FakeBench): readonly FakePlace[] {
  return datasets.flatMap((dataset) =>
    rates.flatMap((ratePerMinute) => budgets.map((budgetSeconds) => ({ dataset, ratePerMinute, budgetSeconds }))),
  )
}

/** One run per method, place and seed. */
export function createFakeBench(bench: FakeBench): FakeResults {
  const places = placesOf(bench)
  const runs = bench.methods.flatMap((method) =>
    places.flatMap((place) =>
      Array.from({ length: bench.seeds ?? 5 }, (_, index) => runOf(bench, { method, place, seed: index + 1 })),
    ),
  )
  const names = bench.methods.map(({ name }) => name).join(',')
  const summary = summarySchema.parse({
    schema: summarySchemaId,
    meta: {
      version: '0.0.0',
      commit: null,
      seed: 1,
      seeds: bench.seeds ?? 5,
      profile: 'made-up',
      profileHash: 'p1',
      truthHash: 't1',
      know: bench.know ?? 'estimated',
      arrivals: 'poisson',
      minutes: 30,
      warmUpMinutes: 5,
      command: `inframind bench --profile made-up --methods ${names} --seeds ${bench.seeds ?? 5}`,
      kind: 'simulated',
      questions: { mixed: { train: 4, validation: 1, test: 4, hash: 'q1' } },
    },
    rows: runs.flatMap(({ cells }) => cells.map(({ row }) => row)),
    ...(bench.fluid && {
      fluid: places.map((place) => ({
        dataset: place.dataset,
        rate_per_min: place.ratePerMinute,
        budget_s: place.budgetSeconds,
        ...bench.fluid?.(place),
      })),
    }),
  })
  return { summary, runs }
}

interface FakeRun {
  readonly method: FakeMethod
  readonly place: FakePlace
  readonly seed: number
}

function bitsOf(bench: FakeBench, { method, place, seed }: FakeRun) {
  const count = bench.queries ?? 150
  const setSizes = bench.setSizes ?? defaultSizes
  const order = questionOrder(seed, sum(setSizes), setSizes)
  for (let query = 0; query < warmUpQueries; query += 1) order.next()
  const luck = keyedRandom(seed, `fake/${place.dataset}/${place.ratePerMinute}`)
  const correct: boolean[] = []
  const onTime: boolean[] = []
  const strict: boolean[] = []
  for (let query = 0; query < count; query += 1) {
    const ofQuestion = keyedRandom(order.next().value, 'fake/question').uniform()
    const draw = 0.5 * luck.uniform() + 0.5 * ofQuestion
    correct.push(draw < at(method.accuracy, place, 0))
    onTime.push(luck.uniform() < at(method.onTime, place, 1))
    strict.push(onTime[query] === true && luck.uniform() < (method.strict ?? 1))
  }
  return {
    correct,
    onTime,
    strict,
    correctOnTime: correct.map((isCorrect, query) => isCorrect && onTime[query] === true),
  }
}

const count = (flags: readonly boolean[]) => flags.filter(Boolean).length

function runOf(bench: FakeBench, fake: FakeRun): RunResult {
  const { method, place, seed } = fake
  const bits = bitsOf(bench, fake)
  const arrived = bits.correct.length
  const stable = place.ratePerMinute < (method.unstableFrom ?? Number.POSITIVE_INFINITY)
  const row: BenchRow = {
    method: method.name,
    scheduler: method.scheduler ?? 'default',
    enforced: method.enforced ?? true,
    dataset: place.dataset,
    rate_per_min: place.ratePerMinute,
    budget_s: place.budgetSeconds,
    seed,
    arrived,
    answered: arrived,
    on_time: count(bits.onTime),
    strict_on_time: count(bits.strict),
    correct: count(bits.correct),
    correct_on_time: count(bits.correctOnTime),
    degraded: 3,
    accuracy: count(bits.correct) / arrived,
    slo_attainment: count(bits.onTime) / arrived,
    strict_attainment: count(bits.strict) / arrived,
    correct_goodput: count(bits.correctOnTime) / arrived,
    mean_ms: stable ? 40 * place.ratePerMinute : null,
    p50_ms: stable ? 30 * place.ratePerMinute : null,
    p95_ms: stable ? 90 * place.ratePerMinute : null,
    p99_ms: stable ? 120 * place.ratePerMinute : null,
    backlog_slope: stable ? 0.1 : 12,
    stable,
    output_tokens: 200 * arrived,
    calls: 2 * arrived,
    gpu_seconds: arrived,
    joules: null,
    ...(method.chosen === undefined ? {} : { chosen: method.chosen }),
  }
  const key = [method.name, place.dataset, place.ratePerMinute, place.budgetSeconds ?? 'mix', seed].join('__')
  return runResultSchema.parse({
    schema: runResultSchemaId,
    key: key.replace(/[^\w.+-]+/g, '-'),
    inputsHash: 'i1',
    method: method.name,
    dataset: place.dataset,
    ratePerMinute: place.ratePerMinute,
    seed,
    cells: [
      {
        row,
        correctOnTimeBits: packBits(bits.correctOnTime),
        strictOnTimeBits: packBits(bits.strict),
        onTimeBits: packBits(bits.onTime),
      },
    ],
    questionCount: sum(bench.setSizes ?? defaultSizes),
    setSizes: bench.setSizes ?? defaultSizes,
    warmUpQueries,
    choices: {
      topology: { io: 100, vote: 50 },
      model: { 'small-8b': 150, 'large-32b': 50 },
      strategy: { Flash: 120, CoT: 80 },
      insurance: 2,
    },
    queues: {
      everySeconds: 60,
      models: Object.fromEntries(models.map((model, index) => [model, [1, 2, 3, 4].map((load) => load * (index + 1))])),
      idleShare: { 'small-8b': 0.25, 'large-32b': 0 },
    },
    stepError: { count: 100, sum: 10, sumOfSquares: 5, inside50: 50, inside95: 90 },
    queryError: { count: 50, sum: -5, sumOfSquares: 3, inside50: null, inside95: null },
  })
}

/** Lays the results down as a bench does. */
export function writeFakeBench(folder: string, { summary, runs }: FakeResults): void {
  mkdirSync(join(folder, 'runs'), { recursive: true })
  for (const run of runs) writeFileSync(join(folder, 'runs', `${run.key}.json`), JSON.stringify(run))
  writeFileSync(join(folder, 'summary.json'), JSON.stringify(summary))
}
