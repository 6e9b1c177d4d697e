/** @file A question of a test or training set: what the twin holds of it, and what splitting and scoring need. */
import type { TwinQuestion } from '../../twin/index.ts'

export type SyntheticDataset = 'synthetic-math' | 'synthetic-code' | 'synthetic-choice'
export const syntheticDatasets: readonly SyntheticDataset[] = ['synthetic-math', 'synthetic-code', 'synthetic-choice']

export type Level = 1 | 2 | 3 | 4 | 5

export interface Question extends TwinQuestion {
  /** Its set; the profile's `sameTruthAs` says whose truth it shares. */
  readonly dataset: string
  /** From easy to hard as written; null: the set gives none. What a model finds hard agrees with it only in part. */
  readonly level: Level | null
  /** Questions of one group (a template) must not be split between training and test. */
  readonly group: string
  /** Python asserts that a right program passes; absent where the format is not code. */
  readonly tests?: string
}
