/** @file Reading messages and counting tokens. */
import { describe, expect, it } from 'vitest'
import { addUsage, estimateTokens, noUsage, textOf } from './chat.ts'

describe('textOf', () => {
  it('is the string, or the text parts of a list joined by newlines', () => {
    expect(textOf({ role: 'user', content: 'hello' })).toBe('hello')
    const image = { type: 'image_url', image_url: { url: 'data:' } }
    const content = [{ type: 'text', text: 'first' }, image, { type: 'text', text: 'second' }]
    expect(textOf({ role: 'user', content })).toBe('first\nsecond')
  })

  it.each([undefined, null, 7, {}, [null, 'bare', 3, { text: 4 }]])('finds no text in %j', (content) => {
    expect(textOf({ role: 'assistant', ...(content === undefined ? {} : { content }) })).toBe('')
  })
})

describe('token counts', () => {
  it('estimates a quarter of the characters, rounded up', () => {
    expect(['', 'abcd', 'abcde'].map(estimateTokens)).toEqual([0, 1, 2])
  })

  it('adds usage field by field', () => {
    const usage = { promptTokens: 3, outputTokens: 5 }
    expect(addUsage(usage, { promptTokens: 10, outputTokens: 20 })).toEqual({ promptTokens: 13, outputTokens: 25 })
    expect(addUsage(usage, noUsage)).toEqual(usage)
  })
})
