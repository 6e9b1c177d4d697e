/** @file Wrong answers: of the right form, none the same as the key or another, the same for the same question. */
import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom, type Random } from '../../../core/index.ts'
import { readAnswer, sameAnswer } from '../../../twin/answers/read-answer.ts'
import { distinctMistakes, plainValue, shuffled } from './distinct-answers.ts'
import { wrongExpressions } from './wrong-expressions.ts'
import { wrongPrograms } from './wrong-programs.ts'
import { wrongValues } from './wrong-values.ts'

const random = (seed = 1): Random => createRandom(seed)

/** As the twin compares: at least 3, none equal to the key or another. */
function expectUsable(key: string, wrong: readonly string[]): void {
  expect(wrong.length).toBeGreaterThanOrEqual(3)
  const all = [key, ...wrong].map((answer) => readAnswer('number', `The answer is \\boxed{${answer}}.`) as string)
  for (const [index, one] of all.entries()) {
    expect(one).not.toBeNull()
    for (const other of all.slice(index + 1)) expect(sameAnswer('number', one, other), `${one} | ${other}`).toBe(false)
  }
}

describe('distinctMistakes', () => {
  it('leaves out what is the key or another in other clothes', () => {
    const candidates = [
      '0.50',
      '\\frac{1}{2}',
      '1 / 2',
      '2',
      ' 2',
      '2.0001',
      '(1, 2)',
      '(1,2)',
      '\\left( 1, 2 \\right)',
      'Even',
      'even',
      '',
    ]
    expect(distinctMistakes('1/2', candidates)).toEqual(['2', '(1, 2)', 'Even'])
  })

  it('keeps the first eight', () => {
    expect(
      distinctMistakes(
        '0',
        Array.from({ length: 20 }, (_, index) => String(index)),
      ),
    ).toEqual(['1', '2', '3', '4', '5', '6', '7', '8'])
  })

  it.each([
    ['1,250', 1250],
    ['11,\\! 111,\\! 100', 11_111_100],
    ['\\$36', 36],
    ['50\\%', 50],
    ['-\\dfrac{3}{4}', -0.75],
    ['x', Number.NaN],
    ['', Number.NaN],
  ])('reads %s as %f', (text, value) => {
    expect(plainValue(text)).toBe(value)
  })

  it('shuffles without loss', () => {
    expect([...shuffled([1, 2, 3, 4, 5], random())].sort()).toEqual([1, 2, 3, 4, 5])
  })
})

