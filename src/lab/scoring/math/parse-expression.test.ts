import { describe, expect, it } from 'vitest'
import { exactValue, valueAt } from './evaluate.ts'
import { tokenise } from './latex-tokens.ts'
import { parseExpression } from './parse-expression.ts'
import { plainText } from './plain-text.ts'
import { rational, toFloat } from './rational.ts'
import { regroup } from './regroup.ts'

const parse = (latex: string) => parseExpression(regroup(tokenise(plainText(latex))))
const at = new Map([
  ['x', 0.7],
  ['y', 1.3],
])

describe('expressions', () => {
  it.each([
    ['2+3\\cdot 4', 14],
    ['2-3-4', -5],
    ['12/3/2', 2],
    ['-2^2', -4],
    ['(-2)^2', 4],
    ['2^{3^2}', 512],
    ['2x^2', 2 * 0.7 ** 2],
    ['xy', 0.7 * 1.3],
    ['x(y+1)', 0.7 * 2.3],
    ['\\frac12x', 0.35],
    ['1\\frac12', 1.5],
    ['-1\\frac12', -1.5],
    ['2\\frac{3}{2}', 3],
    ['\\sqrt[3]{-27}', -3],
    ['\\sqrt{x}y', Math.sqrt(0.7) * 1.3],
    ['sqrt((x+1)(y+1))', Math.sqrt(1.7 * 2.3)],
    ['2^(x(y+1))', 2 ** (0.7 * 2.3)],
    ['|x-y|', 0.6],
    ['2|x-y|', 1.2],
    ['\\sin 2x', Math.sin(1.4)],
    ['\\sin x\\cos y', Math.sin(0.7) * Math.cos(1.3)],
    ['\\sin(x)y', Math.sin(0.7) * 1.3],
    ['\\sin^2 x', Math.sin(0.7) ** 2],
    ['\\sin^{-1} x', Math.asin(0.7)],
    ['\\arccos x', Math.acos(0.7)],
    ['\\tan 45^\\circ', 1],
    ['\\log_2 8', 3],
    ['\\log 100', 2],
    ['\\ln x^2', Math.log(0.49)],
    ['\\lfloor 2.7\\rfloor+\\lceil 0.2\\rceil', 3],
    ['4!', 24],
    ['\\binom{x+3}{2}', (3.7 * 2.7) / 2],
    ['\\cosh x+\\sinh x', Math.exp(0.7)],
    ['50\\%\\cdot 8', 4],
    ['0.1\\overline{6}', 1 / 6],
    ['e^{\\pi i}+1', 0],
  ])('%s has its value', (latex, value) => {
    const tree = parse(latex)
    expect(tree).not.toBeNull()
    if (tree) expect(valueAt(tree, at).re).toBeCloseTo(value, 12)
  })

  it.each([
    '',
    '+',
    '2+',
    '(2',
    '2)',
    '\\frac{1}{}',
    '|x',
    '2_3',
    '\\foo x',
    'x\\text{abc}y',
    '1 2',
    '\\sin',
    '\\sqrt[3',
    'x^',
  ])('%j cannot be read', (latex) => {
    expect(parse(latex)).toBeNull()
  })
})

describe('exact values', () => {
  it.each([
    ['2^{100}', 2n ** 100n, 1n],
    ['\\frac{6}{8}-1', -1n, 4n],
    ['0.35625', 57n, 160n],
    ['20!', 2_432_902_008_176_640_000n, 1n],
    ['\\binom{50}{25}', 126_410_606_437_752n, 1n],
    ['(\\frac23)^{-2}', 9n, 4n],
    ['1.\\overline{27}', 14n, 11n],
  ])('of %s', (latex, over, under) => {
    const tree = parse(latex)
    expect(tree && exactValue(tree)?.value).toEqual({ over, under })
  })

  it.each(['x', '\\sqrt{4}', '1/0', '0^0', '2^{5000}', '\\frac12!', '171!'])('%s has none', (latex) => {
    const tree = parse(latex)
    expect(tree && exactValue(tree)).toBeNull()
  })

  it('become the nearest float, however long', () => {
    for (const [over, under] of [
      [1n, 3n],
      [-7n, 2n],
      [0n, 5n],
      [10n ** 400n + 1n, 10n ** 399n],
      [1n, 10n ** 400n],
    ] as const) {
      const value = rational(over, under)
      const expected = under === 10n ** 399n ? 10 : over === 1n && under > 9n ? 0 : Number(over) / Number(under)
      expect(value && toFloat(value)).toBeCloseTo(expected, 14)
    }
  })
})
