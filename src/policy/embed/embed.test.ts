import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../core/index.ts'
import { createFeatures } from './features.ts'
import { handFeatureNames, handFeatures } from './hand-features.ts'
import { createHashedEmbedder, embeddingSize } from './hashed-embedder.ts'
import { findOptions } from './options.ts'
import { cacheByText } from './text-cache.ts'

const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, index) => sum + value * (b[index] as number), 0)

describe('hashed embedder', () => {
  const { embed } = createHashedEmbedder()

  it('gives unit vectors of 384 numbers for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
        const vector = embed(text)
        expect(vector).toHaveLength(embeddingSize)
        expect(dot(vector, vector)).toBeCloseTo(1, 4)
      }),
    )
  })

  it('puts texts that share wording near each other, and others apart', () => {
    const clips = embed('Natalia sold clips to 48 of her friends in April')
    const near = dot(clips, embed('Natalia sold clips to 52 of her friends in May'))
    const far = dot(clips, embed('Write a function that reverses a linked list'))
    expect(near).toBeGreaterThan(0.6)
    expect(Math.abs(far)).toBeLessThan(0.25)
  })

  it('uses all of its places about evenly, with both signs', () => {
    const used = new Float64Array(embeddingSize)
    let positive = 0
    const random = createRandom(1)
    for (let index = 0; index < 400; index += 1) {
      const text = Array.from({ length: 12 }, () => random.below(1e9).toString(36)).join(' ')
      for (const [place, value] of embed(text).entries()) {
        if (value !== 0) used[place] = (used[place] as number) + 1
        if (value > 0) positive += 1
      }
    }
    expect(Math.min(...used)).toBeGreaterThan(10)
    const touched = used.reduce((sum, count) => sum + count, 0)
    expect(positive / touched).toBeGreaterThan(0.4)
    expect(positive / touched).toBeLessThan(0.6)
  })

  it('ignores case and runs of white space, and reads head and tail of long texts', () => {
    expect(embed('Hello   World')).toEqual(embed('hello world'))
    const long = 'a b c d '.repeat(5_000)
    expect(embed(`${long}first ending`)).not.toEqual(embed(`${long}other finish`))
    expect(embed(`first words ${long}`)).not.toEqual(embed(`other words ${long}`))
  })
})

describe('hand features', () => {
  const named = (text: string) =>
    Object.fromEntries(handFeatureNames.map((name, index) => [name, handFeatures(text)[index] as number]))

  it('has one finite number per name, for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        const features = handFeatures(text)
        expect(features).toHaveLength(handFeatureNames.length)
        expect(features.every((value) => Number.isFinite(value) && value >= 0)).toBe(true)
      }),
    )
    expect(new Set(handFeatureNames).size).toBe(handFeatureNames.length)
  })

  it('reads lengths, digits and marks', () => {
    const plain = named('Tell me about the sea.')
    const mathematical = named('Prove that $\\frac{1}{2} + 0.25 < 1$ if x^2 = 1234, not 0. How many roots?')
    for (const name of ['digitShare', 'numbers', 'longestNumber', 'decimals', 'latexCommands', 'dollarSigns'] as const)
      expect([name, (mathematical[name] as number) > (plain[name] as number)]).toEqual([name, true])
    for (const name of ['operators', 'brackets', 'relations', 'proveWords', 'countWords', 'negationWords'] as const)
      expect([name, (mathematical[name] as number) > 0, plain[name]]).toEqual([name, true, 0])
    expect(mathematical['logCharacters']).toBeGreaterThan(plain['logCharacters'] as number)
  })

  it('reads options: how many, how long, how many are numbers', () => {
    const { options, numericOptions } = named('How far?\nA) 12 km\nB) 13 km\nC) none of these\nD) 15 km')
    expect(options).toBeCloseTo(0.4)
    expect(numericOptions).toBeCloseTo(0.75)
  })
})

describe('options', () => {
  it('cuts each text at the next mark', () => {
    expect(findOptions('Q?\nA) one two\nB) three\nC) four')).toEqual(['one two', 'three', 'four'])
    expect(findOptions('Q? (A) red (B) green (C) blue')).toEqual(['red', 'green', 'blue'])
  })
  it('wants three in a row from A', () => {
    expect(findOptions('B) x\nC) y\nD) z')).toEqual([])
    expect(findOptions('A) x\nB) y')).toEqual([])
  })
})

describe('cacheByText', () => {
  it('computes once while kept, and forgets the least recently used', () => {
    const computed: string[] = []
    const lengthOf = cacheByText((text) => {
      computed.push(text)
      return text.length
    }, 2)
    expect([lengthOf('a'), lengthOf('bb'), lengthOf('a'), lengthOf('ccc'), lengthOf('a'), lengthOf('bb')]).toEqual([
      1, 2, 1, 3, 1, 2,
    ])
    expect(computed).toEqual(['a', 'bb', 'ccc', 'bb'])
  })

  it('shares features of one text', () => {
    expect(createFeatures('same words')).toBe(createFeatures('same words'))
  })
})
