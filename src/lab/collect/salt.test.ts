import { describe, expect, it } from 'vitest'
import { saltOf, withSalt } from './salt.ts'

describe('a salt', () => {
  it('is a line before all else, whatever the form of the first message', () => {
    const salt = saltOf('a')
    const asked = { role: 'user', content: 'What is 2 + 2?' } as const
    expect(withSalt([asked], salt)).toEqual([{ role: 'user', content: `${salt}\nWhat is 2 + 2?` }])
    const parts = { role: 'user', content: [{ type: 'text', text: 'x' }] } as const
    expect(withSalt([parts, asked], salt)).toEqual([
      { role: 'user', content: [{ type: 'text', text: salt }, parts.content[0]] },
      asked,
    ])
    const silent = { role: 'assistant', content: null } as const
    expect(withSalt([silent, asked], salt)).toEqual([{ role: 'system', content: salt }, silent, asked])
    expect(withSalt([], salt)).toEqual([])
  })

  it('is another one for every request', () => {
    const salts = Array.from({ length: 10_000 }, (_, index) => saltOf(`request ${index}`))
    expect(new Set(salts).size).toBe(10_000)
    expect(saltOf('request 7')).toBe(salts[7])
  })
})
