/**
 * @file Scores a reply to a question: right, wrong, unparsed, or not to be judged.
 *
 * A user's own rule goes first; MATH is compared as expressions; everything else by the format of its answers. What is
 * read from the reply and how it is compared are apart, and neither looks at the other's: replies that are kept can be
 * scored again.
 */
import type { Question } from '../questions/index.ts'
import { scoreCode } from './score-code.ts'
import { scoreByRule } from './score-rule.ts'
import { scoreComparable, scoreMath, scorePhrase } from './score-short.ts'
import type { Score, ScoringDeps } from './score-types.ts'

/** What scoring needs of a question. */
export type Scored = Pick<Question, 'dataset' | 'format' | 'key' | 'tests' | 'preamble' | 'check'>

/** Sets whose keys are LaTeX expressions. */
const mathDatasets = new Set(['math', 'math500'])

/** The score of `reply`. Never rejects because of what a reply says. */
export async function score(question: Scored, reply: string, deps: ScoringDeps): Promise<Score> {
  const { check, dataset, format, key } = question
  if (check !== undefined) return scoreByRule(check, { reply, format }, deps)
  if (mathDatasets.has(dataset)) return scoreMath(key, reply)
  if (format === 'code') return scoreCode({ tests: question.tests, preamble: question.preamble }, reply, deps.runner)
  return format === 'text' ? scorePhrase(key, reply) : scoreComparable(key, reply, format)
}
