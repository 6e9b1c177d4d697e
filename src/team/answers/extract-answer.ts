/**
 * @file Final answers in a form that can be compared: what agreement, votes and hints are made of.
 *
 * Only numbers and choices can be compared; of programs and prose no short answer is read. Every function here takes
 * time linear in its input and never throws, whatever a model wrote.
 */
import type { AnswerFormat } from '../../core/index.ts'
import { choiceAnswer } from './choice-answer.ts'
import { numberAnswer } from './number-answer.ts'
import { firstNumber, longestPiece, plainMath } from './number-form.ts'
import { withoutThinking } from './thinking.ts'

/** Whether answers of this format can be compared and voted on. */
export const isComparable = (format: AnswerFormat): boolean => format === 'number' || format === 'choice'

/**
 * The final answer that `text` gives, in normal form; null where none can be read or the format cannot be compared.
 * Thinking between `<think>` tags is left out first.
 */
export function extractAnswer(text: string, format: AnswerFormat): string | null {
  if (!isComparable(format)) return null
  const said = withoutThinking(text)
  return format === 'number' ? numberAnswer(said) : choiceAnswer(said)
}

/**
 * A short answer (a key, a vote) in the normal form of `extractAnswer`: a plain decimal without superfluous zeros, or an
 * upper-case letter A to J. Null where `raw` is neither, or the format cannot be compared.
 */
export function normaliseAnswer(raw: string, format: AnswerFormat): string | null {
  if (!isComparable(format) || raw.length > longestPiece) return null
  if (format === 'number') return firstNumber(plainMath(raw))?.value ?? null
  return /^[\s([*{]*([A-J])[\s)\]}*.:]*$/i.exec(raw)?.[1]?.toUpperCase() ?? null
}
