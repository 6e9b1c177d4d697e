/** @file The smallest part of an answer: an expression with its unit taken off, or words. */
import type { Form } from './form-types.ts'
import { printTokens, type Token } from './latex-tokens.ts'
import { unitOf } from './units.ts'

const sign = (text: string): Token => ({ kind: 'sign', text })

/** The form of `tokens` that no bracket encloses and no comma or relation divides. */
export function readLeaf(tokens: readonly Token[]): Form {
  if (tokens.some(({ text }) => text === '\\pm' || text === '\\mp')) return bothSigns(tokens)
  const { rest, units, isPercent } = stripUnits(stripLead(tokens))
  if (rest.length > 0 && rest.every(({ kind }) => kind === 'words')) {
    return { kind: 'words', text: rest.map(({ text }) => text).join(' ') }
  }
  // Four letters in a row are a word; three can be a product.
  if (rest.length >= 4 && rest.every(({ kind }) => kind === 'letter')) {
    return { kind: 'words', text: rest.map(({ text }) => text).join('') }
  }
  const unit = units.length === 1 ? (units[0] ?? null) : null
  return { kind: 'expression', tokens: asFraction(rest), unit, isPercent }
}

function bothSigns(tokens: readonly Token[]): Form {
  const choose = (ofPlusMinus: string, ofMinusPlus: string): Form =>
    readLeaf(
      tokens.map((token) => {
        if (token.text === '\\pm') return sign(ofPlusMinus)
        return token.text === '\\mp' ? sign(ofMinusPlus) : token
      }),
    )
  return { kind: 'collection', items: [choose('+', '-'), choose('-', '+')], written: 'list' }
}

const isLead = (token: Token | undefined): boolean =>
  token?.kind === 'words' || ['+', '\\approx', ':'].includes(token?.text ?? '')
const currencies: Readonly<Record<string, string>> = { '\\$': 'dollars', '€': 'euros', '£': 'sterling' }

/** Without what may stand before a value: a plus sign, "about", words. A currency sign goes to the end, as a unit. */
function stripLead(tokens: readonly Token[]): readonly Token[] {
  let from = 0
  while (from < tokens.length - 1 && isLead(tokens[from])) from += 1
  // Words alone are the answer.
  const kept = tokens.slice(from).every(({ kind }) => kind === 'words') ? tokens : tokens.slice(from)
  const at = kept[0]?.text === '-' ? 1 : 0
  const currency = currencies[kept[at]?.text ?? '']
  if (currency === undefined || kept.length < at + 2) return kept
  return [...kept.slice(0, at), ...kept.slice(at + 1), { kind: 'words', text: currency }]
}

interface Before {
  readonly power: number
  readonly units: number
  readonly isAngle: boolean
}

interface Stripped {
  readonly rest: readonly Token[]
  /** Of each unit that stood there; null: one that we do not know. */
  readonly units: readonly (string | null)[]
  readonly isPercent: boolean
}

function stripUnits(tokens: readonly Token[]): Stripped {
  let end = tokens.length
  let isPercent = false
  const units: (string | null)[] = []
  const isAngle = tokens.some(({ text }) => /^\\(?:sin|cos|tan|cot|sec|csc)$/.test(text))
  while (end > 1) {
    const power = powerBefore(tokens, end)
    const last = tokens[end - power.length - 1]
    if (
      end - power.length < 2 ||
      last === undefined ||
      !isUnit(last, { power: power.length, units: units.length, isAngle })
    )
      break
    if (last.kind === 'words') units.push(unitOf(last.text, power.exponent))
    else if (last.text === '\\degrees') units.push('degree')
    isPercent ||= last.text === '%' || /^percent$/i.test(last.text)
    end -= power.length + 1
  }
  return { rest: tokens.slice(0, end), units: units.filter((unit) => unit !== 'percent'), isPercent }
}

/** `before`: length of a power after it, and units found so far. `isAngle`: degrees are a function's input, no unit. */
function isUnit({ kind, text }: Token, before: Before): boolean {
  if (kind === 'words') return true
  if (before.power > 0) return false
  if (text === '\\degrees') return !before.isAngle
  return text === '%' || (text === '/' && before.units > 0)
}

/** An exponent `^{n}` that ends at `end`; length 0: none. */
function powerBefore(tokens: readonly Token[], end: number): { readonly length: number; readonly exponent: number } {
  const [caret, open, digits, close] = tokens.slice(Math.max(0, end - 4), end)
  const isPower = caret?.text === '^' && open?.text === '{' && digits?.kind === 'number' && close?.text === '}'
  return isPower ? { length: 4, exponent: Number(digits.text) } : { length: 0, exponent: 1 }
}

const divided = /^(-?)(\d+)\/(\d+)$/
const negatedInside = /^\\frac\{(-)(\d+|[a-z])\}\{(\d+|[a-z])\}$/

/** `3/4` and `\frac{-3}{4}` in one spelling with the sign in front; minus zero without its sign. */
function asFraction(tokens: readonly Token[]): readonly Token[] {
  if (tokens.length < 2 || tokens.length > 9) return tokens
  const printed = printTokens(tokens)
  if (printed === '-0') return tokens.slice(1)
  const [, minus = '', over, under] = divided.exec(printed) ?? negatedInside.exec(printed) ?? []
  if (over === undefined || under === undefined) return tokens
  const atom = (text: string): Token => ({ kind: /\d/.test(text) ? 'number' : 'letter', text })
  const frac: Token = { kind: 'command', text: '\\frac' }
  const fraction = [frac, sign('{'), atom(over), sign('}'), sign('{'), atom(under), sign('}')]
  return minus === '-' ? [sign('-'), ...fraction] : fraction
}
