/** @file The shapes that an answer may have; how they are read stands in `form.ts`. */
import type { Token } from './latex-tokens.ts'

export interface ExpressionForm {
  readonly kind: 'expression'
  /** Without unit, percent sign and leading plus. */
  readonly tokens: readonly Token[]
  /** Canonical; null: none that we know. */
  readonly unit: string | null
  readonly isPercent: boolean
}

export interface TupleForm {
  readonly kind: 'tuple'
  readonly open: string
  readonly close: string
  readonly items: readonly Form[]
  /** The variable, where it was written as an inequality; null otherwise. */
  readonly variable: string | null
}

export interface RelationForm {
  readonly kind: 'relation'
  readonly operators: readonly string[]
  /** One more than operators. */
  readonly sides: readonly Form[]
}

export type Form =
  | ExpressionForm
  | TupleForm
  | RelationForm
  | { readonly kind: 'words'; readonly text: string }
  | { readonly kind: 'collection'; readonly items: readonly Form[]; readonly written: 'list' | 'set' | 'union' }
  | { readonly kind: 'matrix'; readonly rows: readonly (readonly Form[])[] }
