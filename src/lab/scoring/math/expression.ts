/**
 * @file An expression as a tree, and its size: what is evaluated, and handed to the algebra library.
 *
 * Names of operations are those of MathJSON, so that a tree goes to the library as it is.
 */
import type { Rational } from './rational.ts'

export type Expression =
  | {
      readonly kind: 'number'
      readonly value: Rational
      /** Written with a decimal point: may be rounded. */
      readonly isDecimal: boolean
    }
  /** A variable with its subscript, or a constant: `pi`, `e`, `i`, `infinity`. */
  | { readonly kind: 'symbol'; readonly name: string }
  | { readonly kind: 'call'; readonly operation: Operation; readonly inputs: readonly Expression[] }

export type Operation =
  | 'Add'
  | 'Negate'
  | 'Multiply'
  | 'Divide'
  | 'Power'
  | 'Root'
  | 'Factorial'
  | 'Binomial'
  | 'Log'
  | OneInput

/** Operations of one input that are written as a name before it. */
export type OneInput =
  | 'Sin'
  | 'Cos'
  | 'Tan'
  | 'Cot'
  | 'Sec'
  | 'Csc'
  | 'Arcsin'
  | 'Arccos'
  | 'Arctan'
  | 'Sinh'
  | 'Cosh'
  | 'Tanh'
  | 'Ln'
  | 'Exp'
  | 'Abs'
  | 'Floor'
  | 'Ceil'
  | 'Sqrt'

export const call = (operation: Operation, ...inputs: readonly Expression[]): Expression => ({
  kind: 'call',
  operation,
  inputs,
})

/** Nodes of the tree. */
export const sizeOf = (tree: Expression): number =>
  tree.kind === 'call' ? tree.inputs.reduce((sum, input) => sum + sizeOf(input), 1) : 1

const constants = new Set(['pi', 'e', 'i'])

/** The variables of `tree`, constants aside, in sorted order. */
export function variablesOf(...trees: readonly Expression[]): readonly string[] {
  const names = new Set<string>()
  const collect = (tree: Expression) => {
    if (tree.kind === 'call') tree.inputs.forEach(collect)
    else if (tree.kind === 'symbol' && !constants.has(tree.name)) names.add(tree.name)
  }
  trees.forEach(collect)
  return [...names].sort()
}
