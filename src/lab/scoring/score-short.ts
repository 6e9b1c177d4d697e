/**
 * @file Scores of short answers: numbers (GSM8K, GSM-Hard), options (MMLU-Pro), MATH expressions, phrases.
 *
 * Numbers and options are read as in serving. A number is right within 1e-6 of the key or 1e-3 absolute, an option by its
 * letter; what cannot be read is never guessed.
 */
import type { AnswerFormat } from '../../core/index.ts'
import { extractAnswer, withoutThinking } from '../../team/index.ts'
import { compareMath, extractMath } from './math/index.ts'
import { failed, judged, type Score, unparsed } from './score-types.ts'

const relativeTolerance = 1e-6
const absoluteTolerance = 1e-3

/** Whether two canonical decimals are one answer. */
export function areNumbersClose(given: string, key: string): boolean {
  if (given === key) return true
  const [value, expected] = [Number(given), Number(key)]
  return Math.abs(value - expected) <= Math.max(absoluteTolerance, relativeTolerance * Math.abs(expected))
}

/** Scores by the final number or the chosen letter of `reply`. */
export function scoreComparable(key: string, reply: string, format: Extract<AnswerFormat, 'number' | 'choice'>): Score {
  // Announced as a reply would, so that key and reply are read by one rule; a bare "I" would be no letter.
  const expected = extractAnswer(format === 'choice' ? `(${key})` : `#### ${key}`, format)
  if (expected === null) return failed(`the key ${JSON.stringify(key)} is no ${format}`)
  const given = extractAnswer(reply, format)
  // Serving reads boxed expressions too; what is scored as a number must be one.
  if (given === null || (format === 'number' && Number.isNaN(Number(given)))) return unparsed()
  return judged(format === 'choice' ? given === expected : areNumbersClose(given, expected), given)
}

/** Scores by the final expression of `reply`, with both figures. */
export async function scoreMath(key: string, reply: string): Promise<Score> {
  const extracted = extractMath(reply)
  if (extracted === null) return { ...unparsed(), mathStrict: false, mathEquiv: false }
  const { isStrict, isEquivalent } = await compareMath(extracted, key)
  return { ...judged(isEquivalent, extracted), mathStrict: isStrict, mathEquiv: isEquivalent }
}

const announced = /\banswers?\b[^\n:=.]{0,40}?(?:\b(?:is|are)\b|[:=])|####/gi
const longestPhrase = 500

/** What follows the last announcement to the end of its line, else the whole reply where that is short. */
function extractPhrase(reply: string): string | null {
  const said = withoutThinking(reply).trim()
  let from = 0
  for (const match of said.matchAll(announced)) from = match.index + match[0].length
  const phrase = said.slice(from, from + longestPhrase).trim()
  const line = from === 0 ? phrase : (phrase.split('\n')[0] as string)
  return line === '' || (from === 0 && said.length > longestPhrase) ? null : line
}

/** Without case, white space, quotes, markdown and closing marks. */
const plainPhrase = (text: string): string =>
  text
    .toLowerCase()
    .replace(/\\(?:boxed|text)\s*\{([^{}]*)\}/g, '$1')
    .replace(/[*_`"'“”‘’$]+/g, '')
    .replace(/\s+/g, ' ')
    .replace(/^[\s:]+|[\s.,!;:]+$/g, '')

/** Scores by the phrase that `reply` announces. */
export function scorePhrase(key: string, reply: string): Score {
  const given = extractPhrase(reply)
  return given === null ? unparsed() : judged(plainPhrase(given) === plainPhrase(key), given)
}
