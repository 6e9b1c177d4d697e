/**
 * @file The results of a benchmark as the report sees them: cells, in them methods, in them one result per seed.
 *
 * A cell is a dataset at a rate under a budget. Methods are told apart by the name they were asked for, and by what that
 * name stands for: base, scheduler, and whether the deadline is enforced.
 */
import type { BenchRow, FluidRow, RunCell, RunResult, Summary } from '../../bench/results/index.ts'

/** One row with the run that it was counted in. */
export interface SeedResult {
  readonly row: BenchRow
  readonly cell: RunCell
  readonly run: RunResult
}

export interface CellPlace {
  readonly dataset: string
  readonly ratePerMinute: number
  /** null: drawn per query from 10-300 s. */
  readonly budgetSeconds: number | null
}

export interface Cell extends CellPlace {
  /** By method; seeds ascending. */
  readonly byMethod: ReadonlyMap<string, readonly SeedResult[]>
}

export interface MethodFacts {
  readonly name: string
  /** The name without suffixes. */
  readonly base: string
  readonly scheduler: BenchRow['scheduler']
  readonly isEnforced: boolean
}

export interface Results {
  readonly folder: string
  /** null: the bench did not come to its end and left none. */
  readonly meta: Summary['meta'] | null
  /** Datasets in order of appearance, then rates and budgets ascending, drawn budgets last. */
  readonly cells: readonly Cell[]
  /** In order of appearance. */
  readonly methods: readonly MethodFacts[]
  readonly seeds: readonly number[]
  readonly fluid: readonly FluidRow[]
  /** What an interrupted bench left undone, one line each. */
  readonly missing: readonly string[]
}

export const mixedDataset = 'mixed'
export const isMixed = ({ dataset }: Pick<CellPlace, 'dataset'>): boolean => dataset === mixedDataset

/** The dataset that stands for all: the mixed one, as a real pool sees it, or else the first. */
export const headlineDataset = ({ cells }: Results): string =>
  cells.some(isMixed) ? mixedDataset : (cells[0]?.dataset ?? '')

/** Summed over the seeds: `count(row)`. */
export const sumOver = (results: readonly SeedResult[], count: (row: BenchRow) => number): number =>
  results.reduce((sum, { row }) => sum + count(row), 0)

/** `count` summed over the seeds, per arrival; null where nothing arrived. */
export function perArrival(results: readonly SeedResult[], count: (row: BenchRow) => number): number | null {
  const arrived = sumOver(results, (row) => row.arrived)
  return arrived === 0 ? null : sumOver(results, count) / arrived
}

/** `values` without repeats, in order of appearance. */
export const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)]

/** Rates of the cells, ascending. */
export const ratesOf = (cells: readonly CellPlace[]): readonly number[] =>
  distinct(cells.map(({ ratePerMinute }) => ratePerMinute)).toSorted((a, b) => a - b)
