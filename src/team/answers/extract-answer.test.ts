import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { extractAnswer, isComparable, normaliseAnswer } from './extract-answer.ts'

const number = (text: string) => extractAnswer(text, 'number')
const choice = (text: string) => extractAnswer(text, 'choice')

describe('reading the final number', () => {
  it.each([
    // Cues.
    ['The answer is 42.', '42'],
    ['The answer is\n\n42', '42'],
    ['**Answer:** 42', '42'],
    ['Final answer = 42', '42'],
    ['The answer to the question is 42', '42'],
    ['9 + 9 = 18\n#### 18', '18'],
    ['so $$\\boxed{-5}$$', '-5'],
    ['The answer is $\\boxed{7}$. It took 3 steps.', '7'],
    ['The answer is: \\[\n x = 12\n\\]', '12'],
    // The last cue that announces a number counts.
    ['The answer is 3. Wait: 2 + 2 = 4, so the answer is 4.', '4'],
    ['The answer is 9. I hope this answer is clear.', '9'],
    ['Put it into \\boxed{}. The sum is 7', '7'],
    ['The answer is not 12. It is 10', '10'],
    // What stands after an equals sign, but not in a side remark.
    ['The answer is x = 5', '5'],
    ['The answer is 2 + 3 = 5.', '5'],
    ['\\boxed{x=5}', '5'],
    ['The answer is 42, where n = 7', '42'],
    ['The answer is 18 (since 9*2=18)', '18'],
    // Forms of numbers.
    ['#### 1,234,567', '1234567'],
    ['\\boxed{1{,}234}', '1234'],
    ['answer is 5\\,000', '5000'],
    ['answer is -$1,234.50.', '-1234.5'],
    ['answer is $-3$', '-3'],
    ['answer is −3', '-3'],
    ['answer is +3', '3'],
    ['answer is .5', '0.5'],
    ['answer is 18.0', '18'],
    ['answer is 007', '7'],
    ['answer is -0.0', '0'],
    ['answer is 1e5', '100000'],
    ['answer is 2.5e-3', '0.0025'],
    ['answer is 3 \\times 10^{5}', '300000'],
    ['answer is 2^{10}', '1024'],
    ['answer is 3/4', '0.75'],
    ['answer is 10/2', '5'],
    ['answer is 1 1/2', '1.5'],
    ['\\boxed{-\\frac{3}{4}}', '-0.75'],
    ['answer is \\(\\dfrac{1}{3}\\)', '0.333333333333'],
    ['answer is 12345678901234567890', '12345678901234567890'],
    // Units.
    ['answer is 7%', '7'],
    ['answer is 5 cm', '5'],
    ['answer is 45^\\circ', '45'],
    ['\\boxed{5\\text{ apples in 2 bags}}', '5'],
    // No cue: the closing lines.
    ['42', '42'],
    ['12 * 3 = 36', '36'],
    ['First 3, then 4.\n\nShe earns $18.00 per day.', '18'],
    ['The total comes to 18.\n\nLet me know if you have questions!', '18'],
    ['1. Take the half\n2. It leaves 6 m^2', '6'],
    ['1. Take 6 of them\n2. Nothing more', '6'],
    ['GPT-4 says so', null],
    // Not plain numbers, and none at all.
    ['\\boxed{2\\sqrt{3}}', '2\\sqrt{3}'],
    ['\\boxed{x = \\dfrac{\\pi}{2}}', '\\frac{\\pi}{2}'],
    ['\\boxed{\\left( 3, \\frac{\\pi}{2} \\right)}', '(3,\\frac{\\pi}{2})'],
    ['\\boxed{\\text{even}}', 'even'],
    ['\\boxed{2x - 1}', '2x-1'],
    ['\\boxed{\\sqrt{2}}', '\\sqrt{2}'],
    ['\\boxed{\\frac{\\pi}{2}} from 7', '\\frac{\\pi}{2}'],
    ['\\boxed{(1,2)}', '(1,2)'],
    ['The answer is 5x', null],
    ['The answer is 3-5', null],
    ['The answer is 1/0', null],
    ['The answer is 2^{99}', null],
    ['The answer is obvious', null],
    ['', null],
  ])('reads %j as %j', (text, expected) => {
    expect(number(text)).toBe(expected)
  })

  it('does not look at thinking', () => {
    expect(number('<think>the answer is 3</think>4')).toBe('4')
    expect(number('still the answer is 3</think>The answer is 4')).toBe('4')
    expect(number('The answer is 4 <think>or is the answer 5')).toBe('4')
    expect(number('the answer is 3</think>It is 4 <think>or')).toBe('4')
    expect(number('<think>the answer is 3')).toBeNull()
    expect(number('<thinking>the answer is 3</thinking>The answer is 4')).toBe('4')
  })

  it('gives equal answers equal forms', () => {
    const forms = ['0.5', '.50', '1/2', '\\frac{1}{2}', '5e-1', '$0.5$', '0.5 kg']
    expect(new Set(forms.map((form) => number(`The answer is ${form}.`)))).toEqual(new Set(['0.5']))
  })

  it('reads back any number that it is shown, in every cue', () => {
    const cue = fc.constantFrom(
      (text: string) => `The answer is ${text}.`,
      (text: string) => `Let us see: 3 + 4.\n\\boxed{${text}}`,
      (text: string) => `Answer: ${text} apples\nThank you.`,
      (text: string) => text,
    )
    fc.assert(
      fc.property(fc.integer(), fc.nat({ max: 999 }), cue, (whole, thousandths, say) => {
        const value = whole + Math.sign(whole || 1) * (thousandths / 1000)
        const expected = String(Number(value.toFixed(3)))
        expect(number(say(value.toFixed(3)))).toBe(expected)
        expect(number(say(whole.toLocaleString('en-US')))).toBe(String(whole))
      }),
    )
  })
})

