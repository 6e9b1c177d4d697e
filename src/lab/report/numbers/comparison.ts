/**
 * @file Ours against another method: difference of correct goodput over every cell that both have, with intervals.
 *
 * Differences are fractions of the arrivals, ours less theirs. Over many cells the p-values are corrected by Holm, for
 * each rival on its own.
 */
import {
  type Cell,
  type CellPlace,
  distinct,
  isMixed,
  type MethodFacts,
  perArrival,
  type Results,
} from '../results/results.ts'
import { holmAdjusted } from '../statistics/holm.ts'
import {
  type Interval,
  intervalOf,
  isNotWorse,
  meanOf,
  type Replicated,
  type Verdict,
  verdictOf,
} from '../statistics/two-way-bootstrap.ts'
import type { Pairing } from './pairing.ts'

const significance = 0.05

export interface CellComparison extends CellPlace, Interval {
  readonly ours: number
  readonly theirs: number
  /** By the cell's own interval. */
  readonly verdict: Verdict
  /** With Holm's correction over all cells of this comparison. */
  readonly verdictOfMany: Verdict
  readonly isNotWorse: boolean
  /** The arms behind `best-fixed`, over the seeds; empty elsewhere. */
  readonly chosen: readonly string[]
}

/** A group of cells taken together. */
export interface GroupComparison extends Interval {
  readonly cells: number
  /** Share of the cells in which ours is above, whatever the interval. */
  readonly shareAbove: number
  readonly worst: CellComparison
  readonly wins: number
  readonly ties: number
  readonly losses: number
  readonly winsOfMany: number
  readonly lossesOfMany: number
  readonly notWorse: number
}

export interface Comparison {
  readonly method: string
  readonly cells: readonly CellComparison[]
  /** null: no such cells. */
  readonly all: GroupComparison | null
  readonly single: GroupComparison | null
  readonly mixed: GroupComparison | null
}

export interface ComparisonOptions {
  readonly results: Results
  readonly pairing: Pairing
  /** Non-inferiority margin, fraction of the arrivals. */
  readonly margin: number
}

interface Compared {
  readonly comparison: CellComparison
  readonly replicated: Replicated
}

/** Over the cells that hold both methods. */
export function compare(ours: MethodFacts, rival: MethodFacts, options: ComparisonOptions): Comparison {
  const plain = options.results.cells.flatMap((cell) => compareIn(cell, [ours.name, rival.name], options) ?? [])
  const adjusted = holmAdjusted(plain.map(({ comparison }) => comparison.pValue))
  const compared = plain.map(({ comparison, replicated }, index): Compared => {
    const isFinding = (adjusted[index] as number) < significance
    const verdictOfMany: Verdict = isFinding ? (comparison.estimate > 0 ? 'better' : 'worse') : 'none'
    return { replicated, comparison: { ...comparison, verdictOfMany } }
  })
  return {
    method: rival.name,
    cells: compared.map(({ comparison }) => comparison),
    all: groupOf(compared),
    single: groupOf(compared.filter(({ comparison }) => !isMixed(comparison))),
    mixed: groupOf(compared.filter(({ comparison }) => isMixed(comparison))),
  }
}

function compareIn(cell: Cell, names: readonly [string, string], options: ComparisonOptions): Compared | null {
  const replicated = options.pairing.goodputDifference(cell, names)
  if (replicated === null) return null
  const interval = intervalOf(replicated)
  const [ours, theirs] = names.map((name) => cell.byMethod.get(name) ?? [])
  const goodput = (results = ours) => perArrival(results ?? [], (row) => row.correct_on_time) ?? 0
  const comparison: CellComparison = {
    dataset: cell.dataset,
    ratePerMinute: cell.ratePerMinute,
    budgetSeconds: cell.budgetSeconds,
    ...interval,
    ours: goodput(ours),
    theirs: goodput(theirs),
    verdict: verdictOf(interval),
    verdictOfMany: 'none',
    isNotWorse: isNotWorse(interval, options.margin),
    chosen: distinct((theirs ?? []).flatMap(({ row }) => row.chosen ?? [])),
  }
  return { comparison, replicated }
}

function groupOf(compared: readonly Compared[]): GroupComparison | null {
  const [first] = compared
  if (first === undefined) return null
  const cells = compared.map(({ comparison }) => comparison)
  const count = (holds: (cell: CellComparison) => boolean) => cells.filter(holds).length
  const wins = count(({ verdict }) => verdict === 'better')
  const losses = count(({ verdict }) => verdict === 'worse')
  return {
    ...intervalOf(meanOf(compared.map(({ replicated }) => replicated))),
    cells: cells.length,
    shareAbove: count(({ estimate }) => estimate > 0) / cells.length,
    worst: cells.reduce((worst, cell) => (cell.estimate < worst.estimate ? cell : worst)),
    wins,
    ties: cells.length - wins - losses,
    losses,
    winsOfMany: count(({ verdictOfMany }) => verdictOfMany === 'better'),
    lossesOfMany: count(({ verdictOfMany }) => verdictOfMany === 'worse'),
    notWorse: count((cell) => cell.isNotWorse),
  }
}
