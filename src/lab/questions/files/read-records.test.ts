import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jsonLines, questionFolder } from '../../../../test/question-folder.ts'
import { ConfigError } from '../../../core/index.ts'
import { dataFilesOf } from './data-files.ts'
import { parseRecords, readRecords } from './read-records.ts'

const records = [{ question: 'a', answer: 1 }, { question: 'b' }]
const read = (content: string | Uint8Array) => {
  const [file] = dataFilesOf(questionFolder({ 'gsm8k.jsonl': content }), 'gsm8k')
  return readRecords(file as NonNullable<typeof file>)
}

describe('a file of records', () => {
  it.each([
    ['JSON lines', jsonLines(records)],
    ['lines with Windows ends and blanks between', `\r\n${jsonLines(records).replaceAll('\n', '\r\n\r\n')}`],
    ['lines without an end', jsonLines(records).trimEnd()],
    ['an array', JSON.stringify(records)],
    ['an indented array', JSON.stringify(records, null, 2)],
    ['a byte order mark', `\uFEFF${jsonLines(records)}`],
    ['gzipped lines, whatever the name', gzipSync(jsonLines(records))],
    ['a gzipped array', gzipSync(JSON.stringify(records))],
  ])('may be %s', (_, content) => {
    expect(read(content).map(({ fields }) => fields)).toEqual(records)
  })

  it('may be one object over several lines', () => {
    expect(read(JSON.stringify(records[0], null, 2))).toEqual([{ fields: records[0], place: 'gsm8k.jsonl:1' }])
  })

  it('tells where each record stands: line or item', () => {
    expect(parseRecords('a', '\n{"x":1}\n\n{"x":2}\n').map(({ place }) => place)).toEqual(['a:2', 'a:4'])
    expect(parseRecords('a', '[{"x":1},{"x":2}]').map(({ place }) => place)).toEqual(['a, item 1', 'a, item 2'])
  })

  it.each([
    ['an empty file', '', 'at least one question, got an empty file'],
    ['blanks', ' \n\n', 'at least one question'],
    ['an empty array', '[]', 'at least one question'],
    ['a broken line', '{"x":1}\n{"x":\n', 'gsm8k.jsonl:2: expected JSON'],
    ['a line that is no object', '{"x":1}\n[1]\n', 'gsm8k.jsonl:2: expected a JSON object, got [1]'],
    ['an item that is no object', '[{"x":1},null]', 'gsm8k.jsonl, item 2: expected a JSON object, got null'],
    ['a broken array', '[{"x":1},', 'gsm8k.jsonl: expected JSON'],
    ['bytes that are no UTF-8', Uint8Array.of(0x7b, 0xff, 0xfe), 'a file that cannot be read'],
    ['a cut archive', gzipSync(jsonLines(records)).subarray(0, 20), 'a file that cannot be read'],
  ])('is refused with its place for %s', (_, content, message) => {
    expect(() => read(content)).toThrow(message)
  })

  it('lists several problems at once, ten at most', () => {
    const problemsOf = (lines: number) => {
      try {
        parseRecords('a', `${'oops\n'.repeat(lines)}`)
      } catch (error) {
        return (error as ConfigError).problems.map(({ path }) => path)
      }
    }
    expect(problemsOf(3)).toEqual(['a:1', 'a:2', 'a:3'])
    expect(problemsOf(50)).toHaveLength(10)
  })

  it('is read or refused with a ConfigError, whatever its bytes', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.uint8Array({ maxLength: 60 }).map((inner) => gzipSync(inner)),
      fc.string({ unit: 'binary', maxLength: 100 }).map((text) => new TextEncoder().encode(text)),
      fc
        .tuple(fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 3 }))
        .map(([at, noise]) => withNoise(jsonLines(records), at, noise)),
      fc.constant(new TextEncoder().encode('['.repeat(200_000))),
    )
    fc.assert(
      fc.property(bytes, (content) => {
        const outcome = attempt(() => read(content))
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(ConfigError)
        else expect(outcome.length).toBeGreaterThan(0)
      }),
      { numRuns: 300 },
    )
  })
})

function withNoise(text: string, at: number, noise: Uint8Array): Uint8Array {
  const bytes = new TextEncoder().encode(text)
  bytes.set(noise, at % (bytes.length - noise.length))
  return bytes
}

function attempt<T>(run: () => T): T | Error {
  try {
    return run()
  } catch (error) {
    return error as Error
  }
}
