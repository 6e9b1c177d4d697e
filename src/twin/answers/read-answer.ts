/**
 * @file Reads the final answer out of a text of the twin's own forms, to compare it with a key.
 *
 * The last explicit cue counts ("the answer is ...", a boxed expression, a fenced program); without one the whole text
 * is taken as the bare answer. Numbers are equal within 1e-6 relative or 1e-3 absolute, as GSM8K is scored; letters
 * ignore case and brackets; programs ignore trailing blanks; other texts ignore case and white space.
 */
import type { AnswerFormat } from '../../core/index.ts'

const boxed = /\\boxed\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}/g
const lastCue = /^[\s\S]*answer is:?\s*(.+)/i
const prose = /[a-z]{2,} [a-z]{2,}/i
const fence = /```[a-z]*\n([\s\S]*?)```/g

const lastMatch = (pattern: RegExp, text: string): string | null => {
  let found: string | null = null
  for (const match of text.matchAll(pattern)) found = match[1] as string
  return found
}

/** Programs are long and rarely have blanks at the ends of lines: to look first is ten times as fast. */
const trimLines = (text: string): string =>
  (/[ \t][\n\r\u2028\u2029]/.test(text) ? text.replace(/[ \t]+$/gm, '') : text).trim()
const fraction = /^(-?)(?:\\d?frac\{(-?[\d.]+)\}\{([\d.]+)\}|([\d.]+)\/([\d.]+))$/

/** The value of a plain number or fraction; NaN: neither. */
function asNumber(text: string): number {
  const plain = text.replace(/[$,\s%]|\\[,!%$]/g, '')
  const match = fraction.exec(plain)
  if (!match) return Number(plain || Number.NaN)
  const [, sign, top, bottom, left, right] = match
  return (Number(top ?? left) / Number(bottom ?? right)) * (sign === '-' ? -1 : 1)
}

/** The answer that `text` gives, in a form that `sameAnswer` compares; null: it gives none. */
export function readAnswer(format: AnswerFormat, text: string): string | null {
  if (format === 'code') return trimLines((text.includes('```') ? lastMatch(fence, text) : null) ?? text) || null
  const announced = lastMatch(boxed, text) ?? lastCue.exec(text)?.[1] ?? null
  const said = (announced ?? text).trim().replace(/\.$/, '')
  if (format === 'choice') return /^\(?([A-Ja-j])\)?$/.exec(said)?.[1]?.toUpperCase() ?? null
  // Words without an announcement are an answer only where words are asked for.
  if (announced === null && format === 'number' && prose.test(said)) return null
  return said.replace(/\s+/g, ' ') || null
}

/** Whether two answers as read are the same answer. */
export function sameAnswer(format: AnswerFormat, a: string, b: string): boolean {
  if (a === b) return true
  if (format === 'text') return a.toLowerCase() === b.toLowerCase()
  if (format !== 'number') return false
  const [first, second] = [asNumber(a), asNumber(b)]
  return Math.abs(first - second) <= Math.max(1e-3, 1e-6 * Math.min(Math.abs(first), Math.abs(second)))
}
