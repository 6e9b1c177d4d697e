/**
 * @file Scores kept replies again: one JSON object `{ questionId, reply }` per line, one result per line.
 *
 * Nothing is lost: a line that is no such object, or names a question that is not there, gives a result that says so with
 * its number. Empty lines are skipped. Lines are scored one after the other, in order.
 */
import { z } from 'zod'
import { type Scored, score } from './score.ts'
import type { Score, ScoringDeps } from './score-types.ts'

export type Rescored =
  | { readonly line: number; readonly questionId: string; readonly score: Score }
  /** `problem`: why this line could not be scored. `questionId`: null where the line names none. */
  | { readonly line: number; readonly questionId: string | null; readonly problem: string }

export interface RescoreOptions extends ScoringDeps {
  /** By id. */
  readonly questions: ReadonlyMap<string, Scored>
}

const keptReply = z.looseObject({ questionId: z.string(), reply: z.string() })

/** `line` numbers count from 1. */
export async function* rescore(
  lines: AsyncIterable<string> | Iterable<string>,
  options: RescoreOptions,
): AsyncGenerator<Rescored, void> {
  let line = 0
  for await (const text of lines) {
    line += 1
    if (text.trim() !== '') yield await rescoreLine(text.replace(/^\uFEFF/, ''), line, options)
  }
}

async function rescoreLine(text: string, line: number, options: RescoreOptions): Promise<Rescored> {
  const kept = readLine(text)
  if (typeof kept === 'string') return { line, questionId: null, problem: kept }
  const { questionId, reply } = kept
  const question = options.questions.get(questionId)
  if (question === undefined) return { line, questionId, problem: `no question ${JSON.stringify(questionId)}` }
  return { line, questionId, score: await score(question, reply, options) }
}

/** The kept reply, or what is wrong with the line. */
function readLine(text: string): z.infer<typeof keptReply> | string {
  try {
    const parsed = keptReply.safeParse(JSON.parse(text))
    return parsed.success ? parsed.data : `expected { questionId, reply }, got ${text.slice(0, 60)}`
  } catch {
    return `not JSON: ${text.slice(0, 60)}`
  }
}
