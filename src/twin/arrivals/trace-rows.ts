/**
 * @file Reads an arrival trace in the form of the Azure LLM inference traces: `TIMESTAMP,ContextTokens,GeneratedTokens`.
 *
 * Only the instants are kept (8 bytes a row). Tolerated: any case, order and quoting of the header's names, further
 * columns, a byte-order mark, CRLF, blank lines, `T` for the blank, any number of fraction digits, a trailing `Z` or
 * offset, rows out of order (they are sorted). Anything else that is not a row is an error with its line: a trace with
 * holes would be another load than the one named. Format: github.com/Azure/AzurePublicDataset (Patel et al. 2024).
 */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { ConfigError } from '../../core/index.ts'

export interface ArrivalTrace {
  /** ms since the first row, ascending; at least two. Not to be written to. */
  readonly offsetsMs: Float64Array
  /** The span from first to last row plus one mean gap: how long one turn of the trace takes when it is played in a loop. */
  readonly periodMs: number
}

const form = 'TIMESTAMP,ContextTokens,GeneratedTokens'

function broken(source: string, place: string, problem: { readonly expected: string; readonly got: string }) {
  const fix = `An arrival trace is a CSV file, plain or .gz, with the header ${form}.`
  return new ConfigError([{ path: `${source}${place}`, ...problem, fix }], 'the arrival trace')
}

/** The trace in `path`; gzip is known by its first bytes, not by the name. Throws ConfigError. */
export function readTraceFile(path: string): ArrivalTrace {
  let bytes: Uint8Array
  try {
    bytes = readFileSync(path)
  } catch (error) {
    throw broken(path, '', { expected: 'a file that can be read', got: (error as Error).message })
  }
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b
  try {
    if (isGzip) bytes = gunzipSync(bytes)
  } catch (error) {
    throw broken(path, '', { expected: 'a whole gzip file', got: (error as Error).message })
  }
  return parseTrace(new TextDecoder().decode(bytes), path)
}

/** The trace in `text`. `source` names it in errors. Throws ConfigError with the line of the first broken row. */
export function parseTrace(text: string, source: string): ArrivalTrace {
  const instants: number[] = []
  let columns: Columns | null = null
  for (const { line, number } of linesOf(text)) {
    const cells = line.split(',')
    if (columns === null) columns = readHeader(cells, source, number)
    else instants.push(readRow(cells, columns, { source, number }))
  }
  if (columns === null) throw broken(source, '', { expected: `the header ${form}`, got: 'an empty file' })
  if (instants.length < 2) throw broken(source, '', { expected: 'at least two rows', got: String(instants.length) })
  return toTrace(instants, source)
}

function toTrace(instants: readonly number[], source: string): ArrivalTrace {
  const offsetsMs = Float64Array.from(instants).sort()
  const firstMs = offsetsMs[0] as number
  const spanMs = (offsetsMs.at(-1) as number) - firstMs
  if (spanMs === 0) throw broken(source, '', { expected: 'rows of more than one instant', got: 'one instant for all' })
  return {
    offsetsMs: offsetsMs.map((atMs) => atMs - firstMs),
    periodMs: (spanMs * instants.length) / (instants.length - 1),
  }
}

function* linesOf(text: string): Generator<{ readonly line: string; readonly number: number }> {
  let start = text.startsWith('\uFEFF') ? 1 : 0
  for (let number = 1; start <= text.length; number += 1) {
    const found = text.indexOf('\n', start)
    const end = found === -1 ? text.length : found
    const line = text.slice(start, end).trim()
    if (line !== '') yield { line, number }
    start = end + 1
  }
}

interface Columns {
  readonly timestamp: number
  /** Columns that must hold token counts. */
  readonly tokens: readonly number[]
  readonly count: number
}

const bare = (cell: string): string => cell.trim().replace(/^"(.*)"$/, '$1')

function readHeader(cells: readonly string[], source: string, number: number): Columns {
  const names = cells.map((cell) => bare(cell).toLowerCase())
  const find = (name: string): number => {
    const column = names.indexOf(name)
    if (column !== -1) return column
    throw broken(source, `:${number}`, {
      expected: `the header ${form}`,
      got: JSON.stringify(cells.join(',').slice(0, 80)),
    })
  }
  return { timestamp: find('timestamp'), tokens: [find('contexttokens'), find('generatedtokens')], count: names.length }
}

function readRow(
  cells: readonly string[],
  columns: Columns,
  place: { readonly source: string; readonly number: number },
) {
  const fault = (expected: string, got: string) =>
    broken(place.source, `:${place.number}`, { expected, got: JSON.stringify(got.slice(0, 80)) })
  if (cells.length !== columns.count) throw fault(`${columns.count} columns`, cells.join(','))
  for (const column of columns.tokens) {
    const cell = bare(cells[column] as string)
    if (!/^\d+(\.0*)?$/.test(cell)) throw fault('a count of tokens', cell)
  }
  const stamp = bare(cells[columns.timestamp] as string)
  const atMs = parseTimestamp(stamp)
  if (atMs === null) throw fault('an instant such as 2023-11-16 18:15:46.6805900', stamp)
  return atMs
}

const timestamp =
  /^(\d{4})-(\d\d)-(\d\d)[ T]([01]\d|2[0-3]):([0-5]\d):([0-5]\d|60)(?:\.(\d+))?(?:Z|([+-])([01]\d):?([0-5]\d))?$/

/** ms since the Unix epoch, fractions kept as far as a double holds them; null: not an instant. */
function parseTimestamp(text: string): number | null {
  const parts = timestamp.exec(text)
  if (parts === null) return null
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const dayMs = Date.UTC(year, month - 1, day)
  // Date.UTC carries 30 February over into March.
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return null
  const offsetMinutes =
    parts[8] === undefined ? 0 : Number(`${parts[8]}1`) * (Number(parts[9]) * 60 + Number(parts[10]))
  const fractionMs = parts[7] === undefined ? 0 : Number(`0.${parts[7]}`) * 1000
  return dayMs + ((hour * 60 + minute - offsetMinutes) * 60 + second) * 1000 + fractionMs
}

const daysIn = (year: number, month: number): number =>
  (Date.UTC(year, month, 1) - Date.UTC(year, month - 1, 1)) / 86_400_000