describe('wrong numbers', () => {
  it('differ from the key and from each other for any value and text, and keep its kind', () => {
    const value = fc.oneof(
      fc.integer(),
      fc.double({ noNaN: true, min: -1e15, max: 1e15 }),
      fc.constantFrom(0, 0.5, 1e-4),
    )
    fc.assert(
      fc.property(value, fc.array(fc.nat(2000), { maxLength: 6 }), fc.integer(), (right, given, seed) => {
        const wrong = wrongValues(right + 0, { text: given.join(' and '), random: random(seed) })
        expectUsable(String(right + 0), wrong)
        if (Number.isInteger(right)) expect(wrong.map(Number).every(Number.isInteger)).toBe(true)
        if (right >= 0) expect(wrong.every((text) => Number(text) >= 0)).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  it('come from the numbers of the problem', () => {
    const wrong = wrongValues(1012, { text: '3 bags of 4 and 1,000 more', random: random() }).map(Number)
    const slips = [3, 4, 1000].flatMap((n) => [1012 + n, 1012 - n, 1012 * n, Math.round(1012 / n)])
    expect(wrong.filter((value) => slips.includes(value)).length).toBeGreaterThanOrEqual(3)
  })
})

const shapes: readonly [string, RegExp][] = [
  ['56', /^\d+$/],
  ['.35625', /^[\d.]+$/],
  ['58,500', /^\d+$/],
  ['10,\\!080', /^\d+$/],
  ['\\$36', /^\d+$/],
  ['\\frac{14}{3}', /^-?\\frac\{\d+\}\{\d+\}$/],
  ['\\frac43', /^-?\\frac\{\d\}\{\d\}$/],
  ['\\frac9{19}', /^-?\\frac\{\d+\}\{\d+\}$/],
  ['\\frac{270}7', /^-?\\frac\{\d+\}\{\d+\}$/],
  ['1\\frac{4}{5}', /^-?\d\\frac\{\d+\}\{\d+\}$/],
  ['11\\sqrt2', /^-?\d+\\sqrt\{\d+\}$/],
  ['90^\\circ', /^-?\d+\^\\circ$/],
  ['0^\\circ', /^(?!-?0\^\\circ$)/],
  ['52_8', /^-?\d+_\d+$/],
  ['x=5', /^x=\d+$/],
  ['y = -2x + 3', /^y = [-+]\d+x [-+] \d+$/],
  ['5x - 7y + 4 = 0', /^-?\d+x [-+] \d+y [-+] \d+ = [01-9]$/],
  ['(-2,1)', /^\(-?\d+, ?-?\d+\)$/],
  ['\\left( 3, \\frac{\\pi}{2} \\right)', /^\\left\( ?.+, .+\\right\)$/],
  ['(2,\\infty)', /^[[(].+,.+[\])]$/],
  ['(-\\infty, 2) \\cup [3, \\infty)', /\\cup/],
  ['x \\in [-2,7]', /^x \\in [[(]-?\d+,-?\d+[\])]$/],
  ['1 \\pm \\sqrt{19}', /\\pm/],
  ['\\pm 2', /^\\pm/],
  ['\\{1\\pm\\sqrt{5},-2\\}', /^\\\{.*\\\}$/],
  ['\\begin{pmatrix} 1/5 \\\\ -18/5 \\end{pmatrix}', /^\\begin\{pmatrix\}.*\\end\{pmatrix\}$/],
  ['\\cot x', /x/],
  ['p - q', /p|[01]/],
  ['\\pi', /\\pi/],
  ['12\\pi', /^-?\d+\\pi$/],
  ['5.4 \\text{ cents}', /cents\}$/],
  ['864 \\mbox{ inches}^2', /^\d+ \\mbox\{ inches\}\^\d$/],
  ['\\text{(C)}', /^\\text\{\([A-E]\)\}$|^\\text\{\w+\}$/],
  ['\\text{even}', /^\\text\{\w+\}$/],
  ['\\text{no real solution}', /^\\text\{\w+\}$/],
  ['Rome', /^\w+$/],
  ['f', /f|[01]/],
]

describe('wrong expressions', () => {
  it.each(shapes)('keep the form of %s', (key, form) => {
    for (const seed of [1, 2, 3]) {
      const wrong = wrongExpressions(key, { problem: 'Some problem of 3 parts.', random: random(seed) })
      expectUsable(key, wrong)
      for (const answer of wrong) expect(answer).toMatch(form)
    }
  })

  it('take the other names of a problem, and words of a kind', () => {
    const problem = 'Who is taller, if Bea is taller than Carl and "Dora" is as tall as Emil?'
    const names = wrongExpressions('\\text{Bea}', { problem, random: random() })
    expect(names).toEqual(expect.arrayContaining(['\\text{Carl}', '\\text{Dora}', '\\text{Emil}']))
    expect(wrongExpressions('\\text{even}', { problem, random: random() })).toContain('\\text{odd}')
    expect(wrongExpressions('\\text{(C)}', { problem, random: random() })).toContain('\\text{(A)}')
  })

  it('are at least three, distinct, for any text', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 30 }), fc.integer(), (text, seed) => {
        const key = text.replace(/\s+/g, ' ').trim()
        fc.pre(key !== '')
        const wrong = wrongExpressions(key, { problem: text, random: random(seed) })
        expect(wrong.length).toBeGreaterThanOrEqual(3)
        expect(wrong).not.toContain(key)
        expect(new Set(wrong).size).toBe(wrong.length)
      }),
      { numRuns: 500 },
    )
  })
})

const pythonWorks = (() => {
  try {
    execFileSync('python3', ['-I', '-c', ''])
    return true
  } catch {
    return false
  }
})()

describe('wrong programs', () => {
  const tests = 'assert add_up(1, 2) == 3'
  it.each([
    ['def add_up(a, b):\n    return a + b', 'def add_up(a, b):'],
    ['from typing import List\ndef add_up(a: List[int], b: int = 2) -> int:\n    return a + b', 'def add_up(a, b):'],
    ['def add_up(*rest):\n    return sum(rest)', 'def add_up(*arguments):'],
    ['def add_up():\n    return 3', 'def add_up(*arguments):'],
    ['def add_up(a,\n        b):\n    return a + b', 'def add_up(*arguments):'],
    ['def other(x):\n    return x\n\ndef add_up(a, b):\n    return a + b', 'def add_up(a, b):'],
    ['add_up = lambda a, b: a + b', 'def solution(*arguments):'],
  ])('define the function that is asked for: %j', (program, head) => {
    const wrong = wrongPrograms(program, { tests, random: random() })
    expect(wrong.length).toBeGreaterThanOrEqual(3)
    expect(new Set(wrong).size).toBe(wrong.length)
    for (const other of wrong) expect(other.split('\n')[0]).toBe(head)
  })

  it.skipIf(!pythonWorks)('parse, and fail their tests', () => {
    for (const program of wrongPrograms('def add_up(a, b):\n    return a + b', { tests, random: random() })) {
      expect(() => execFileSync('python3', ['-I', '-c', program])).not.toThrow()
      expect(() => execFileSync('python3', ['-I', '-c', `${program}\n${tests}`], { stdio: 'pipe' })).toThrow(
        /assert|Error/,
      )
    }
  })
})
