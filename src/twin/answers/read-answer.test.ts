import { describe, expect, it } from 'vitest'
import { readAnswer, sameAnswer } from './read-answer.ts'

describe('reading an answer', () => {
  it.each([
    ['number', 'Some prose. The answer is 42.', '42'],
    ['number', 'The answer is \\boxed{\\frac{3}{4}}.', '\\frac{3}{4}'],
    ['number', 'The answer is 3. No: the answer is 4.', '4'],
    ['number', '-17.5', '-17.5'],
    ['number', 'Still working it out.', null],
    ['number', 'x + 1', 'x + 1'],
    ['number', '', null],
    ['choice', 'The answer is (C).', 'C'],
    ['choice', 'j', 'J'],
    ['choice', 'The answer is 12.', null],
    ['choice', 'Working on it', null],
    ['code', 'Here:\n```python\ndef f():\n    return 1  \n```', 'def f():\n    return 1'],
    ['code', 'def f():\n    return 1\n', 'def f():\n    return 1'],
    ['code', '', null],
    ['text', 'The answer is  blue whale.', 'blue whale'],
  ] as const)('%s: %j gives %j', (format, text, answer) => {
    expect(readAnswer(format, text)).toBe(answer)
  })
})

describe('comparing answers', () => {
  it.each([
    ['number', '42', '42.0', true],
    ['number', '1,234', '1234', true],
    ['number', '$18', '18', true],
    ['number', '\\frac{1}{3}', '0.333333333333', true],
    ['number', '-3/4', '-0.75', true],
    ['number', '42', '43', false],
    ['number', '1000000', '1000002', false],
    ['number', '2\\sqrt{3}', '2\\sqrt{3}', true],
    ['number', '2\\sqrt{3}', '2\\sqrt{5}', false],
    ['choice', 'A', 'B', false],
    ['text', 'Blue Whale', 'blue whale', true],
    ['code', 'return A', 'return a', false],
  ] as const)('%s: %j and %j: %s', (format, a, b, isSame) => {
    expect(sameAnswer(format, a, b)).toBe(isSame)
    expect(sameAnswer(format, b, a)).toBe(isSame)
  })
})
