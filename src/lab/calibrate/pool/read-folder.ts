/**
 * @file Gathers what a folder holds of a pool: `calls.jsonl`, `latency_samples.csv`, `graded.jsonl`, and run records.
 *
 * Every other `*.jsonl` file, in the folder or in its `runs`, whose lines are run records gives calls too. Samples are
 * the same calls without instants, and are read only where there is nothing better.
 */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError, runRecordSchema } from '../../../core/index.ts'
import { type GradedAnswer, parseGraded } from './graded.ts'
import { type LatencySample, readLatencySamples } from './latency-samples.ts'
import { type PoolCall, parsePoolCall } from './pool-call.ts'
import { type LineReading, readLines } from './read-lines.ts'
import { readCallsOfRun } from './run-record-calls.ts'

export interface PoolMeasurements {
  /** In the order of sending. */
  readonly calls: readonly PoolCall[]
  readonly graded: readonly GradedAnswer[]
  /** Empty where there are calls. */
  readonly samples: readonly LatencySample[]
  readonly warnings: readonly string[]
}

const callsFile = 'calls.jsonl'
const gradedFile = 'graded.jsonl'
const samplesFile = 'latency_samples.csv'
/** What else collect leaves. */
const promptsFile = 'prompts.jsonl'

/** Reads the folder. Throws ConfigError where it is missing, holds no measured call, or a file has another form. */
export function readFolder(folder: string): PoolMeasurements {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) throw nothingMeasured(folder, 'no such folder')
  const warnings: string[] = []
  const note = <T>({ values, warnings: more }: { values: readonly T[]; warnings: readonly string[] }): readonly T[] => {
    warnings.push(...more)
    return values
  }
  const at = (file: string) => join(folder, file)
  const direct = existsSync(at(callsFile))
    ? note(readLines(at(callsFile), { read: readCall, expected: 'one call a line, as collect writes it' }))
    : []
  const recorded = recordFiles(folder).flatMap((path) =>
    note(readLines(path, { read: readRecord, expected: 'one run record a line' })).flat(),
  )
  const graded = existsSync(at(gradedFile))
    ? note(readLines(at(gradedFile), { read: parseGraded, expected: 'one graded answer a line, as collect writes it' }))
    : []
  const calls = [...direct, ...recorded].sort((a, b) => a.sentAtMs - b.sentAtMs)
  const table = calls.length === 0 && existsSync(at(samplesFile)) ? readLatencySamples(at(samplesFile)) : null
  warnings.push(...(table?.warnings ?? []))
  const samples = table?.samples ?? []
  if (calls.length + samples.length === 0) throw nothingMeasured(folder, 'none')
  return { calls, graded, samples, warnings }
}

function readCall(line: unknown): LineReading<PoolCall> {
  const parsed = parsePoolCall(line)
  if ('problem' in parsed) return parsed
  // A call that failed gave nothing: it tells nothing of speed or length.
  return parsed.call.outputTokens < 1 ? { skip: true } : { value: parsed.call }
}

const saysRunRecord = (line: unknown): boolean =>
  typeof line === 'object' && line !== null && (line as { schema?: unknown }).schema === runRecordSchema

const readRecord = (line: unknown): LineReading<readonly PoolCall[]> =>
  saysRunRecord(line) ? readCallsOfRun(line) : { skip: true }

function recordFiles(folder: string): readonly string[] {
  return [folder, join(folder, 'runs')].filter(existsSync).flatMap((place) =>
    readdirSync(place)
      .filter((file) => file.endsWith('.jsonl') && ![callsFile, gradedFile, promptsFile].includes(file))
      .sort()
      .map((file) => join(place, file)),
  )
}

const nothingMeasured = (folder: string, got: string): ConfigError =>
  new ConfigError(
    [
      {
        path: folder,
        expected: `a folder with measured calls (${callsFile}, run records, or ${samplesFile})`,
        got,
        fix: 'Run collect into it, or copy the run records of a gateway there.',
      },
    ],
    'the measured calls',
  )
