/**
 * @file Results on disk: each run a file of its own, written whole or not at all, so that an interrupted benchmark goes on
 * where it stopped and nothing half-written is ever read.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError } from '../../core/index.ts'
import { type RunResult, runResultSchema } from './run-result.ts'

export interface WriteOptions {
  /** What a user can do where it fails. Default: of commands that go on from finished runs. */
  readonly fix?: string
  /** Permissions of the file. Default: as the process makes files. */
  readonly mode?: number
}

const goesOn =
  'Make room or choose another folder with --out; finished runs are kept, the same command goes on from them.'
/** For commands that begin anew. */
export const beginsAnew =
  'Make room or choose another place with --out, and run the same command again, from its beginning.'

/** Writes `text` to `path` at once: a reader finds the old file or the new one, whole. Throws ConfigError on a full disk. */
export function writeWhole(path: string, text: string, { fix = goesOn, mode }: WriteOptions = {}): void {
  const draft = `${path}.part`
  try {
    writeFileSync(draft, text, mode === undefined ? {} : { mode })
    renameSync(draft, path)
  } catch (error) {
    rmSync(draft, { force: true })
    throw new ConfigError(
      [{ path, expected: 'a file that can be written', got: (error as Error).message, fix }],
      'the disk',
    )
  }
}

/** Makes `folder` and those above it. Throws ConfigError where it cannot be. */
function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true })
  } catch (error) {
    const fix = 'Choose a folder that can be written to, with --out.'
    throw new ConfigError([{ path: folder, expected: 'a folder', got: (error as Error).message, fix }], 'the disk')
  }
}

/** Keeps a run's records, one JSON line each, in `records/` of the results' folder. Throws ConfigError on a full disk. */
export function writeRecords(out: string, key: string, lines: string): void {
  makeFolder(join(out, 'records'))
  writeWhole(join(out, 'records', `${key}.jsonl`), lines)
}

export class RunFiles {
  readonly #folder: string

  /** `out`: made if it is not there. Throws ConfigError where it cannot be. */
  constructor(out: string) {
    this.#folder = join(out, 'runs')
    makeFolder(this.#folder)
  }

  /** The finished run of this name; null: there is none, or it was made from other inputs. */
  read(key: string, inputsHash: string): RunResult | null {
    let text: string
    try {
      text = readFileSync(this.#pathOf(key), 'utf8')
    } catch {
      return null
    }
    const result = parseOrNull(text)
    return result?.inputsHash === inputsHash ? result : null
  }

  write(result: RunResult): void {
    writeWhole(this.#pathOf(result.key), `${JSON.stringify(result)}\n`)
  }

  #pathOf(key: string): string {
    return join(this.#folder, `${key}.json`)
  }
}

function parseOrNull(text: string): RunResult | null {
  try {
    return runResultSchema.parse(JSON.parse(text))
  } catch {
    return null
  }
}
