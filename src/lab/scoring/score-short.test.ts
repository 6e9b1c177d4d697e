import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { score } from './score.ts'
import { areNumbersClose } from './score-short.ts'

const deps = { runner: null }
const verdictOf = async (
  question: { readonly key: string; readonly format: 'number' | 'choice' | 'text' },
  reply: string,
) => (await score({ dataset: 'some', ...question }, reply, deps)).verdict

describe('numbers', () => {
  it.each([
    ['1234.5', 'The answer is 1,234.50.', 'correct'],
    ['100000', 'The answer is 1e5', 'correct'],
    ['-3', 'The answer is −3', 'correct'],
    ['-3', 'The answer is 3', 'wrong'],
    ['0.75', '#### 3/4', 'correct'],
    ['3/4', '#### 0.75', 'correct'],
    ['1,000', '\\boxed{1{,}000}', 'correct'],
    ['18', 'She earns **$18.00** a day.', 'correct'],
    ['7', 'It is 7%.', 'correct'],
    ['42', 'The answer is 42.', 'correct'],
    ['42', 'The answer is 4.2', 'wrong'],
    ['42', '<think>The answer is 42</think>The answer is 41', 'wrong'],
    ['42', '<think>The answer is 42', 'unparsed'],
    ['42', 'The answer is 41. Wait: the answer is 42.', 'correct'],
    ['42', 'I do not know.', 'unparsed'],
    ['42', '', 'unparsed'],
    // Within 1e-3, or a millionth of the key.
    ['0.333', '#### 0.3339', 'correct'],
    ['0.333', '#### 0.3345', 'wrong'],
    ['4000000', '#### 4000003', 'correct'],
    ['4000000', '#### 4000005', 'wrong'],
    ['-9867630.0', '#### -9867630', 'correct'],
    ['twelve', '#### 12', 'error'],
  ] as const)('key %s, reply %j: %s', async (key, reply, verdict) => {
    expect(await verdictOf({ key, format: 'number' }, reply)).toBe(verdict)
  })

  it('keep what was read apart from the verdict', async () => {
    expect(await score({ dataset: 'gsm8k', key: '5', format: 'number' }, 'The answer is $6.00.', deps)).toEqual({
      verdict: 'wrong',
      extracted: '6',
    })
  })

  it('are close to themselves and to nothing far', () => {
    const value = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e12, max: 1e12 })
    fc.assert(
      fc.property(value, (number) => {
        expect(areNumbersClose(String(number), String(number))).toBe(true)
        expect(areNumbersClose(String(number + Math.max(0.002, Math.abs(number) * 3e-6)), String(number))).toBe(false)
      }),
    )
  })
})

describe('options', () => {
  it.each([
    ['C', 'The answer is (C).', 'correct'],
    ['C', 'answer: c', 'correct'],
    ['C', 'So it must be C', 'correct'],
    ['C', 'The answer is (A). No: the answer is (C).', 'correct'],
    ['C', 'The answer is (D).', 'wrong'],
    ['I', 'The answer is (I).', 'correct'],
    ['I', 'I think so', 'unparsed'],
    ['I', 'I', 'unparsed'],
    ['A', 'A good question', 'unparsed'],
    ['J', 'None of these', 'unparsed'],
    ['K', 'The answer is (A).', 'error'],
  ] as const)('key %s, reply %j: %s', async (key, reply, verdict) => {
    expect(await verdictOf({ key, format: 'choice' }, reply)).toBe(verdict)
  })
})

describe('phrases', () => {
  it.each([
    ['Oslo', 'The answer is Oslo.', 'correct'],
    ['Oslo', 'oslo', 'correct'],
    ['New York', 'The answer is **New  York**.', 'correct'],
    ['Oslo', 'The answer is Bergen. No, the answer is Oslo!', 'correct'],
    ['Oslo', 'The answer is Rome.', 'wrong'],
    ['Oslo', 'Bergen is not Oslo', 'wrong'],
    ['Oslo', '<think>Oslo</think>', 'unparsed'],
    ['Oslo', 'word '.repeat(300), 'unparsed'],
  ] as const)('key %s, reply %j: %s', async (key, reply, verdict) => {
    expect(await verdictOf({ key, format: 'text' }, reply)).toBe(verdict)
  })
})

describe('MATH', () => {
  const math = (key: string, reply: string) => score({ dataset: 'math', format: 'number', key }, reply, deps)

  it('says both figures, and goes by the wider one', async () => {
    const extracted = '\\frac12'
    expect(await math('\\frac{1}{2}', '\\boxed{\\frac12}')).toEqual({
      verdict: 'correct',
      extracted,
      mathStrict: true,
      mathEquiv: true,
    })
    expect(await math('0.5', '\\boxed{\\frac12}')).toEqual({
      verdict: 'correct',
      extracted,
      mathStrict: false,
      mathEquiv: true,
    })
    expect(await math('2', '\\boxed{\\frac12}')).toEqual({
      verdict: 'wrong',
      extracted,
      mathStrict: false,
      mathEquiv: false,
    })
    expect(await math('2', 'Hm.')).toEqual({
      verdict: 'unparsed',
      extracted: null,
      mathStrict: false,
      mathEquiv: false,
    })
  })
})

describe('any reply', () => {
  it('gets a score, and what was read is read again from itself', async () => {
    const reply = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc
        .array(fc.constantFrom('The answer is ', '(C)', '12', '-', '\\boxed{', '}', '\n', '<think>', '/', ','))
        .map(String),
    )
    await fc.assert(
      fc.asyncProperty(reply, fc.constantFrom('number', 'choice'), async (text, format) => {
        const question = { dataset: 'some', key: format === 'number' ? '12' : 'C', format } as const
        const { verdict, extracted } = await score(question, text, deps)
        expect(verdict === 'unparsed').toBe(extracted === null)
        if (extracted === null) return
        const again = format === 'choice' ? `(${extracted})` : extracted
        expect(await score(question, again, deps)).toEqual({ verdict, extracted })
      }),
      { numRuns: 500 },
    )
  })
})
