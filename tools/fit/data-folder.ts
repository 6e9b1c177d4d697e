/** @file The calibration data: a folder of tables and two JSON files, that is not part of this repository. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { type CsvRow, parseCsv } from '../../src/lab/calibrate/index.ts'
import type { ParamsFile, TruthFile } from './data-files.ts'

export interface DataFolder {
  /** Rows of a `.csv` or `.csv.gz` file. */
  table(name: string): readonly CsvRow[]
  readonly params: ParamsFile
  readonly truth: TruthFile
}

/** Throws where the folder or a file is missing. Tables are read once. */
export function openDataFolder(folder: string): DataFolder {
  const tables = new Map<string, readonly CsvRow[]>()
  const json = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'))
  const read = (name: string): readonly CsvRow[] => {
    const bytes = readFileSync(join(folder, name))
    return parseCsv((name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8'), name)
  }
  return {
    table: (name) => {
      const rows = tables.get(name) ?? read(name)
      tables.set(name, rows)
      return rows
    },
    params: json('recommended_params.json') as ParamsFile,
    truth: json('twin_truth.json') as TruthFile,
  }
}
