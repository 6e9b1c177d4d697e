/** @file The hash: known values, and spread good enough for buckets and draws. */
import { describe, expect, it } from 'vitest'
import { hashText, mixBits } from './hash.ts'

describe('hashText', () => {
  it('agrees with published MurmurHash3 values where the two coincide: the empty input', () => {
    expect(hashText('', 0)).toBe(0)
    expect(hashText('', 1)).toBe(0x514e28b7)
    expect(hashText('', 0xffffffff)).toBe(0x81f16f39)
  })

  it('gives these values for ever: records, buckets and draws depend on them', () => {
    expect(hashText('hello')).toBe(449616461)
    expect(hashText('hello', 1)).toBe(1641515738)
  })

  it('is an unsigned 32-bit integer', () => {
    for (const text of ['', 'a', 'β', '😀', 'x'.repeat(1000)]) {
      const hash = hashText(text)
      expect(Number.isInteger(hash) && hash >= 0 && hash < 2 ** 32).toBe(true)
    }
  })

  it('tells apart what differs by order, length, seed, or the upper byte of a character', () => {
    const hashes = [hashText('ab'), hashText('ba'), hashText('a'), hashText('a\0'), hashText('ab', 1), hashText('šb')]
    expect(new Set(hashes).size).toBe(hashes.length)
    expect(hashText('\u0161')).not.toBe(hashText('\u0061'))
  })

  it('fills buckets evenly for similar keys', () => {
    const counts = new Array<number>(64).fill(0)
    for (let index = 0; index < 64_000; index += 1) counts[hashText(`question-${index}`) % 64]! += 1
    const chiSquare = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)
    // 99.9 % point of chi-square with 63 degrees of freedom.
    expect(chiSquare).toBeLessThan(103.4)
  })

  it('flips about half of the bits when one bit of the input changes', () => {
    let flipped = 0
    for (let bit = 0; bit < 16; bit += 1) {
      const other = String.fromCharCode('q'.charCodeAt(0) ^ (1 << bit))
      let difference = hashText('question') ^ hashText(`${other}uestion`)
      for (; difference !== 0; difference &= difference - 1) flipped += 1
    }
    expect(flipped / (16 * 32)).toBeGreaterThan(0.42)
    expect(flipped / (16 * 32)).toBeLessThan(0.58)
  })
})

describe('mixBits', () => {
  it('is the published finaliser, and maps no two inputs to one', () => {
    expect(mixBits(1)).toBe(0x514e28b7)
    const mixed = new Set(Array.from({ length: 100_000 }, (_, value) => mixBits(value)))
    expect(mixed.size).toBe(100_000)
  })
})
