/**
 * @file First aid for an answer's text before it is read as LaTeX: wrappings, Unicode, plain words, thousands separators.
 *
 * A comma separates thousands (`1,234`) only outside brackets and where the groups fit; `1{,}234` and `1,\!234` do
 * anywhere. So `(1,234)` stays a pair, and `100, 200`, `1,2` and `1,200,35` stay lists. Linear time.
 */
import { markUnits } from './units.ts'

const unicode: Readonly<Record<string, string>> = {
  '−': '-',
  '–': '-',
  '‑': '-',
  '×': '\\times ',
  '·': '\\cdot ',
  '⋅': '\\cdot ',
  '÷': '/',
  π: '\\pi ',
  θ: '\\theta ',
  α: '\\alpha ',
  β: '\\beta ',
  '√': '\\sqrt ',
  '∞': '\\infty ',
  '≤': '\\leq ',
  '≥': '\\geq ',
  '≠': '\\neq ',
  '≈': '\\approx ',
  '±': '\\pm ',
  '∓': '\\mp ',
  '∪': '\\cup ',
  '∩': '\\cap ',
  '∈': '\\in ',
  '∅': '\\emptyset ',
  ℝ: '\\mathbb{R}',
  '°': '^\\circ ',
  '½': '\\frac{1}{2}',
  '¼': '\\frac{1}{4}',
  '¾': '\\frac{3}{4}',
  '⅓': '\\frac{1}{3}',
  '⅔': '\\frac{2}{3}',
  '²': '^{2}',
  '³': '^{3}',
  '，': ',',
  '\u00a0': ' ',
  '\u2009': ' ',
  '\u202f': ' ',
}
const unicodePattern = new RegExp(`[${Object.keys(unicode).join('')}]`, 'g')

const plainWords: readonly (readonly [RegExp, string])[] = [
  [/(?<![A-Za-z\\][\d.]*)(\d|\d\.)[eE]([-+]?\d{1,3})(?![\w.])/g, '$1\\cdot 10^{$2}'],
  [/<=/g, '\\leq '],
  [/>=/g, '\\geq '],
  [/!=/g, '\\neq '],
  [/\+\/-/g, '\\pm '],
  [/\*\*(?=[\d({-])/g, '^'],
  [/\*\*/g, ' '],
  [/(?<![A-Za-z\\])(sqrt|sin|cos|tan|cot|sec|csc|ln|log|pi|theta|arcsin|arccos|arctan|pm)(?![A-Za-z])/g, '\\$1 '],
  [/(?<![A-Za-z\\])(?:infinity|infty|inf)(?![A-Za-z])/gi, '\\infty '],
  [/(?<![A-Za-z\\{])(?:or|and)(?![A-Za-z}])/g, '\\text{or}'],
  [/(?<![A-Za-z\\])U(?=\s*[([])/g, '\\cup '],
  [/(?<![\w.,}])(\d+)\s+(\d+)\s*\/\s*(\d+)(?![\w.])/g, '$1\\frac{$2}{$3}'],
]

const looseThousands = /(?<![\d.,])(\d{1,3}(?:,\d{3})+)(?![\d,])/g
const blankThousands = /(?<![\d.,])(\d{1,3}(?: \d{3})+)(?![\d.,])/g
const typesetThousands = /(?<=\d)(?:\{,\}|,\s?\\!\s?|\\,)(?=\d{3}(?!\d))/g

/** Joins digit groups, commas only where no bracket is open. */
function joinThousands(text: string): string {
  const joined = text.replace(typesetThousands, '').replace(blankThousands, (digits) => digits.replaceAll(' ', ''))
  if (!joined.includes(',')) return joined
  let depth = 0
  let seen = 0
  return joined.replace(looseThousands, (digits, _group, at: number) => {
    for (; seen < at; seen += 1) depth += bracketStep(joined, seen)
    return depth > 0 ? digits : digits.replaceAll(',', '')
  })
}

/** Change of depth at `at`. Plain braces group, they do not list. */
function bracketStep(text: string, at: number): number {
  const character = text[at] as string
  if (character === '(' || character === '[') return 1
  if (character === ')' || character === ']') return -1
  if (text[at - 1] !== '\\') return 0
  return character === '{' ? 1 : character === '}' ? -1 : 0
}

const wrapping = /^\s*\\(?:boxed|fbox)\s*\{([\s\S]*)\}\s*$/
const edges = /^[\s$]+|[\s$]+$/g

const onlyWords = /^[A-Za-z]{2,}(?:[ '-][A-Za-z]+)+$/

/** `raw` in one line of LaTeX: unwrapped, without a closing full stop. */
export function plainText(raw: string): string {
  let text = raw.trim()
  for (let inside = wrapping.exec(text); inside !== null; inside = wrapping.exec(text))
    text = (inside[1] as string).trim()
  text = text
    .replace(edges, '')
    .replace(/(?:\\\\|[\s.,;:])+$/, '')
    .replace(edges, '')
  text = text.replace(unicodePattern, (found) => unicode[found] as string)
  // An unescaped dollar opens or closes mathematics; before a digit it may be money, which changes no value.
  text = text.replace(/(?<!\\)\$/g, ' ').replace(/(?<!\\)\\[()[\]]/g, ' ')
  text = text.replace(/\\begin\{array\}\s*\{[^{}]*\}/g, '\\begin{array}')
  text = joinThousands(text)
  for (const [pattern, replacement] of plainWords) text = text.replace(pattern, replacement)
  text = text.trim()
  return onlyWords.test(text) ? `\\text{${text}}` : markUnits(text)
}
