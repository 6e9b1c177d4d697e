/**
 * @file Reads the plain tables that calibration works on: comma-separated, a header line, no quoted fields.
 *
 * Cost: one pass. A quoted field is refused rather than cut in the wrong place.
 */
import { ConfigError } from '../../core/index.ts'

export type CsvRow = Readonly<Record<string, string>>

/** Rows of `text` by column name; cells that a line lacks are ''. `source` names the file. Throws ConfigError for quoted fields. */
export function parseCsv(text: string, source: string): readonly CsvRow[] {
  if (text.includes('"')) throw quoted(source)
  const [header = '', ...lines] = text.split(/\r?\n/).filter((line) => line !== '')
  const columns = header.split(',')
  return lines.map((line) => {
    const cells = line.split(',')
    return Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? '']))
  })
}

/** The number in `column`; NaN where the cell is empty or holds none. */
export const numberAt = (row: CsvRow, column: string): number => {
  const cell = row[column] ?? ''
  return cell === '' ? Number.NaN : Number(cell)
}

const quoted = (source: string): ConfigError =>
  new ConfigError(
    [{ path: '(table)', expected: 'cells without quotation marks', got: '"', fix: 'Write the table without them.' }],
    source,
  )
