/** @file All numbers of a report, before any words: what `report --json` prints and what the tables are made of. */
import type { Summary } from '../../bench/results/index.ts'
import { findOurs, findRivals } from '../results/method-facts.ts'
import type { MethodFacts, Results } from '../results/results.ts'
import { type Attainment, pooledAttainment } from './attainment.ts'
import { type Attribution, attribute, type GrantedGaps, grantedGaps } from './attribution.ts'
import { type CellRow, cellRows } from './cell-rows.ts'
import { type Comparison, compare } from './comparison.ts'
import { type Cost, costsOf } from './costs.ts'
import { chooseDefault, type DefaultChoice } from './default-choice.ts'
import { Pairing } from './pairing.ts'
import { type PredictionError, predictionErrors } from './prediction.ts'
import { type QueueBalance, queueBalances } from './queue-balance.ts'
import { type Regret, regretOf } from './regret.ts'

export const reportSchemaId = 'inframind.report/1'

/** Shares and differences are fractions of the arrivals. */
export interface ReportNumbers {
  readonly schema: typeof reportSchemaId
  /** null: the bench left no summary. */
  readonly meta: Summary['meta'] | null
  readonly seeds: readonly number[]
  readonly ours: string
  readonly rivals: readonly string[]
  /** Non-inferiority margin. */
  readonly margin: number
  readonly comparisons: readonly Comparison[]
  readonly attainment: readonly Attainment[]
  readonly attribution: Attribution
  readonly granted: GrantedGaps
  readonly regret: Regret | null
  readonly costs: readonly Cost[]
  readonly queues: readonly QueueBalance[]
  readonly predictions: readonly PredictionError[]
  readonly defaultChoice: DefaultChoice
  readonly cells: readonly CellRow[]
  /** What an interrupted bench left undone. */
  readonly missing: readonly string[]
}

export interface NumbersOptions {
  /** The method that the report speaks for. Default: the default stack. */
  readonly ours?: string
  readonly against?: readonly string[]
  /** Non-inferiority margin, fraction of the arrivals; default 0.01. */
  readonly margin?: number
  /** The same bench with exact knowledge, for the regret table. */
  readonly exact?: Results | null
}

export const defaultMargin = 0.01

/** Throws ConfigError: a method of `against` has no results, or runs contradict each other. */
export function reportNumbers(results: Results, options: NumbersOptions = {}): ReportNumbers {
  const { margin = defaultMargin, against = [], exact = null } = options
  const ours: MethodFacts = findOurs(results.methods, options.ours)
  const rivals = findRivals(results.methods, { ours, against })
  const comparing = { results, pairing: new Pairing(), margin }
  const shown = [ours, ...rivals].map(({ name }) => name)
  return {
    schema: reportSchemaId,
    meta: results.meta,
    seeds: results.seeds,
    ours: ours.name,
    rivals: rivals.map(({ name }) => name),
    margin,
    comparisons: rivals.map((rival) => compare(ours, rival, comparing)),
    attainment: pooledAttainment(results, shown),
    attribution: attribute(ours, comparing),
    granted: grantedGaps(rivals, { ours, ...comparing }),
    regret: regretOf(ours, { results, exact }),
    costs: costsOf(results, shown),
    queues: queueBalances(results, shown),
    predictions: predictionErrors(results, shown),
    defaultChoice: chooseDefault(comparing),
    cells: cellRows(results),
    missing: results.missing,
  }
}
