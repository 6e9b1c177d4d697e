/**
 * @file Symbolic equality by `@cortex-js/compute-engine`, for what our own evaluation cannot decide.
 *
 * The library is loaded on first use and gets trees of bounded size: expanding a power of a sum is what makes it slow
 * (docs/decisions/12). Its own errors count as "not shown equal".
 */
import type { ComputeEngine } from '@cortex-js/compute-engine'
import { type Expression, sizeOf, variablesOf } from './expression.ts'

type MathJson = number | string | readonly [string, ...MathJson[]]

const largestTree = 60
/** Terms that expanding every product and power may make. */
const mostTerms = 200

/** Upper bound of the terms after expansion. */
function termsOf(tree: Expression): number {
  if (tree.kind !== 'call') return 1
  const terms = tree.inputs.map(termsOf)
  const [base = 1, ...others] = terms
  if (tree.operation === 'Add') return terms.reduce((sum, count) => sum + count, 0)
  if (tree.operation === 'Multiply' || tree.operation === 'Divide')
    return others.reduce((all, count) => all * count, base)
  if (tree.operation !== 'Power') return Math.max(...terms)
  const [, exponent] = tree.inputs
  if (exponent?.kind !== 'number') return base * Math.max(...others)
  const times = Math.abs(Number(exponent.value.over))
  return base === 1 ? 1 : base ** Math.min(times, mostTerms)
}

const names: Readonly<Record<string, string>> = { pi: 'Pi', e: 'ExponentialE', i: 'ImaginaryUnit' }

/** Variables are renamed, so that none of the library's own names is among them. Null: a number beyond the floats. */
function toMathJson(tree: Expression, variables: readonly string[]): MathJson | null {
  if (tree.kind === 'symbol') return names[tree.name] ?? `v_${variables.indexOf(tree.name)}`
  if (tree.kind === 'number') {
    const [over, under] = [Number(tree.value.over), Number(tree.value.under)]
    if (!Number.isSafeInteger(over) || !Number.isSafeInteger(under)) return null
    return under === 1 ? over : ['Rational', over, under]
  }
  const inputs: MathJson[] = []
  for (const input of tree.inputs) {
    const converted = toMathJson(input, variables)
    if (converted === null) return null
    inputs.push(converted)
  }
  return [tree.operation, ...inputs]
}

let engine: Promise<ComputeEngine> | null = null

async function openEngine(): Promise<ComputeEngine> {
  const library = await import('@cortex-js/compute-engine')
  const opened = new library.ComputeEngine()
  opened.precision = 'machine'
  return opened
}

/** Whether the library shows that the two are equal. False: not shown, or too large to ask. */
export async function isAlgebraicallyEqual(a: Expression, b: Expression): Promise<boolean> {
  if (sizeOf(a) + sizeOf(b) > largestTree || termsOf(a) + termsOf(b) > mostTerms) return false
  const variables = variablesOf(a, b)
  const [left, right] = [toMathJson(a, variables), toMathJson(b, variables)]
  if (left === null || right === null) return false
  engine ??= openEngine()
  const library = await engine
  try {
    return library
      .box(['Subtract', left, right] as Parameters<ComputeEngine['box']>[0])
      .simplify()
      .is(0)
  } catch {
    return false
  }
}
