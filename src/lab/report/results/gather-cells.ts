/** @file Puts rows and runs together: each row with the run that it was counted in, cells in a fixed order. */
import { ConfigError } from '../../../core/index.ts'
import type { BenchRow, RunCell, RunResult, Summary } from '../../bench/results/index.ts'
import { groupBy } from './group-by.ts'
import { factsOf } from './method-facts.ts'
import { type Cell, distinct, type Results, type SeedResult } from './results.ts'

interface Left {
  readonly folder: string
  readonly runs: readonly RunResult[]
  readonly summary: Summary | null
}

interface Found {
  readonly run: RunResult
  readonly cell: RunCell
}

/** Throws ConfigError where a run contradicts its row. */
export function gatherCells({ folder, runs, summary }: Left): Results {
  const byName = indexRuns(runs)
  const rows = summary?.rows ?? runs.flatMap(({ cells }) => cells.map(({ row }) => row))
  const results: SeedResult[] = []
  const missing: string[] = summary === null ? ['summary.json', ...holesOf(rows)] : []
  for (const row of rows) {
    // The chosen arm's own run knows its queues; the run made for `best-fixed` joins cells of several arms.
    const found = byName.get(nameOf(row, row.chosen ?? row.method)) ?? byName.get(nameOf(row, row.method))
    if (found === undefined) missing.push(describeRow(row))
    else results.push({ row, ...checked(row, found) })
  }
  return {
    folder,
    meta: summary?.meta ?? null,
    cells: cellsOf(results),
    methods: [...new Map(results.map(({ row }) => [row.method, factsOf(row)])).values()],
    seeds: distinct(results.map(({ row }) => row.seed)).toSorted((a, b) => a - b),
    fluid: summary?.fluid ?? [],
    missing,
  }
}

/** By the whole name, suffixes too: an arm chosen for `best-fixed` may have been played freely. */
const nameOf = (row: BenchRow, method: string): string =>
  [method, row.dataset, row.rate_per_min, row.budget_s, row.seed].join('|')

function indexRuns(runs: readonly RunResult[]): ReadonlyMap<string, Found> {
  return new Map(runs.flatMap((run) => run.cells.map((cell) => [nameOf(cell.row, cell.row.method), { run, cell }])))
}

function checked(row: BenchRow, found: Found): Found {
  const { run, cell } = found
  const bytes = Buffer.from(cell.correctOnTimeBits, 'base64').length
  const isSame = row.arrived === cell.row.arrived && row.correct_on_time === cell.row.correct_on_time
  if (isSame && bytes === Math.ceil(row.arrived / 8)) return found
  throw new ConfigError(
    [
      {
        path: `runs/${run.key}.json`,
        expected: `${row.arrived} queries, ${row.correct_on_time} of them correct on time, as summary.json says`,
        got: `${cell.row.arrived} and ${cell.row.correct_on_time}, with ${bytes} bytes of bits`,
        fix: 'Run the same bench command again: summary and runs are of different commands.',
      },
    ],
    run.key,
  )
}

const budgetOrder = (budgetSeconds: number | null) => budgetSeconds ?? Number.POSITIVE_INFINITY

function cellsOf(results: readonly SeedResult[]): readonly Cell[] {
  const groups = groupBy(results, ({ row }) => [row.dataset, row.rate_per_min, row.budget_s].join('|'))
  const datasets = distinct(results.map(({ row }) => row.dataset))
  const cells = [...groups.values()].map((group): Cell => {
    const { row } = group[0] as SeedResult
    return {
      dataset: row.dataset,
      ratePerMinute: row.rate_per_min,
      budgetSeconds: row.budget_s,
      byMethod: new Map(
        [...groupBy(group, (result) => result.row.method)].map(([method, seeds]) => [
          method,
          seeds.toSorted((a, b) => a.row.seed - b.row.seed),
        ]),
      ),
    }
  })
  return cells.sort(
    (a, b) =>
      datasets.indexOf(a.dataset) - datasets.indexOf(b.dataset) ||
      a.ratePerMinute - b.ratePerMinute ||
      budgetOrder(a.budgetSeconds) - budgetOrder(b.budgetSeconds),
  )
}

/** Rows that a full grid over the names, rates, budgets and seeds seen would have beside those that are there. */
function holesOf(rows: readonly BenchRow[]): readonly string[] {
  const there = new Set(rows.map(describeRow))
  const cells = [...new Map(rows.map((row) => [[row.dataset, row.rate_per_min, row.budget_s].join('|'), row])).values()]
  const methods = [...new Map(rows.map((row) => [row.method, row])).values()]
  const seeds = distinct(rows.map(({ seed }) => seed))
  return methods
    .flatMap(({ method }) => cells.flatMap((cell) => seeds.map((seed) => describeRow({ ...cell, method, seed }))))
    .filter((description) => !there.has(description))
}

const describeRow = ({ method, dataset, rate_per_min, budget_s, seed }: BenchRow): string =>
  `${method} on ${dataset} at ${rate_per_min}/min, ${budget_s === null ? 'mixed budgets' : `${budget_s} s`}, seed ${seed}`
