/** @file One twin to learn in: which pool, which questions, how many queries, how long they may take, what is known. */
import type { FaultKind } from '../../../twin/faults/index.ts'
import type { KnowledgeLevel } from '../../knowledge/index.ts'

export interface Scenario {
  /** Place among the pools of the training ground. */
  readonly pool: number
  readonly know: KnowledgeLevel
  /** Which estimate of the pool is known: the seed of the graded answers and of the bias. */
  readonly knowSeed: number
  /** A set by name, or `mixed`. */
  readonly dataset: string
  readonly ratePerMinute: number
  /** The same for every query; null: drawn from the usual ones. */
  readonly budgetSeconds: number | null
  /** As `parseArrivals` takes it. */
  readonly arrivals: string
  /** What goes wrong in the middle of it; `place` in [0, 1) picks the model. */
  readonly fault: { readonly kind: FaultKind; readonly place: number } | null
  readonly warmUpMinutes: number
  readonly minutes: number
  readonly seed: number
}
