/**
 * @file What a policy may know of a question before it plans: its benchmark alone, what the text shows, or how hard it is.
 *
 * Each kind sorts the questions of one benchmark into classes that a policy can tell apart; within a class it must treat
 * them alike. Text and true difficulty are cut into fifths by rank.
 */
import type { QuestionFacts } from '../../twin/index.ts'

export type Information = 'none' | 'text' | 'difficulty'

/** The class of each question, from 0 to below `count`; a class may be empty. */
export interface Classes {
  readonly of: Int32Array
  readonly count: number
}

const fifths = 5

/** With no information all questions are one class. */
export const classify = (questions: readonly QuestionFacts[]): Readonly<Record<'text' | 'difficulty', Classes>> => ({
  text: byRank(questions.map(({ question }) => question.textScore ?? 0)),
  difficulty: byRank(questions.map(({ difficulty }) => difficulty)),
})

/** Equal scores share a class. */
function byRank(scores: readonly number[]): Classes {
  const order = scores.map((_, index) => index).sort((a, b) => scores[a]! - scores[b]! || a - b)
  const of = new Int32Array(scores.length)
  let [rankClass, before] = [0, Number.NaN]
  for (const [rank, index] of order.entries()) {
    if (scores[index] !== before) rankClass = Math.floor((rank * fifths) / scores.length)
    before = scores[index]!
    of[index] = rankClass
  }
  return { of, count: fifths }
}
