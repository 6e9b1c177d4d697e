/**
 * @file Whether two answers mean the same: part by part, with or without order as their shape says.
 *
 * A value agrees with the same value named (`x = 5`), with a unit, or as the only member of a set. `50\%` agrees with 50
 * and with 0.5. Two different names or two different known units never agree. A bare list agrees with the tuple of the
 * same order, since many answers leave the brackets out.
 */
import { areExpressionsEqual, areProportional, hundredth } from './compare-expressions.ts'
import { call, type Expression } from './expression.ts'
import { variableOf } from './form.ts'
import type { ExpressionForm, Form, RelationForm, TupleForm } from './form-types.ts'
import { parseExpression } from './parse-expression.ts'
import { printForm } from './print-form.ts'

/** Collections beyond this are compared as texts only: matching takes quadratic time. */
const mostItems = 40

type Collection = Extract<Form, { readonly kind: 'collection' }>

/** What a relation `name = value` says of `name`; null: another form. */
export function namedValue(form: Form): { readonly name: string; readonly value: Form } | null {
  if (form.kind !== 'relation' || form.operators.length !== 1 || form.operators[0] !== '=') return null
  const [left, right] = form.sides as [Form, Form]
  const name = nameOf(left)
  return name === null ? null : { name, value: right }
}

/** A name: a variable, words, capital letters (a segment), `f(x)`, or a tuple of names. */
function nameOf(form: Form): string | null {
  if (form.kind === 'words') return form.text.toLowerCase()
  if (form.kind === 'tuple') return form.items.every((item) => nameOf(item) !== null) ? printForm(form) : null
  const variable = variableOf(form)
  if (variable !== null || form.kind !== 'expression') return variable
  const printed = printForm(form)
  return /^(?:[A-Z]{1,4}|[a-zA-Z]\([a-z](?:,[a-z])*\)|\\[a-z]+)$/.test(printed) ? printed : null
}

/** Whether names or units forbid what the values may allow. */
export function isAtOdds(a: Form, b: Form): boolean {
  const [nameA, nameB] = [namedValue(a), namedValue(b)]
  if (nameA && nameB) return nameA.name !== nameB.name || isAtOdds(nameA.value, nameB.value)
  const [plainA, plainB] = [nameA?.value ?? a, nameB?.value ?? b]
  if (plainA.kind === 'tuple' && plainB.kind === 'tuple') return differ(plainA.variable, plainB.variable)
  return plainA.kind === 'expression' && plainB.kind === 'expression' && differ(plainA.unit, plainB.unit)
}

const differ = (a: string | null, b: string | null): boolean => a !== null && b !== null && a !== b

/** Whether `a` and `b` are the same answer. Symmetric. */
export async function areFormsEqual(a: Form, b: Form): Promise<boolean> {
  if (isAtOdds(a, b)) return a.kind === 'relation' && b.kind === 'relation' && areEquationsEqual(a, b)
  if (printForm(a) === printForm(b)) return true
  if (a.kind === 'relation' || b.kind === 'relation') return areRelationsEqual(a, b)
  if (a.kind === 'collection' || b.kind === 'collection') return areCollectionsEqual(a, b)
  if (a.kind === 'expression' && b.kind === 'expression') return areTermsEqual(a, b)
  if (a.kind === 'tuple' && b.kind === 'tuple') return areTuplesEqual(a, b)
  if (a.kind === 'matrix' && b.kind === 'matrix') {
    const isSameShape = a.rows.length === b.rows.length
    return isSameShape && every(a.rows, b.rows, (row, other) => inOrder(row, other))
  }
  return squash(a) !== null && squash(a) === squash(b)
}

/** Words without case and blanks, also where they came as letters; null: no words. */
function squash(form: Form): string | null {
  const text = form.kind === 'words' ? form.text : printForm(form)
  if (form.kind !== 'words' && !/^[A-Za-z\s]+$/.test(text)) return null
  return text.toLowerCase().replace(/^(?:the|an?)\s+|[\s.,'"-]+/g, '')
}

async function every<T>(a: readonly T[], b: readonly T[], same: (x: T, y: T) => Promise<boolean>): Promise<boolean> {
  for (const [index, item] of a.entries()) if (!(await same(item, b[index] as T))) return false
  return true
}

const inOrder = async (a: readonly Form[], b: readonly Form[]): Promise<boolean> =>
  a.length === b.length && every(a, b, areFormsEqual)

const areTuplesEqual = async (a: TupleForm, b: TupleForm): Promise<boolean> =>
  a.open === b.open && a.close === b.close && inOrder(a.items, b.items)

async function areTermsEqual(a: ExpressionForm, b: ExpressionForm): Promise<boolean> {
  const [left, right] = [parseExpression(a.tokens), parseExpression(b.tokens)]
  if (left === null || right === null) return squash(a) !== null && squash(a) === squash(b)
  if (await areExpressionsEqual(left, right)) return true
  if (a.isPercent === b.isPercent) return false
  return areExpressionsEqual(a.isPercent ? hundredth(left) : left, b.isPercent ? hundredth(right) : right)
}

/** Without repeated members. */
function membersOf(form: Form): readonly Form[] {
  if (form.kind !== 'collection') return [form]
  return [...new Map(form.items.map((item) => [printForm(item), item] as const)).values()]
}

async function areCollectionsEqual(a: Form, b: Form): Promise<boolean> {
  const bare = asBareList(a, b) ?? asBareList(b, a)
  if (bare) return inOrder(bare.list.items, bare.tuple.items)
  if (isUnion(a) !== isUnion(b) && a.kind === b.kind) return false
  const [members, others] = [membersOf(a), [...membersOf(b)]]
  if (members.length !== others.length || members.length > mostItems) return false
  for (const member of members) {
    const at = await findEqual(member, others)
    if (at < 0) return false
    others.splice(at, 1)
  }
  return true
}

const isUnion = (form: Form): boolean => form.kind === 'collection' && form.written === 'union'

function asBareList(list: Form, tuple: Form): { readonly list: Collection; readonly tuple: TupleForm } | null {
  if (list.kind !== 'collection' || list.written !== 'list' || tuple.kind !== 'tuple') return null
  return tuple.open === '(' && tuple.close === ')' && tuple.variable === null ? { list, tuple } : null
}

async function findEqual(form: Form, among: readonly Form[]): Promise<number> {
  for (const [index, other] of among.entries()) if (await areFormsEqual(form, other)) return index
  return -1
}

async function areRelationsEqual(a: Form, b: Form): Promise<boolean> {
  const [namedA, namedB] = [namedValue(a), namedValue(b)]
  if (a.kind !== 'relation' || b.kind !== 'relation') {
    const [value, other] = namedA ? [namedA.value, b] : [namedB?.value, a]
    return value !== undefined && areFormsEqual(value, other)
  }
  if (namedA && namedB && (await areFormsEqual(namedA.value, namedB.value))) return true
  if (areEquationsEqual(a, b)) return true
  return a.operators.join() === b.operators.join() && inOrder(a.sides, b.sides)
}

/** Equations of expressions are the same where left - right of one is a multiple of the other's. */
function areEquationsEqual(a: RelationForm, b: RelationForm): boolean {
  const [first, second] = [differenceOf(a), differenceOf(b)]
  return first !== null && second !== null && areProportional(first, second)
}

function differenceOf({ operators, sides }: RelationForm): Expression | null {
  if (operators.length !== 1 || operators[0] !== '=') return null
  const [left, right] = sides.map((side) => (side.kind === 'expression' ? parseExpression(side.tokens) : null))
  return left && right ? call('Add', left, call('Negate', right)) : null
}
