/**
 * @file Plausible wrong answers to a LaTeX answer: another number in it, a flipped sign, another function or word.
 *
 * Changes keep the form of the key (a point stays a point, an interval an interval), so that a mistake cannot be told
 * from the key by its looks. Only the last resorts, for keys that nothing else fits, append a term.
 */

import type { Asked } from './asked.ts'
import { distinctMistakes, plainValue, shuffled } from './distinct-answers.ts'
import { wrongValues } from './wrong-values.ts'
import { wrongWords } from './wrong-words.ts'

/** Wrong answers in the form of `key`, at least 3. */
export function wrongExpressions(key: string, { problem, random }: Asked): readonly string[] {
  if (/^(?:\\?\$)?-?[\d.,]+(?:\\[,!] ?[\d.,]+)*\\?%?$/.test(key)) {
    const value = plainValue(key)
    if (Number.isFinite(value)) return wrongValues(value, { text: problem, random })
  }
  if (isInWords(key)) return distinctMistakes(key, [...wrongWords(key, { problem, random }), ...otherWords(key)])
  const plain = braced(key)
  const changed = [...otherNumbers(plain), ...otherSigns(plain), ...otherFunctions(plain), ...otherOrder(plain)]
  const likely = distinctMistakes(key, [...wrongWords(key, { problem, random }), ...shuffled(changed, random)])
  return likely.length >= 3 ? likely : distinctMistakes(key, [...likely, ...lastResorts(plain)])
}

const isInWords = (key: string): boolean => !/\d/.test(key) && /[A-Za-z]{3,}/.test(key.replace(/\\[a-z]+/gi, ' '))

const otherWords = (key: string): readonly string[] =>
  ['none', 'neither', 'both', 'unknown'].map((word) => (key.includes('\\') ? `\\text{${word}}` : word))

/** Arguments without braces (`\frac43`, `\sqrt2`) put into braces, so that a changed number stays one argument. */
const braced = (key: string): string =>
  key
    .replace(/\\([dt]?)frac\s*(\d)\s*(\d)/g, '\\$1frac{$2}{$3}')
    .replace(/\\([dt]?)frac\s*(\d)\s*\{/g, '\\$1frac{$2}{')
    .replace(/(\\[dt]?frac\{[^{}]*\})\s*(\d)/g, '$1{$2}')
    .replace(/\\sqrt\s*(\d)/g, '\\sqrt{$1}')

/** `text` with each match replaced by each of its `others`, one at a time. */
function* replacedOnce(text: string, pattern: RegExp, others: (found: string) => readonly string[]): Generator<string> {
  for (const match of text.matchAll(pattern)) {
    for (const other of others(match[0])) {
      yield text.slice(0, match.index) + other + text.slice(match.index + match[0].length)
    }
  }
}

/** None becomes 0: it may be a denominator. */
function* otherNumbers(key: string): Generator<string> {
  yield* replacedOnce(key, /\d*\.?\d+/g, (found) => {
    const value = Number(found)
    const others = [value + 1, value + 2, value * 2, ...(value > 1 ? [value - 1] : [])]
    return others.map((other) => String(Number(other.toPrecision(12))))
  })
}

function* otherSigns(key: string): Generator<string> {
  yield* replacedOnce(key, /(?<=[\w)}] ?)[+-](?= ?[\w(\\])/g, (found) => [found === '+' ? '-' : '+'])
  if (/^(?!0(?![.\d]))[\d\\a-z]/i.test(key) && !/[=,]|\\(?:in|pm|text|begin|mbox|\{)/.test(key)) yield `-${key}`
  if (/^-[\d\\a-z]/i.test(key) && !key.includes(',')) yield key.slice(1)
}

const functions = ['\\sin', '\\cos', '\\tan', '\\cot', '\\sec', '\\csc']
const relations = ['\\le', '\\ge', '<', '>']

function* otherFunctions(key: string): Generator<string> {
  const except = (all: readonly string[]) => (found: string) => all.filter((other) => other !== found)
  yield* replacedOnce(key, /\\(?:sin|cos|tan|cot|sec|csc)(?![a-z])/g, except(functions))
  yield* replacedOnce(key, /\\(?:le|ge)(?![a-z])|[<>]/g, except(relations))
  yield* replacedOnce(key, /(?<!\d ?)\\pi(?![a-z])/g, () => ['2\\pi', '\\frac{\\pi}{2}', '3\\pi'])
}

/** Coordinates swapped; an end of an interval opened or closed. */
function* otherOrder(key: string): Generator<string> {
  const pair = /^(\(|\\left\()([^,()[\]]+),([^,()[\]]+?)(\)|\\right\))$/.exec(key)
  if (pair !== null) {
    const [, open, first = '', second = '', close] = pair
    yield `${open}${second.trim()}, ${first.trim()}${close}`
  }
  if (!/\\infty|\\cup|\\in/.test(key)) return
  yield* replacedOnce(key, /[[(](?=[^,]*,)/g, (found) => [found === '[' ? '(' : '['])
  yield* replacedOnce(key, /(?<=,[^,]*)[\])]/g, (found) => [found === ']' ? ')' : ']'])
}

const lastResorts = (key: string): readonly string[] => [`${key} + 1`, `${key} - 1`, `2 ${key}`, `${key} + 2`, '0', '1']
