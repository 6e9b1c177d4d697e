/**
 * @file Lines of JSON as somebody's collecting left them: what cannot be read is counted and told, not fatal.
 *
 * A last line without its end is what a killed writer leaves: it is left out with a word. A file of which no line, or
 * less than half, can be used is refused: then the form is wrong, not a line.
 */
import { readFileSync } from 'node:fs'
import { ConfigError } from '../../../core/index.ts'

export type LineReading<T> = { readonly value: T } | { readonly skip: true } | { readonly problem: string }

export interface ReadLines<T> {
  readonly values: readonly T[]
  readonly warnings: readonly string[]
}

/** `expected` says what a line should be, for the message. Throws ConfigError where hardly a line can be used. */
export function readLines<T>(
  path: string,
  { read, expected }: { readonly read: (line: unknown) => LineReading<T>; readonly expected: string },
): ReadLines<T> {
  const text = readFileSync(path, 'utf8')
  const lines = text.split('\n')
  const values: T[] = []
  const problems: string[] = []
  const warnings: string[] = []
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue
    const parsed = parseJson(line)
    if (parsed === null && index === lines.length - 1) {
      warnings.push(`${path}: the last line is not whole; it is left out`)
      continue
    }
    const reading = parsed === null ? { problem: 'no JSON' } : read(parsed.value)
    if ('value' in reading) values.push(reading.value)
    else if ('problem' in reading) problems.push(`line ${index + 1}: ${reading.problem}`)
  }
  if (problems.length > values.length) throw unusable(path, expected, problems)
  if (problems.length > 0) {
    warnings.push(`${path}: ${problems.length} of ${problems.length + values.length} lines left out (${problems[0]})`)
  }
  return { values, warnings }
}

function parseJson(line: string): { readonly value: unknown } | null {
  try {
    return { value: JSON.parse(line) }
  } catch {
    return null
  }
}

const unusable = (path: string, expected: string, problems: readonly string[]): ConfigError =>
  new ConfigError(
    problems.slice(0, 3).map((problem) => ({
      path,
      expected,
      got: problem,
      fix: 'See docs/calibration.md for the form of the files; collect writes them.',
    })),
    'the measured calls',
  )
