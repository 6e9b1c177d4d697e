import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import pairs from '../../../../test/fixtures/math-pairs.json' with { type: 'json' }
import { compareMath, normaliseMath } from './compare-math.ts'

interface Pair {
  readonly a: string
  readonly b: string
  readonly equal: boolean
  readonly strict: boolean
  readonly why: string
}
const known: readonly Pair[] = pairs
const kinds = [...new Set(known.map(({ why }) => why))]

describe('the hand-made pairs', () => {
  it('are hundreds, of many kinds, half of them unequal, none twice', () => {
    expect(known.length).toBeGreaterThanOrEqual(300)
    expect(kinds.length).toBeGreaterThanOrEqual(20)
    expect(known.filter(({ equal }) => !equal).length).toBeGreaterThanOrEqual(known.length / 2)
    expect(new Set(known.map(({ a, b }) => `${a}\n${b}`)).size).toBe(known.length)
    for (const kind of kinds) {
      const verdicts = known.filter(({ why }) => why === kind).map(({ equal }) => equal)
      expect(new Set(verdicts).size, kind).toBe(2)
    }
  })

  it.each(kinds)('are judged as a person would: %s', async (kind) => {
    for (const { a, b, equal, strict } of known.filter(({ why }) => why === kind)) {
      const expected = { isStrict: strict, isEquivalent: equal }
      expect(await compareMath(a, b), `${a}  |  ${b}`).toEqual(expected)
      expect(await compareMath(b, a), `${b}  |  ${a}`).toEqual(expected)
    }
  })

  it('equal themselves, and their normal forms are normal', async () => {
    for (const raw of new Set(known.flatMap(({ a, b }) => [a, b]))) {
      expect(await compareMath(raw, raw), raw).toEqual({ isStrict: true, isEquivalent: true })
      expect(normaliseMath(normaliseMath(raw)), raw).toBe(normaliseMath(raw))
    }
  })
})

describe('normal forms', () => {
  it.each([
    ['\\boxed{\\dfrac12}', '\\frac{1}{2}'],
    ['\\left( 1{,}234 , .50 \\right)', '(1234,0.5)'],
    ['x^2 + \\sqrt3 y', 'x^{2}+\\sqrt{3}y'],
    ['\\cos x', '\\cos x'],
    ['x = 15\\mbox{ cm}^2.', '15'],
    ['-4/6', '-\\frac{4}{6}'],
    ['\\$32,\\!348', '32348'],
    ['4210_{5}', '4210_{5}'],
    ['12 34', '12 34'],
    ['', ''],
  ])('of %j is %j', (raw, normal) => {
    expect(normaliseMath(raw)).toBe(normal)
  })
})

/** An expression tree as LaTeX, with its value. */
const arithmetic = fc.letrec<{ node: { readonly latex: string; readonly value: number } }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3 },
    fc.integer({ min: 1, max: 30 }).map((value) => ({ latex: String(value), value })),
    fc
      .tuple(tie('node'), tie('node'))
      .map(([a, b]) => ({ latex: `(${a.latex}+${b.latex})`, value: a.value + b.value })),
    fc
      .tuple(tie('node'), tie('node'))
      .map(([a, b]) => ({ latex: `(${a.latex}-${b.latex})`, value: a.value - b.value })),
    fc
      .tuple(tie('node'), tie('node'))
      .map(([a, b]) => ({ latex: `${a.latex}\\cdot ${b.latex}`, value: a.value * b.value })),
    tie('node').map((a) => ({ latex: `(${a.latex})^2`, value: a.value ** 2 })),
  ),
})).node

describe('any answers', () => {
  const pieces =
    '1 2 12 999 x y i e + - \\cdot  ^ { } ( ) [ ] \\frac \\sqrt | _ \\pi \\sin  ! / \\ln  . , = < \\pm \\{ \\} \\text{a} \\cup \\left( \\begin{pmatrix} \\end{pmatrix} & \\\\ \\binom % \\in $ \\% ^\\circ \\overline U'.split(
      ' ',
    )
  const scrap = fc.oneof(
    fc.array(fc.constantFrom(...pieces), { maxLength: 40 }).map((parts) => parts.join('')),
    fc.constantFrom(...known.map(({ a }) => a)),
    fc.string({ unit: 'binary', maxLength: 30 }),
  )

  it('are compared without throwing, the same way round and back, and equal themselves', async () => {
    await fc.assert(
      fc.asyncProperty(scrap, scrap, async (a, b) => {
        const result = await compareMath(a, b)
        expect(await compareMath(b, a)).toEqual(result)
        expect(result.isEquivalent || !result.isStrict).toBe(true)
        expect(await compareMath(a, a)).toEqual({ isStrict: true, isEquivalent: true })
      }),
      { numRuns: 1500 },
    )
  })

  it('agree exactly where their values do', async () => {
    await fc.assert(
      fc.asyncProperty(arithmetic, fc.integer({ min: -2, max: 2 }), async ({ latex, value }, off) => {
        fc.pre(Math.abs(value) < 1e15)
        expect((await compareMath(latex, String(value + off))).isEquivalent).toBe(off === 0)
        expect((await compareMath(`x+${latex}`, `${value + off}+x`)).isEquivalent).toBe(off === 0)
      }),
      { numRuns: 300 },
    )
  })

  it.each([
    ['a tower of powers', '9^{9^{9^{9}}}', '1'],
    ['factorials of factorials', '170!!!', '1'],
    ['a long sum to a high power', '(a+b+c+d)^{20}', 'x'],
    ['a huge binomial', '\\binom{170}{85}^{50}', '2'],
    ['brackets without end', '('.repeat(400), '(1,'.repeat(300)],
    ['groups without end', '\\frac{'.repeat(150), '{'.repeat(900)],
    ['functions of functions', '\\sin '.repeat(190), 'x'],
    ['signs without end', `${'-'.repeat(999)}1`, '1'],
    ['a long list', '1,'.repeat(480), '2,'.repeat(480)],
    ['many signs to choose', '\\pm'.repeat(300), '\\pm 1'],
    ['a novel', 'x+'.repeat(50_000), 'x'],
  ])('with %s are told apart before the time limit', async (_, a, b) => {
    expect((await compareMath(a, b)).isEquivalent).toBe(false)
  })
})
