/** @file The head of a stream, however it is cut into chunks. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HeadBuffer } from './head-buffer.ts'

describe('the head of a stream', () => {
  it('is its first bytes, whatever the chunks, and says whether there were more', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 20 })), fc.nat(60), (parts, capBytes) => {
        const head = new HeadBuffer(capBytes)
        for (const part of parts) head.push(Buffer.from(part))
        const all = Buffer.from(parts.join(''))
        expect(head.isFull).toBe(all.length > capBytes)
        expect(all.subarray(0, capBytes).toString()).toContain(head.text())
        if (!head.isFull) expect(head.text()).toBe(all.toString())
      }),
    )
  })

  it('leaves out a character that the cap cuts in two', () => {
    const head = new HeadBuffer(4)
    head.push(Buffer.from('aé€'))
    expect(head.text()).toBe('aé')
  })

  it('shows what is no UTF-8, and keeps a byte order mark', () => {
    const head = new HeadBuffer(10)
    head.push(Buffer.from([0xef, 0xbb, 0xbf, 0x61, 0xff]))
    expect(head.text()).toBe('\uFEFFa\uFFFD')
  })
})
