/** @file Where commands write: results to standard output, progress and faults to standard error. */

export interface Output {
  /** A line of result. */
  line(text?: string): void
  /** A line of progress or a fault. */
  note(text: string): void
  /** Writes without a newline: terminal control. */
  raw(text: string): void
  readonly isTerminal: boolean
  readonly columns: number
}

/** The process's own streams. A closed pipe (`inframind ... | head`) ends the program quietly. */
export function createProcessOutput(): Output {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
  return {
    line: (text = '') => process.stdout.write(`${text}\n`),
    note: (text) => process.stderr.write(`${text}\n`),
    raw: (text) => process.stdout.write(text),
    isTerminal: process.stdout.isTTY === true,
    get columns() {
      return process.stdout.columns ?? 100
    },
  }
}

/**
 * Resolves once all that was written to `stream` has been taken. A pipe takes some 64 kB at once: a program that ends before
 * cuts the rest off. A stream that is closed resolves at once.
 */
export const whenWritten = (stream: NodeJS.WritableStream): Promise<void> =>
  new Promise((resolve) => {
    if (!stream.writable) resolve()
    else stream.write('', () => resolve())
  })
