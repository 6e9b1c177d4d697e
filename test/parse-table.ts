/** @file Reads a comma-separated table after RFC 4180, quoted cells with line breaks included: the other side of what `collect` writes. */

/** Cells by row. A line break outside quotation marks ends a row. */
export function parseTable(text: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/gy
  while (cell.lastIndex < text.length) {
    const [, quoted, plain = '', end] = cell.exec(text) ?? fail(text, rows.length)
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'))
    if (end === ',') continue
    rows.push(row)
    row = []
  }
  return rows
}

function fail(text: string, row: number): never {
  throw new Error(`no table: row ${row} of ${text.length} characters`)
}
