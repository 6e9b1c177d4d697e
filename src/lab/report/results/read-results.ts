/**
 * @file Reads what a benchmark left in its folder: `summary.json` and `runs/*.json`. No questions are needed.
 *
 * Every row must be found in the run that it was counted in; rows of `best-fixed` in the run of the arm `chosen`. A folder
 * without a summary, or with rows whose runs are gone, is that of an interrupted bench: refused unless `partial` is asked
 * for, with a list of what is missing either way.
 */
import { type Dirent, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { z } from 'zod'
import { ConfigError, type ConfigProblem } from '../../../core/index.ts'
import { type RunResult, runResultSchema, type Summary, summarySchema } from '../../bench/results/index.ts'
import { gatherCells } from './gather-cells.ts'
import type { Results } from './results.ts'

const summaryName = 'summary.json'
const mostListed = 20

/** Throws ConfigError: nothing there, a file that does not hold what it should, or runs missing without `partial`. */
export function readResults(folder: string, options: { readonly partial?: boolean } = {}): Results {
  const runs = readRuns(folder)
  const summary = readSummary(folder)
  const results = gatherCells({ folder, runs, summary })
  if (results.cells.length === 0) throw noResults(folder)
  if (results.missing.length > 0 && !options.partial) throw interrupted(results)
  return results
}

function readSummary(folder: string): Summary | null {
  const path = join(folder, summaryName)
  try {
    return readJson(path, summarySchema)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

function readRuns(folder: string): readonly RunResult[] {
  const runsFolder = join(folder, 'runs')
  let entries: readonly Dirent[]
  try {
    entries = readdirSync(runsFolder, { withFileTypes: true })
  } catch {
    throw noResults(folder)
  }
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
    .map(({ name }) => name)
    .sort()
    .map((name) => readJson(join(runsFolder, name), runResultSchema))
}

function readJson<T>(path: string, schema: z.ZodType<T>): T {
  const text = readFileSync(path, 'utf8')
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw broken(path, [{ path, expected: 'JSON', got: (error as Error).message }])
  }
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  throw broken(
    path,
    parsed.error.issues.map((issue) => ({
      path: `${path}: ${issue.path.join('.') || 'the whole file'}`,
      expected: issue.message,
      got: 'something else',
    })),
  )
}

function broken(path: string, problems: readonly Omit<ConfigProblem, 'fix'>[]): ConfigError {
  const fix = 'Delete this file and run the same bench command again: it makes what is missing anew.'
  return new ConfigError(
    problems.slice(0, mostListed).map((problem) => ({ ...problem, fix })),
    path,
  )
}

const noResults = (folder: string): ConfigError =>
  new ConfigError(
    [
      {
        path: folder,
        expected: `the folder that a bench wrote: ${summaryName} and runs/*.json`,
        got: 'no runs in it',
        fix: 'Name the --out folder of an inframind bench command.',
      },
    ],
    'the command line',
  )

function interrupted({ folder, missing, meta }: Results): ConfigError {
  const more = missing.length > mostListed ? ` and ${missing.length - mostListed} more` : ''
  const again = meta === null ? 'Run the same bench command again' : `Run \`${meta.command} --out ${folder}\` again`
  return new ConfigError(
    [
      {
        path: folder,
        expected: 'the results of a bench that came to its end',
        got: `${missing.length} missing: ${missing.slice(0, mostListed).join('; ')}${more}`,
        fix: `${again}: it goes on where it stopped. Or report on what is there with --partial.`,
      },
    ],
    folder,
  )
}
