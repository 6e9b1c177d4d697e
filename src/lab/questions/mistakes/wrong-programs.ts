/**
 * @file Wrong programs for a Python task: they parse and define the function, and its tests fail.
 *
 * The head of the asked function is kept and its body replaced by one that ends without the right result. Mutating single
 * operators would look likelier, but what parses and fails cannot be told without running it.
 */
import type { Random } from '../../../core/index.ts'
import { distinctMistakes, shuffled } from './distinct-answers.ts'

interface Task {
  readonly tests: string
  /** Name of the function that the tests call; absent: the function of the program that they name. */
  readonly entry?: string
  readonly random: Random
}

/** Bodies that no test takes for right: what they give equals nothing that a test would write. */
const bodies: readonly (readonly string[])[] = [
  ['raise NotImplementedError'],
  ['return NotImplemented'],
  ['return ...'],
  ['result = object()', 'return result'],
  ['while False:', '    pass', 'raise ValueError("no result")'],
]

/** Wrong variants of `program`, at least 3. */
export function wrongPrograms(program: string, { tests, entry, random }: Task): readonly string[] {
  const name = entry ?? calledName(program, tests)
  const head = headOf(program, name)
  const programs = bodies.map((lines) => [head, ...lines.map((line) => `    ${line}`)].join('\n'))
  return distinctMistakes(program, shuffled(programs, random))
}

/** The first function of `program` that `tests` call; else its last one. */
function calledName(program: string, tests: string): string {
  const defined = [...program.matchAll(/^(?:def|class)\s+([A-Za-z_]\w*)/gm)].map((match) => match[1] as string)
  const called = defined.find((name) => new RegExp(`\\b${name}\\s*\\(`).test(tests))
  return called ?? defined.at(-1) ?? 'solution'
}

/** The `def` line with plain parameter names; any arguments where the original is not that simple. */
function headOf(program: string, name: string): string {
  const found = new RegExp(`^def\\s+${name}\\s*\\(([^()\\n]*)\\)`, 'm').exec(program)
  const parameters = (found?.[1] ?? '')
    .replace(/\[[^[\]]*\]/g, '')
    .split(',')
    .map((parameter) => (parameter.split(/[:=]/)[0] as string).trim())
  const areSimple = found !== null && parameters.every((parameter) => /^[A-Za-z_]\w*$/.test(parameter))
  return `def ${name}(${areSimple ? parameters.join(', ') : '*arguments'}):`
}
