/**
 * @file The words of an answer: prose first, the final answer last, in the format that the question asks for.
 *
 * The final answer stands at the very end, so a cut text does not hold it; a text known to be cut by the call's own cap
 * leaves it out altogether, because a short text scaled to the tokens could be cut within a number.
 */

import { prose } from './prose.ts'
import type { QuestionFacts } from './question-facts.ts'

/** `compact`: the final answer alone, for virtual time. `full`: prose of about the right length before it. */
export type TextStyle = 'compact' | 'full'

export interface TextShape {
  readonly style: TextStyle
  /** Tokens that the whole answer is to have; a token is about 4 characters. */
  readonly outputTokens: number
  /** The call's cap will end it before its end. */
  readonly isCut: boolean
  /** Chooses the sentences. */
  readonly start: number
}

const charactersPerToken = 4
const working = 'Still working it out.'

/** The line (or fenced program) that gives `answer`. */
export function finalLine(facts: QuestionFacts, answer: string): string {
  const { format } = facts.question
  if (format === 'code') return `\`\`\`python\n${answer.trimEnd()}\n\`\`\``
  if (format === 'choice') return `The answer is (${answer}).`
  return facts.benchmark.benchmark === 'math' ? `The answer is \\boxed{${answer}}.` : `The answer is ${answer}.`
}

/** Text of an answer whose last words are `final`. */
export function writeAnswer(final: string, { style, outputTokens, isCut, start }: TextShape): string {
  if (style === 'compact') return isCut ? working : final
  const characters = outputTokens * charactersPerToken
  if (isCut) return prose(characters, start) || working
  const lead = prose(characters - final.length - 2, start)
  return lead === '' ? final : `${lead}\n\n${final}`
}

const disclaimer =
  'This answer was written by a simulated model. It holds no key for this question, so it cannot answer it.'

/** What a model says to a question that the twin does not know. */
export function writeUnknown({ style, outputTokens, start }: TextShape): string {
  if (style === 'compact') return disclaimer
  const filler = prose(outputTokens * charactersPerToken - disclaimer.length - 60, start)
  return filler === '' ? disclaimer : `${disclaimer} What follows is filler, sent at the simulated pace.\n\n${filler}`
}
