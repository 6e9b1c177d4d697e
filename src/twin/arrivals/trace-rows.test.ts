import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { ConfigError } from '../../core/index.ts'
import { parseTrace, readTraceFile } from './trace-rows.ts'

const header = 'TIMESTAMP,ContextTokens,GeneratedTokens'
const rows = [
  '2024-03-01 10:00:00.0000000,100,20',
  '2024-03-01 10:00:01.5000000,7,3',
  '2024-03-01 10:00:03.0000000,9,1',
]
const plain = [header, ...rows].join('\n')
const offsets = (text: string) => [...parseTrace(text, 'test.csv').offsetsMs]

describe('reading a trace', () => {
  it('gives the offsets from the first row, and the length of one turn', () => {
    const { offsetsMs, periodMs } = parseTrace(plain, 'test.csv')
    expect([...offsetsMs]).toEqual([0, 1500, 3000])
    expect(periodMs).toBe(4500)
  })

  it.each([
    ['CRLF and a last line end', `${plain.replaceAll('\n', '\r\n')}\r\n`],
    ['a byte-order mark and blank lines', `\uFEFF\n${plain.replaceAll('\n', '\n\n')}`],
    ['another case of the header', plain.replace(header, 'timestamp,CONTEXTTOKENS,generatedTokens')],
    [
      'quotes',
      [header, ...rows]
        .map((line) =>
          line
            .split(',')
            .map((cell) => `"${cell}"`)
            .join(','),
        )
        .join('\n'),
    ],
    [
      'another order and further columns',
      [
        'GeneratedTokens,id,TIMESTAMP,ContextTokens',
        ...rows.map((row) => {
          const [stamp, context, generated] = row.split(',')
          return `${generated},x,${stamp},${context}`
        }),
      ].join('\n'),
    ],
    ['fewer digits', plain.replaceAll('00000', '')],
    ['no fraction where it is zero', plain.replaceAll('.0000000', '')],
    ['T and Z', plain.replaceAll(/(01) (10)/g, '$1T$2').replaceAll(/0,(\d+,)/g, '0Z,$1')],
    [
      'an offset',
      plain.replace('10:00:01.5000000', '12:30:01.5000000+02:30').replace('10:00:03.0000000', '05:00:03-0500'),
    ],
    ['rows out of order', [header, rows[2], rows[0], rows[1]].join('\n')],
  ])('tolerates %s', (_what, text) => {
    expect(offsets(text)).toEqual([0, 1500, 3000])
  })

  it('keeps fractions below a millisecond, and midnight', () => {
    const text = [header, '2024-02-29 23:59:59.9999000,1,1', '2024-03-01 00:00:00.0001234,1,1'].join('\n')
    expect(offsets(text)[1]).toBeCloseTo(0.2234, 3)
  })

  it.each([
    ['an instant that is none', '2024-03-01 10:00:00,1', '2024-13-01 10:00:00,1'],
    ['a day that is none', '2024-03-01 10:00:00,1', '2024-02-30 10:00:00,1'],
    ['an hour that is none', '10:00:00', '24:00:00'],
    ['a missing column', ',20', ''],
    ['a column too many', ',20', ',20,5'],
    ['tokens that are no count', ',20', ',-20'],
    ['no tokens', ',20', ','],
    ['words', '100,20', '100,many'],
  ])('names the line that holds %s', (_what, from, to) => {
    const text = [header, rows[1], rows[0]!.replace('.0000000', '').replace(from, to)].join('\r\n')
    expect(() => parseTrace(text, 'mine.csv')).toThrow(ConfigError)
    expect(() => parseTrace(text, 'mine.csv')).toThrow('mine.csv:3: expected')
  })

  it.each([
    ['nothing', '', 'an empty file'],
    ['a header alone', header, 'at least two rows'],
    ['one row', `${header}\n${rows[0]}`, 'at least two rows'],
    ['one instant', `${header}\n${rows[0]}\n${rows[0]}`, 'one instant'],
    ['no header', rows.join('\n'), 'mine.csv:1: expected the header'],
    ['another table', 'a,b\n1,2', 'mine.csv:1: expected the header'],
  ])('refuses %s', (_what, text, message) => {
    expect(() => parseTrace(text, 'mine.csv')).toThrow(ConfigError)
    expect(() => parseTrace(text, 'mine.csv')).toThrow(message)
  })

  it('reads any text, or refuses it as a trace', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom(...rows, header))), (lines) => {
        try {
          const { offsetsMs, periodMs } = parseTrace([header, ...lines].join('\n'), 'any')
          expect(offsetsMs.length).toBeGreaterThan(1)
          expect(periodMs).toBeGreaterThan(offsetsMs.at(-1)!)
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError)
        }
      }),
    )
  })
})

describe('a trace file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'trace-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const write = (name: string, bytes: string | Uint8Array) => {
    const path = join(folder, name)
    writeFileSync(path, bytes)
    return path
  }

  it('is read plain or gzipped, whatever its name', () => {
    expect([...readTraceFile(write('plain.csv', plain)).offsetsMs]).toEqual([0, 1500, 3000])
    expect([...readTraceFile(write('packed.csv.gz', gzipSync(plain))).offsetsMs]).toEqual([0, 1500, 3000])
    expect([...readTraceFile(write('packed.csv', gzipSync(plain))).offsetsMs]).toEqual([0, 1500, 3000])
  })

  it('that is missing or torn is a ConfigError with its path', () => {
    expect(() => readTraceFile(join(folder, 'none.csv'))).toThrow(ConfigError)
    expect(() => readTraceFile(join(folder, 'none.csv'))).toThrow('none.csv')
    const torn = write('torn.gz', gzipSync(plain).subarray(0, 40))
    expect(() => readTraceFile(torn)).toThrow('a whole gzip file')
  })
})
