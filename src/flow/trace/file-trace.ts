/**
 * @file Run records on disk: one line of JSON per run, one file per UTC day.
 *
 * Lines are appended whole, synchronously, to an open file. A line that a crash cut short is closed off with a newline when
 * the file is opened again, so it spoils no other. Files whose day ended more than `keepMs` ago are deleted when a file is
 * opened. Records are a by-product: any failure (disk full, directory gone) is reported once and ends the writing, and never
 * reaches the run.
 */
import { closeSync, fstatSync, mkdirSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock, RunRecord, TraceSink } from '../../core/index.ts'
import { recordFileName, recordFileNames } from './record-files.ts'

export interface FileTraceOptions {
  /** Made if it does not exist. */
  readonly directory: string
  /** How long a file is kept after its day, in ms. */
  readonly keepMs: number
  readonly clock: Clock
  /** Hears once, when writing ends for good. */
  readonly onError?: (error: Error) => void
}

export interface FileTrace extends TraceSink {
  /** Closes the file; later records are ignored. */
  close(): void
}

export const createFileTrace = (options: FileTraceOptions): FileTrace => new DailyFileTrace(options)

class DailyFileTrace implements FileTrace {
  readonly #directory: string
  readonly #keepMs: number
  readonly #clock: Clock
  readonly #onError: ((error: Error) => void) | undefined
  #fileName: string | null = null
  #descriptor: number | null = null
  #isClosed = false

  constructor({ directory, keepMs, clock, onError }: FileTraceOptions) {
    this.#directory = directory
    this.#keepMs = keepMs
    this.#clock = clock
    this.#onError = onError
  }

  write(record: RunRecord): void {
    if (this.#isClosed) return
    try {
      writeWhole(this.#open(), `${JSON.stringify(record)}\n`)
    } catch (error) {
      this.close()
      this.#onError?.(error as Error)
    }
  }

  close(): void {
    this.#isClosed = true
    this.#closeFile()
  }

  /** Descriptor of today's file. */
  #open(): number {
    const nowMs = this.#clock.nowMs()
    const fileName = recordFileName(nowMs)
    if (this.#descriptor !== null && fileName === this.#fileName) return this.#descriptor
    this.#closeFile()
    mkdirSync(this.#directory, { recursive: true })
    this.#deleteOld(nowMs)
    // Records tell what users asked about: for the owner's eyes only.
    const descriptor = openSync(join(this.#directory, fileName), 'a+', 0o600)
    this.#descriptor = descriptor
    this.#fileName = fileName
    if (endsInMidLine(descriptor)) writeWhole(descriptor, '\n')
    return descriptor
  }

  #deleteOld(nowMs: number): void {
    // A clock that starts at zero has nothing to forget before the epoch.
    if (!(nowMs > this.#keepMs)) return
    const oldestKept = recordFileName(nowMs - this.#keepMs)
    for (const name of recordFileNames(this.#directory)) {
      if (name < oldestKept) rmSync(join(this.#directory, name), { force: true })
    }
  }

  #closeFile(): void {
    if (this.#descriptor !== null) closeSync(this.#descriptor)
    this.#descriptor = null
  }
}

/** Writes all of `text`: the system may take less at a time. */
function writeWhole(descriptor: number, text: string): void {
  const bytes = Buffer.from(text)
  for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written)
}

function endsInMidLine(descriptor: number): boolean {
  const { size } = fstatSync(descriptor)
  if (size === 0) return false
  const last = Buffer.alloc(1)
  readSync(descriptor, last, 0, 1, size - 1)
  return last[0] !== 0x0a
}
