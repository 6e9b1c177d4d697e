import { describe, expect, it } from 'vitest'
import { extractCode } from './code-block.ts'

describe('finding the program', () => {
  it.each([
    ['no code here', null],
    ['```python\nprint(1)\n```', 'print(1)'],
    ['Before\n```\na\nb\n```\nafter', 'a\nb'],
    ['```js\nlet longest = 1\n```\nprints\n```\n1\n```', 'let longest = 1'],
    ['```\naa\n```\n```\nbb\n```', 'bb'],
    ['```python\ndef f():\n  return', 'def f():\n  return'],
    ['```\n```', ''],
    ['inline ```x``` only', null],
  ])('in %j finds %j', (text, expected) => {
    expect(extractCode(text)).toBe(expected)
  })

  it('takes linear time on fences without end', () => {
    expect(extractCode('```\n'.repeat(25_000))).toBe('')
  })
})
