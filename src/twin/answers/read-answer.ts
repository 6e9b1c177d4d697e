/**
 * @file Reads the final answer out of a text of the twin's own forms, to compare it with a key.
 *
 * The last explicit cue counts ("the answer is ...", a boxed expression, a fenced program); without one the whole text
 * is taken as the bare answer. Numbers are equal within 1e-6 relative or 1e-3 absolute, as GSM8K is scored; letters
 * ignore case and brackets; programs ignore trailing blanks; other texts ignore case and white space.
 */
import type { AnswerFormat } from '../../core/index.ts'

const boxed = /\\boxed\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}/g
const cue = /answer is:?\s*(.+?)\s*$/gim
const fence = /```[a-z]*\n([\s\S]*?)```/g

const lastMatch = (pattern: RegExp, text: string): string | null => {
  let found: string | null = null
  for (const match of text.matchAll(pattern)) found = match[1] as string
  return found
}

const trimLines = (text: string): string => text.replace(/[ \t]+$/gm, '').trim()
const asNumber = (text: string): number => Number(text.replace(/[$,\s%]|\\[,!%$]/g, '') || Number.NaN)

/** The answer that `text` gives, in a form that `sameAnswer` compares; null: it gives none. */
export function readAnswer(format: AnswerFormat, text: string): string | null {
  if (format === 'code') return trimLines(lastMatch(fence, text) ?? text) || null
  const said = (lastMatch(boxed, text) ?? lastMatch(cue, text) ?? text).replace(/\.$/, '').trim()
  if (format === 'choice') return /^\(?([A-Ja-j])\)?$/.exec(said)?.[1]?.toUpperCase() ?? null
  return said.replace(/\s+/g, ' ') || null
}

/** Whether two answers as read are the same answer. */
export function sameAnswer(format: AnswerFormat, a: string, b: string): boolean {
  if (a === b) return true
  if (format === 'text') return a.toLowerCase() === b.toLowerCase()
  if (format !== 'number') return false
  const difference = Math.abs(asNumber(a) - asNumber(b))
  return difference <= Math.max(1e-3, 1e-6 * Math.abs(asNumber(b)))
}
