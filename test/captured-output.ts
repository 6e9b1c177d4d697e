/** @file An output of a command that is kept instead of printed. */
import type { Output } from '../src/cli/terminal/output.ts'

export function captureOutput(): Output & {
  readonly lines: string[]
  readonly notes: string[]
  readonly drawn: string[]
} {
  const lines: string[] = []
  const notes: string[] = []
  const drawn: string[] = []
  return {
    lines,
    notes,
    drawn,
    line: (text = '') => void lines.push(text),
    note: (text) => void notes.push(text),
    raw: (text) => void drawn.push(text),
    isTerminal: false,
    columns: 100,
  }
}
