/** @file The one spelling of an answer's form: what `math_strict` compares. */
import type { Form } from './form-types.ts'
import { printTokens } from './latex-tokens.ts'

const printAll = (forms: readonly Form[]): string => forms.map(printForm).join(',')

/** `form` as LaTeX without units, percent signs and superfluous marks. Names of values are kept. */
export function printForm(form: Form): string {
  switch (form.kind) {
    case 'expression':
      return printTokens(form.tokens)
    case 'words':
      return form.text
    case 'collection':
      return printCollection(form.items, form.written)
    case 'tuple':
      return `${form.open}${printAll(form.items)}${form.close}`
    case 'matrix':
      return `\\begin{matrix}${form.rows.map((row) => row.map(printForm).join('&')).join('\\\\')}\\end{matrix}`
    case 'relation':
      return form.sides.map((side, index) => printForm(side) + (form.operators[index] ?? '')).join('')
  }
}

function printCollection(items: readonly Form[], written: 'list' | 'set' | 'union'): string {
  if (written === 'union') return items.map(printForm).join('\\cup')
  // The blank keeps `100, 200` from being read as one number.
  if (written === 'list') return items.map(printForm).join(', ')
  return `\\{${printAll(items)}\\}`
}
