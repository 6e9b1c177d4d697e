/**
 * @file The shape of an answer: an expression, words, a list or set, a tuple or interval, a matrix, a relation.
 *
 * Lists, sets and unions have no order, tuples have one. `1 \pm 2` is a list of two. An inequality with its variable
 * alone on a side is an interval. Depth is bounded, and every level looks at its tokens a fixed number of times.
 */

import type { ExpressionForm, Form, TupleForm } from './form-types.ts'
import type { Token } from './latex-tokens.ts'
import { readLeaf } from './leaf.ts'
import { deepest, isEnclosed, splitTop } from './split.ts'

const relations = new Set(['=', '<', '>', '\\leq', '\\geq', '\\neq'])

const isListed = ({ kind, text }: Token): boolean =>
  text === ',' || text === ';' || (kind === 'words' && /^(?:,?\s*(?:and|or)|,)$/i.test(text))

/** The form of `tokens`, which must be regrouped. */
export function readForm(tokens: readonly Token[], depth = 0): Form {
  if (depth > deepest) return readLeaf(tokens)
  const member = splitTop(tokens, ({ text }) => text === '\\in').pieces
  if (member.length === 2) return readForm(member[1] as readonly Token[], depth + 1)
  return (
    readList(tokens, depth) ?? readUnion(tokens, depth) ?? readRelation(tokens, depth) ?? readEnclosed(tokens, depth)
  )
}

const readAll = (pieces: readonly (readonly Token[])[], depth: number): readonly Form[] =>
  pieces.filter((piece) => piece.length > 0).flatMap((piece) => flat(readForm(piece, depth + 1)))

/** What `\pm` makes two of belongs to the list around it. */
const flat = (form: Form): readonly Form[] =>
  form.kind === 'collection' && form.written === 'list' ? form.items : [form]

function readList(tokens: readonly Token[], depth: number): Form | null {
  const { pieces } = splitTop(tokens, isListed)
  if (pieces.length < 2) return null
  const items = readAll(pieces, depth)
  const isUnion = items.length > 0 && items.every((item) => item.kind === 'tuple' && item.variable !== null)
  return { kind: 'collection', items, written: isUnion ? 'union' : 'list' }
}

function readUnion(tokens: readonly Token[], depth: number): Form | null {
  const { pieces } = splitTop(tokens, ({ text }) => text === '\\cup')
  return pieces.length < 2 ? null : { kind: 'collection', items: readAll(pieces, depth), written: 'union' }
}

function readRelation(tokens: readonly Token[], depth: number): Form | null {
  const { pieces, separators } = splitTop(tokens, ({ text }) => relations.has(text))
  if (separators.length === 0) return null
  const sides = pieces.map((piece) => readForm(piece, depth + 1))
  return asInterval(sides, separators) ?? { kind: 'relation', operators: separators, sides }
}

const infinity: ExpressionForm = {
  kind: 'expression',
  tokens: [{ kind: 'command', text: '\\infty' }],
  unit: null,
  isPercent: false,
}
const minusInfinity: ExpressionForm = { ...infinity, tokens: [{ kind: 'sign', text: '-' }, ...infinity.tokens] }

/** The variable that `form` is, with its subscript; null: it is more or other. */
export function variableOf(form: Form | undefined): string | null {
  if (form?.kind !== 'expression' || form.tokens[0]?.kind !== 'letter') return null
  return form.tokens.length === 1 || form.tokens[1]?.text === '_' ? form.tokens.map(({ text }) => text).join('') : null
}

/** `x > 3`, `3 < x`, `1 \leq x < 2` as intervals; null: another relation. */
function asInterval(sides: readonly Form[], operators: readonly string[]): TupleForm | null {
  if (operators.every((operator) => operator === '>' || operator === '\\geq')) {
    const turned = operators.map((operator) => (operator === '>' ? '<' : '\\leq')).reverse()
    return asInterval([...sides].reverse(), turned)
  }
  if (!operators.every((operator) => operator === '<' || operator === '\\leq')) return null
  return sides.length === 2 ? halfLine(sides, operators) : between(sides, operators)
}

const opening = (operator: string | undefined): string => (operator === '<' ? '(' : '[')
const closing = (operator: string | undefined): string => (operator === '<' ? ')' : ']')

function halfLine([low, high]: readonly Form[], [operator]: readonly string[]): TupleForm | null {
  const above = variableOf(high)
  if (above !== null && low) return interval({ open: opening(operator), close: ')', variable: above }, [low, infinity])
  const below = variableOf(low)
  if (below === null || !high) return null
  return interval({ open: '(', close: closing(operator), variable: below }, [minusInfinity, high])
}

function between([low, middle, high, more]: readonly Form[], [first, second]: readonly string[]): TupleForm | null {
  const variable = variableOf(middle)
  if (variable === null || !low || !high || more) return null
  return interval({ open: opening(first), close: closing(second), variable }, [low, high])
}

const interval = (edge: Pick<TupleForm, 'open' | 'close' | 'variable'>, items: readonly Form[]): TupleForm => ({
  kind: 'tuple',
  ...edge,
  items,
})

function readEnclosed(tokens: readonly Token[], depth: number): Form {
  if (tokens.length === 1 && tokens[0]?.text === '\\emptyset') return { kind: 'collection', items: [], written: 'set' }
  if (isReals(tokens)) return interval({ open: '(', close: ')', variable: null }, [minusInfinity, infinity])
  if (!isEnclosed(tokens)) return readLeaf(tokens)
  const open = tokens[0]?.text as string
  const close = tokens.at(-1)?.text as string
  const inside = tokens.slice(1, -1)
  if (open === '\\begin{matrix}') return readMatrix(inside, depth)
  const { pieces } = splitTop(inside, isListed)
  if (open === '\\{') return { kind: 'collection', items: readAll(pieces, depth), written: 'set' }
  if (open === '(' && close === ')' && pieces.length === 1) return readForm(inside, depth + 1)
  const items = pieces.map((piece) => readForm(piece, depth + 1))
  return interval({ open, close, variable: null }, items)
}

const isReals = (tokens: readonly Token[]): boolean =>
  (tokens[0]?.text === '\\mathbb' && tokens[2]?.text === 'R' && tokens.length === 4) ||
  (tokens.length === 1 && tokens[0]?.kind === 'words' && /^(?:all )?real(?:s| numbers)$/i.test(tokens[0].text))

function readMatrix(inside: readonly Token[], depth: number): Form {
  const rows = splitTop(inside, ({ text }) => text === '\\\\').pieces.filter((row) => row.length > 0)
  const cells = (row: readonly Token[]) => splitTop(row, ({ text }) => text === '&').pieces
  return { kind: 'matrix', rows: rows.map((row) => cells(row).map((cell) => readForm(cell, depth + 1))) }
}
