/**
 * @file The regret table: how far ours is from the fluid line of a cell, and where the distance comes from.
 *
 * distance = line with true difficulty - correct goodput of ours
 *          = information + prediction + queueing + policy
 *
 * - information: line with true difficulty less line with what the text tells. Exact for the lines.
 * - prediction: ours with the twin's own tables less ours with estimates. Measured, where a second bench was given.
 * - queueing: what the queries that got no planned answer in time would have added, had they been answered as well as the
 *   others: (1 - strict share) x accuracy of the strict ones, less what they earned. An approximation: such queries may
 *   be harder, and depth given up because of load is not in it.
 * - policy: the rest. It holds every error of the three others, and variance that the line does not know.
 */
import { mean } from '../../../core/index.ts'
import { unpackBits } from '../../bench/results/index.ts'
import {
  type Cell,
  type CellPlace,
  isMixed,
  type MethodFacts,
  perArrival,
  type Results,
  type SeedResult,
  sumOver,
} from '../results/results.ts'

/** Fractions of the arrivals. */
export interface RegretParts {
  readonly lineDifficulty: number
  readonly lineText: number
  readonly lineNone: number
  readonly lineStatic: number
  readonly goodput: number
  readonly distance: number
  readonly information: number
  /** null: no bench with exact knowledge was given, or it lacks this cell. */
  readonly prediction: number | null
  /** null: no query got a planned answer in time. */
  readonly queueing: number | null
  readonly policy: number | null
}

export interface RegretRow extends CellPlace, RegretParts {}

export interface Regret {
  readonly method: string
  readonly hasExact: boolean
  readonly rows: readonly RegretRow[]
  /** Means over the cells; null: no such cells. */
  readonly single: RegretParts | null
  readonly mixed: RegretParts | null
}

interface Sources {
  readonly results: Results
  readonly exact: Results | null
}

/** null: the summary holds no fluid lines. */
export function regretOf({ name: ours }: MethodFacts, { results, exact }: Sources): Regret | null {
  if (results.fluid.length === 0) return null
  const rows = results.cells.flatMap((cell) => rowOf(cell, { ours, results, exact }) ?? [])
  return {
    method: ours,
    hasExact: exact !== null,
    rows,
    single: meanParts(rows.filter((row) => !isMixed(row))),
    mixed: meanParts(rows.filter(isMixed)),
  }
}

const isPlace = (place: CellPlace) => (cell: CellPlace) =>
  cell.dataset === place.dataset &&
  cell.ratePerMinute === place.ratePerMinute &&
  cell.budgetSeconds === place.budgetSeconds

const goodputIn = (cell: Cell | undefined, method: string): number | null =>
  perArrival(cell?.byMethod.get(method) ?? [], (row) => row.correct_on_time)

function rowOf(cell: Cell, { ours, results, exact }: Sources & { readonly ours: string }): RegretRow | null {
  const { dataset, ratePerMinute, budgetSeconds } = cell
  const line = results.fluid.find(
    (row) => row.dataset === dataset && row.rate_per_min === ratePerMinute && row.budget_s === budgetSeconds,
  )
  const goodput = goodputIn(cell, ours)
  if (line === undefined || goodput === null) return null
  const exactGoodput = goodputIn(exact?.cells.find(isPlace(cell)), ours)
  const prediction = exactGoodput === null ? null : exactGoodput - goodput
  const queueing = queueingLoss(cell.byMethod.get(ours) ?? [])
  return {
    dataset,
    ratePerMinute,
    budgetSeconds,
    lineDifficulty: line.difficulty,
    lineText: line.text,
    lineNone: line.none,
    lineStatic: line.static_only,
    goodput,
    distance: line.difficulty - goodput,
    information: line.difficulty - line.text,
    prediction,
    queueing,
    policy: queueing === null ? null : line.text - goodput - (prediction ?? 0) - queueing,
  }
}

/** See the head of this file. */
function queueingLoss(results: readonly SeedResult[]): number | null {
  const arrived = sumOver(results, (row) => row.arrived)
  const strict = sumOver(results, (row) => row.strict_on_time)
  if (strict === 0) return null
  const correct = sumOver(results, (row) => row.correct_on_time)
  const correctStrict = results.reduce((sum, result) => sum + countCorrectStrict(result), 0)
  return ((arrived - strict) * (correctStrict / strict) - (correct - correctStrict)) / arrived
}

function countCorrectStrict({ cell, row }: SeedResult): number {
  const isStrict = unpackBits(cell.strictOnTimeBits, row.arrived)
  return unpackBits(cell.correctOnTimeBits, row.arrived).filter((isCorrect, query) => isCorrect && isStrict[query])
    .length
}

function meanParts(rows: readonly RegretRow[]): RegretParts | null {
  if (rows.length === 0) return null
  const over = (part: (row: RegretRow) => number) => mean(rows.map(part))
  // A mean over some of the cells would not add up with the others.
  const overAll = (part: (row: RegretRow) => number | null) =>
    rows.every((row) => part(row) !== null) ? over((row) => part(row) as number) : null
  return {
    lineDifficulty: over((row) => row.lineDifficulty),
    lineText: over((row) => row.lineText),
    lineNone: over((row) => row.lineNone),
    lineStatic: over((row) => row.lineStatic),
    goodput: over((row) => row.goodput),
    distance: over((row) => row.distance),
    information: over((row) => row.information),
    prediction: overAll((row) => row.prediction),
    queueing: overAll((row) => row.queueing),
    policy: overAll((row) => row.policy),
  }
}
