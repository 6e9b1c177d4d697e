/** @file How record files are named: one per UTC day, so that names sort by date. */
import { readdirSync } from 'node:fs'
import { utcDay } from './utc-day.ts'

const namePattern = /^runs-\d{4}-\d{2}-\d{2}\.jsonl$/

/** Name of the file for records written at `ms`: `runs-YYYY-MM-DD.jsonl`. */
export const recordFileName = (ms: number): string => `runs-${utcDay(ms)}.jsonl`

/** Names of the record files in `directory`, oldest first; none where there is no such directory. */
export function recordFileNames(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
      .filter((name) => namePattern.test(name))
      .sort()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
