/**
 * @file Run records read back from the files of `createFileTrace`.
 *
 * A line that is no JSON was cut short by a crash or a full disk and is skipped. A whole line that is no record of ours is an
 * error with file and line, since guessing would make up a story.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RunId, RunRecord } from '../../core/index.ts'
import { parseRunRecord } from './parse-run-record.ts'
import { recordFileNames } from './record-files.ts'

/** All records of the directory, in the order in which the runs ended; one file in memory at a time. Throws ConfigError. */
export function* readRecords(directory: string): Generator<RunRecord> {
  for (const name of recordFileNames(directory)) {
    for (const [index, line] of linesOf(directory, name).entries()) {
      const record = parseLine(line, `${name}:${index + 1}`)
      if (record !== undefined) yield record
    }
  }
}

/** The latest record of the run, or of any run for `last`; undefined: none. Throws ConfigError when that one cannot be read. */
export function findRecord(directory: string, runId: RunId | 'last'): RunRecord | undefined {
  for (const name of [...recordFileNames(directory)].reverse()) {
    const lines = linesOf(directory, name)
    for (let index = lines.length - 1; index >= 0; index -= 1) {
      const line = lines[index] as string
      // Only lines that may be the one are parsed: an old or foreign line elsewhere does no harm.
      if (runId !== 'last' && !line.includes(JSON.stringify(runId))) continue
      const record = parseLine(line, `${name}:${index + 1}`)
      if (record !== undefined && (runId === 'last' || record.runId === runId)) return record
    }
  }
  return undefined
}

const linesOf = (directory: string, name: string): readonly string[] =>
  readFileSync(join(directory, name), 'utf8').split('\n')

/** Undefined: empty, or cut short. */
function parseLine(line: string, source: string): RunRecord | undefined {
  let data: unknown
  try {
    data = JSON.parse(line)
  } catch {
    return undefined
  }
  return parseRunRecord(data, source)
}
