import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { packBits, unpackBits } from './bits.ts'

describe('packed flags', () => {
  it('have the first flag in the lowest bit of the first byte', () => {
    expect(packBits([true])).toBe(Buffer.from([1]).toString('base64'))
    const flags = [false, true, false, false, false, false, false, true, true]
    expect(packBits(flags)).toBe(Buffer.from([0b1000_0010, 1]).toString('base64'))
  })

  it('are read back as they were, and take one byte for eight', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 200 }), (flags) => {
        const packed = packBits(flags)
        expect(unpackBits(packed, flags.length)).toEqual(flags)
        expect(Buffer.from(packed, 'base64')).toHaveLength(Math.ceil(flags.length / 8))
      }),
    )
  })

  it('are false beyond what was packed', () => {
    expect(unpackBits(packBits([true]), 10)).toEqual([true, ...Array<boolean>(9).fill(false)])
    expect(unpackBits('', 2)).toEqual([false, false])
  })
})
