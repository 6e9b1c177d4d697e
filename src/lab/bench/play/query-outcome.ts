/** @file What came of one measured query, as scoring under any budget needs it. */
import type { RunRecord } from '../../../core/index.ts'

/** Latency of a query that had no answer when the simulation ended. */
export const neverMs = Infinity

export interface QueryOutcome {
  /** From arrival to the last byte; `neverMs`: no answer. */
  readonly latencyMs: number
  readonly isCorrect: boolean
  /** By a planned, complete, parsed answer: no insurance, no best-so-far, no cut, no step dropped or failed. */
  readonly isStrict: boolean
  readonly isDegraded: boolean
  /** Its own budget, ms. */
  readonly budgetMs: number
}

export const unanswered = (budgetMs: number): QueryOutcome => ({
  latencyMs: neverMs,
  isCorrect: false,
  isStrict: false,
  isDegraded: false,
  budgetMs,
})

const isFallback = (record: RunRecord): boolean =>
  record.degraded.some((kind) => kind === 'insurance' || kind === 'best-so-far' || kind === 'cut')

/** The outcome of a finished run. `isCorrect`: by the question's key. */
export function outcomeOf(record: RunRecord, isCorrect: boolean): QueryOutcome {
  const isAnswered = record.outcome === 'answered'
  const { answerFormat } = record.query
  const isParsed = record.answer !== null || answerFormat === 'code' || answerFormat === 'text'
  return {
    latencyMs: isAnswered ? record.finishedAtMs - record.arrivedAtMs : neverMs,
    isCorrect: isAnswered && isCorrect,
    isStrict: isAnswered && isParsed && record.degraded.length === 0,
    isDegraded: isAnswered && isFallback(record),
    budgetMs: record.budgetMs,
  }
}
