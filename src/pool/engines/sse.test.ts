/** @file The SSE parser: cut the bytes wherever you like, the events stay the same. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SseParser } from './sse.ts'

const encode = (text: string) => new TextEncoder().encode(text)

function parse(...pieces: readonly (string | Uint8Array)[]): string[] {
  const parser = new SseParser()
  const events = pieces.flatMap((piece) => parser.push(typeof piece === 'string' ? encode(piece) : piece))
  return [...events, ...parser.end()]
}

/** The pieces of `bytes` between the cuts. */
function cutAt(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
  return ends.map((end, index) => bytes.slice(index === 0 ? 0 : ends[index - 1], end))
}

describe('SseParser', () => {
  it.each([
    ['an event', 'data: one\n\n', ['one']],
    ['no blank after the colon', 'data:one\n\n', ['one']],
    ['only the first blank goes', 'data:  one\n\n', [' one']],
    ['several lines of data', 'data: one\ndata: two\n\n', ['one\ntwo']],
    ['empty data', 'data:\n\n', ['']],
    ['a bare field name', 'data\n\n', ['']],
    ['comments and other fields', ': ping\nevent: x\nid: 7\nretry: 5\ndata: one\n\n', ['one']],
    ['blank lines without data', '\n\n: ping\n\n', []],
    ['a field that only begins with data', 'database: no\n\n', []],
    ['CRLF', 'data: one\r\n\r\ndata: two\r\n\r\n', ['one', 'two']],
    ['CR', 'data: one\r\rdata: two\r\r', ['one', 'two']],
    ['a byte order mark', '\ufeffdata: one\n\n', ['one']],
    ['the end of OpenAI streams', 'data: {}\n\ndata: [DONE]\n\n', ['{}', '[DONE]']],
  ])('reads %s', (_name, text, events) => {
    expect(parse(text)).toEqual(events)
  })

  it('gives an event as soon as its blank line is there', () => {
    const parser = new SseParser()
    expect(parser.push(encode('data: one\n'))).toEqual([])
    expect(parser.push(encode('\n'))).toEqual(['one'])
    expect(parser.end()).toEqual([])
  })

  it('takes a CR at the end of the input for a line break at once, and its LF for nothing', () => {
    const parser = new SseParser()
    expect(parser.push(encode('data: one\r\n\r'))).toEqual(['one'])
    expect(parser.push(encode('\ndata: two\n\n'))).toEqual(['two'])
  })

  it.each(['data: [DONE]\n', 'data: [DONE]', 'data: [DONE]\r'])(
    'counts a last event without its blank line: %j',
    (text) => {
      expect(parse(text)).toEqual(['[DONE]'])
    },
  )

  it('says how much it holds back', () => {
    const parser = new SseParser()
    parser.push(encode('data: 12345'))
    expect(parser.heldChars).toBe(11)
    parser.push(encode('\ndata: 6'))
    expect(parser.heldChars).toBe(12)
    parser.push(encode('\n\n'))
    expect(parser.heldChars).toBe(0)
  })

  it('gives the same events however the bytes are cut', () => {
    const line = fc.string({ unit: 'binary', maxLength: 12 }).map((text) => text.replace(/[\r\n]/g, '§'))
    const event = fc.array(line, { minLength: 1, maxLength: 3 })
    const newline = fc.constantFrom('\n', '\r\n', '\r')
    const cuts = fc.array(fc.nat(500), { maxLength: 12 })
    fc.assert(
      fc.property(fc.array(event, { maxLength: 5 }), newline, cuts, (events, eol, at) => {
        const text = events
          .map((lines, index) => `: note ${index}${eol}${lines.map((data) => `data: ${data}${eol}`).join('')}${eol}`)
          .join('')
        // Lone surrogates do not survive UTF-8: compare with what the bytes say.
        const asBytes = (value: string) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(encode(value))
        const expected = events.map((lines) => asBytes(lines.join('\n')))
        expect(parse(...cutAt(encode(text), at))).toEqual(expected)
      }),
    )
  })

  it('takes any bytes without throwing, and cuts do not matter', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.array(fc.nat(200), { maxLength: 6 }), (bytes, cuts) => {
        expect(parse(...cutAt(bytes, cuts))).toEqual(parse(bytes))
      }),
    )
  })
})
