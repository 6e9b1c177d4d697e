import { describe, expect, it } from 'vitest'
import { isAlgebraicallyEqual } from './algebra.ts'
import type { Expression } from './expression.ts'
import { tokenise } from './latex-tokens.ts'
import { parseExpression } from './parse-expression.ts'
import { regroup } from './regroup.ts'

const parse = (latex: string): Expression => {
  const tree = parseExpression(regroup(tokenise(latex)))
  if (tree === null) throw new Error(`cannot read ${latex}`)
  return tree
}

describe('the algebra library', () => {
  it.each([
    ['(x+1)^2', 'x^2+2x+1', true],
    ['\\frac{\\sqrt{3}}{3}', '\\frac{1}{\\sqrt{3}}', true],
    ['e^{i\\pi}', '-1', true],
    // Values far beyond the floats: here points cannot decide.
    ['x^{5000}-1', 'x^{5000}-1', true],
    ['x^2', 'x^3', false],
    ['a-b', 'b-a', false],
  ])('on %s and %s says %s', async (a, b, isEqual) => {
    expect(await isAlgebraicallyEqual(parse(a), parse(b))).toBe(isEqual)
  })

  it('is not asked about what it would expand for seconds, or about numbers beyond the floats', async () => {
    const expensive = '(a+b+c+d)^{20}'
    expect(await isAlgebraicallyEqual(parse(expensive), parse(expensive))).toBe(false)
    const long = Array.from({ length: 70 }, () => 'x').join('+')
    expect(await isAlgebraicallyEqual(parse(long), parse('70x'))).toBe(false)
    expect(await isAlgebraicallyEqual(parse(`x+${'9'.repeat(30)}`), parse(`x+${'9'.repeat(30)}`))).toBe(false)
  })
})
