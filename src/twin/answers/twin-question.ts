/**
 * @file A question whose key the twin holds: what the answer model needs to answer it rightly or wrongly.
 *
 * Key and distractors are in the plain form of their format: a number or expression as written, a letter, a whole
 * program, a phrase. Only the twin and the scoring of `lab` may see any of it but the text.
 */
import type { AnswerFormat } from '../../core/index.ts'

export interface TwinQuestion {
  /** Unique and stable: difficulty and luck are drawn by it, so the same question is as hard in every run. */
  readonly id: string
  /** The user message, word for word. */
  readonly text: string
  /** A benchmark of the profile's truth, or a set that `sameTruthAs` maps to one. */
  readonly benchmark: string
  readonly format: AnswerFormat
  readonly key: string
  /** Plausible wrong answers, distinct from the key and from each other: at least 3. */
  readonly wrongAnswers: readonly string[]
  /** In standard deviations, where the set carries it; null: drawn from `textScore` and the id. */
  readonly difficulty: number | null
  /** What the text shows of the difficulty, mean 0 and deviation 1 over the set; null: nothing. */
  readonly textScore: number | null
}

/** The form in which a question's text is looked up: trimmed, every run of white space one blank. */
export const normaliseQuestionText = (text: string): string => text.trim().replace(/\s+/g, ' ')
