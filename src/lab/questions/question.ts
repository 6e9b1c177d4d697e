/** @file A question of a test or training set: what the twin holds of it, and what splitting and scoring need. */
import type { ChatMessage, JsonObject } from '../../core/index.ts'
import type { TwinQuestion } from '../../twin/index.ts'

export type SyntheticDataset = 'synthetic-math' | 'synthetic-code' | 'synthetic-choice'
export const syntheticDatasets: readonly SyntheticDataset[] = ['synthetic-math', 'synthetic-code', 'synthetic-choice']

export type Level = 1 | 2 | 3 | 4 | 5

/** How answers to a question of a user's own set are judged. */
export type AnswerCheck =
  | { readonly kind: 'expected'; readonly expected: string }
  /** A regular expression that must match somewhere in the answer; compiled with the flag `u`. */
  | { readonly kind: 'regex'; readonly pattern: string }
  | { readonly kind: 'json_schema'; readonly schema: JsonObject }
  /** Program and arguments; it gets the answer on standard input and accepts it with exit code 0. */
  | { readonly kind: 'command'; readonly command: readonly string[] }

export interface Question extends TwinQuestion {
  /** Its set; the profile's `sameTruthAs` says whose truth it shares. */
  readonly dataset: string
  /** From easy to hard as written; null: the set gives none. What a model finds hard agrees with it only in part. */
  readonly level: Level | null
  /** Questions of one group (a template) must not be split between training and test. */
  readonly group: string
  /** Python asserts that a right program passes; absent where the format is not code. */
  readonly tests?: string
  /** Python that must stand before the program: imports and given functions of its task; absent: nothing. */
  readonly preamble?: string
  /** The whole conversation, where it is more than `text` as one user message. */
  readonly messages?: readonly ChatMessage[]
  /** The rule of a user's own set; absent: the set's own scoring. */
  readonly check?: AnswerCheck
}

/** Whether the twin can answer it: a right answer is known. Others are for live runs only. */
export const canSimulate = (question: Question): boolean => question.wrongAnswers.length >= 3
