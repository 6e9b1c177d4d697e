import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { extractMath } from './extract-math.ts'

describe('finding the final expression', () => {
  it.each([
    // Boxes.
    ['so \\boxed{7}.', '7'],
    ['\\boxed{\\frac{1}{2}}', '\\frac{1}{2}'],
    ['\\boxed{\\sqrt{\\frac{a}{b_{1}}}} is it', '\\sqrt{\\frac{a}{b_{1}}}'],
    ['\\boxed{\\{1,2\\}}', '\\{1,2\\}'],
    ['\\boxed 5', '5'],
    ['\\boxed{\\boxed{3}}', '3'],
    ['\\fbox{12}', '12'],
    ['First \\boxed{3}, no: \\boxed{4}', '4'],
    ['\\boxed{} is where it goes: \\boxed{6}', '6'],
    ['\\boxed{8} or rather \\boxed{}', '8'],
    [`\\boxed{\\begin{pmatrix}${'1 & 2 \\\\ '.repeat(40)}3 & 4\\end{pmatrix}}`, null],
    // Words that announce.
    ['The answer is $\\frac{1}{2}$.', '\\frac{1}{2}'],
    ['The answer is \\(x = 4\\), as we saw.', 'x = 4'],
    ['Final Answer: The final answer is $x^2$. I hope it is correct.', 'x^2'],
    ['**Answer:** $12\\pi$', '12\\pi'],
    ['The answer is 5 because x = 2.', '5'],
    ['The answer is 3.5.', '3.5'],
    ['The answer is 1,234', '1,234'],
    ['The answer is 2 + 3 = 5.', '5'],
    ['The answers are $1$ and $-2$.', '1, -2'],
    ['The answer is approximately $3.2$', '3.2'],
    ['The answer is\n\n$$\\sqrt{2}$$', '\\sqrt{2}'],
    ['Answer: \\[ \\frac{3}{4} \\]', '\\frac{3}{4}'],
    ['#### 18', '18'],
    ['the answer is (B)', '(B)'],
    ['The answer is Marta.', 'Marta'],
    ['The answer is not 5. It is 6', '6'],
    // The last cue that announces mathematics counts.
    ['\\boxed{5}. Wait, so the answer is 6.', '6'],
    ['The answer is 6. \\boxed{7}', '7'],
    ['\\boxed{5}. I hope that the answer is clear.', '5'],
    ['The answer is 4. The answer is easy to check.', '4'],
    // No cue.
    ['x = 3\n\nSo we get $x+1 = 4$.', 'x+1 = 4'],
    ['Adding up:\n2 + 3 = 5', '5'],
    ['Therefore\n$$\n\\frac{5}{6}\n$$', '\\frac{5}{6}'],
    ['In total there are 1,234 ways.', '1,234'],
    ['It costs 3 and then 4/5 of it.\nDone.', '4/5'],
    ['p - q', 'p - q'],
    // Nothing.
    ['I cannot solve this.', null],
    ['The answer is clear.', null],
    ['\\boxed{12', null],
    ['', null],
  ])('in %j finds %j', (reply, expected) => {
    if (expected === null && reply.includes('pmatrix')) expect(extractMath(reply)).toContain('pmatrix')
    else expect(extractMath(reply)).toBe(expected)
  })

  it('does not look at thinking, closed or not', () => {
    expect(extractMath('<think>\\boxed{3}</think>It is \\boxed{4}')).toBe('4')
    expect(extractMath('It is \\boxed{4} <think>or \\boxed{5}')).toBe('4')
    expect(extractMath('<think>It is \\boxed{4}')).toBeNull()
  })

  it('finds again what it found, boxed or alone', () => {
    const atom = fc.constantFrom('x', '12', '\\frac{1}{2}', '\\sqrt{3}', '\\{1,2\\}', '(1,2)', '\\pi', 'y^{2}')
    const expression = fc.array(atom, { minLength: 1, maxLength: 5 }).map((atoms) => atoms.join('+'))
    const wraps = fc.constantFrom(
      (text: string) => `\\boxed{${text}}`,
      (text: string) => `So 3 < 4.\n\nThe answer is $${text}$. Thanks!`,
      (text: string) => `**Answer:** ${text}`,
      (text: string) => `We are done:\n\\[${text}\\]`,
    )
    fc.assert(
      fc.property(expression, wraps, (text, wrap) => {
        const found = extractMath(wrap(text))
        expect(found).toBe(text)
        expect(extractMath(found ?? '')).toBe(found)
      }),
    )
  })

  it('of hostile text neither throws nor takes quadratic time', () => {
    const pieces = [
      '\\boxed{',
      '\\boxed 5',
      'answer is ',
      'answer: 1 ',
      '####',
      '$',
      '$$',
      '{',
      '\n',
      '1,',
      '<think>',
      '\\[',
    ]
    for (const piece of pieces) extractMath(piece.repeat(Math.floor(100_000 / piece.length)))
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.array(fc.constantFrom(...pieces))), (text) => {
        expect(extractMath(String(text))).not.toBe('')
      }),
    )
  })
})
