/** @file What a format reads off one record: a question before its id, its place among the others, and its mistakes. */
import type { AnswerFormat, ChatMessage, Random } from '../../../core/index.ts'
import type { DataRecord } from '../files/data-record.ts'
import type { AnswerCheck, Level } from '../question.ts'

export interface Draft {
  /** All that makes this question another than its neighbours, in the source's own words: its id is a hash of it. */
  readonly identity: string
  readonly group: string
  /** The user message. */
  readonly text: string
  readonly format: AnswerFormat
  readonly key: string
  /** Candidates for wrong answers, most plausible first. `random`: the question's own stream. */
  mistakes(random: Random): readonly string[]
  readonly level: Level | null
  /** As the set gives it, on its own scale; null: it gives none. */
  readonly rawDifficulty: number | null
  readonly tests?: string
  readonly preamble?: string
  readonly messages?: readonly ChatMessage[]
  readonly check?: AnswerCheck
}

/** Reads one record. Throws ConfigError. */
export type ReadDraft = (record: DataRecord) => Draft