describe('reading the chosen option', () => {
  it.each([
    ['The answer is (C).', 'C'],
    ['the answer is: **C. Paris**', 'C'],
    ['Answer: B', 'B'],
    ['Answer:\n\nB', 'B'],
    ['answer: C) the third', 'C'],
    ['The correct option is **D. Paris**', 'D'],
    ['\\boxed{\\text{C}}', 'C'],
    ['The answer is $\\boxed{H}$.', 'H'],
    ['\\boxed{(J)}', 'J'],
    ['the answer is (b)', 'B'],
    ['answer is b.', 'B'],
    ['Answer: (A)? No: the answer is (J)', 'J'],
    ['The answer is (B). Options A and C are wrong.', 'B'],
    ['The answer is (B). I hope that the answer is clear.', 'B'],
    ['The answer is not A but B', 'B'],
    // Letters that are words.
    ['The answer is A good idea', null],
    ['A cat sat. B', 'B'],
    ['I choose C because I like A man', 'C'],
    ['The answer is I think (B)', 'B'],
    ["The answer is I'm not sure", null],
    ['It must be A', 'A'],
    ['Option A is correct.', 'A'],
    ['E. coli belongs to B', 'B'],
    ['B, not E. coli', 'B'],
    ['Plan-B, X-A', null],
    // The tenth letters: I only where it cannot be the writer.
    ['I', null],
    ['I think so', null],
    ['(I)', 'I'],
    ['The answer is (I)', 'I'],
    ['The answer is I.', 'I'],
    ['The answer is I would say (F)', 'F'],
    // The lone answer.
    ['b', 'B'],
    ['(c)', 'C'],
    ['**C**', 'C'],
    ['K', null],
    ['(K)', null],
    ['none of them', null],
    ['', null],
  ])('reads %j as %j', (text, expected) => {
    expect(choice(text)).toBe(expected)
  })

  it('does not look at thinking', () => {
    expect(choice('<think>the answer is (A)</think>The answer is (B)')).toBe('B')
  })
})

describe('formats', () => {
  it('can be compared only where short answers exist', () => {
    expect((['number', 'choice', 'code', 'text'] as const).filter(isComparable)).toEqual(['number', 'choice'])
    expect(extractAnswer('The answer is 42', 'text')).toBeNull()
    expect(extractAnswer('```\n42\n```', 'code')).toBeNull()
    expect(normaliseAnswer('42', 'text')).toBeNull()
  })
})

describe('normal form of a short answer', () => {
  it.each([
    ['1,000', 'number', '1000'],
    ['$18.00', 'number', '18'],
    ['\\frac{1}{2}', 'number', '0.5'],
    ['70000.0', 'number', '70000'],
    ['nothing', 'number', null],
    ['1'.repeat(500), 'number', null],
    ['(c)', 'choice', 'C'],
    ['I', 'choice', 'I'],
    ['Cat', 'choice', null],
    ['k', 'choice', null],
  ] as const)('of %j as %s is %j', (raw, format, expected) => {
    expect(normaliseAnswer(raw, format)).toBe(expected)
  })

  it('is the form that extraction gives, and stays as it is', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 }), (value) => {
        const once = normaliseAnswer(String(value), 'number')
        expect(once).toBe(number(`The answer is ${value}.`))
        expect(normaliseAnswer(once ?? '', 'number')).toBe(once)
        if (Math.abs(value) > 1e-60) expect(Number(once)).toBeCloseTo(value, 3)
      }),
    )
  })
})

describe('hostile text', () => {
  const pieces = [
    'answer is ',
    'answer: 1',
    '\\boxed{',
    '{',
    '}',
    '1,111',
    '1/',
    '10^',
    '\\frac{1}{',
    'A ',
    '(I',
    'B. b',
    '<think>',
  ]
  const more = ['</think>', '\n', '```', ' ', '-', '$', '=', '####', '１', '\u0000', '\ud800', 'é']
  const hostile = fc
    .array(fc.constantFrom(...pieces, ...more, ...'09.Je'), { maxLength: 60 })
    .map((parts) => parts.join(''))

  it('never makes it throw, and gives only normal forms', () => {
    fc.assert(
      fc.property(fc.oneof(hostile, fc.string({ unit: 'binary' })), (text) => {
        // Without a box nothing but a plain number is read.
        if (!/\\(?:boxed|fbox)/.test(text)) expect(number(text) ?? '0').toMatch(/^-?\d+(\.\d+)?$/)
        expect(number(text)).not.toBe('')
        expect(choice(text) ?? 'A').toMatch(/^[A-J]$/)
        expect(normaliseAnswer(text, 'number') ?? '0').toMatch(/^-?\d+(\.\d+)?$/)
      }),
      { numRuns: 1000 },
    )
  })

  it('of 100,000 characters is read in linear time (a quadratic reader would not end within the time limit)', () => {
    for (const piece of [...pieces, ...more]) {
      const text = piece.repeat(1e5 / piece.length)
      for (const whole of [text, `answer is ${text}`, `${text} the answer is 7 (B)`]) {
        number(whole)
        choice(whole)
      }
    }
  })
})
