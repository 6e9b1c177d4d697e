/**
 * @file A small Python task: wording, reference program, typical bugs, and tests whose expected values are computed here
 * in TypeScript, so that running the Python program against them checks one by the other.
 */
import type { JsonValue } from '../../../core/index.ts'
import type { Level } from '../question.ts'
import type { Draw, Filled, Template } from '../template.ts'

export interface CodeTask<Arguments extends readonly JsonValue[]> {
  readonly name: string
  /** As in the `def` line. */
  readonly parameters: string
  /** Completes "Write a Python function that ...", without the full stop. */
  readonly does: string
  /** Body of the function, unindented. */
  readonly body: readonly string[]
  /** Bugs: [part of the body, what stands there instead]; the first occurrence is replaced. At least 3. */
  readonly bugs: readonly (readonly [string, string])[]
  /** Arguments of the tests: enough that every bug fails one of them. One of the first two is shown in the text. */
  readonly cases: readonly Arguments[]
  solve(...values: Arguments): JsonValue
}

export function codeTemplate<Arguments extends readonly JsonValue[]>(
  id: string,
  level: Level,
  task: (draw: Draw) => CodeTask<Arguments>,
): Template {
  const fill = (draw: Draw): Filled => {
    const { name, parameters, does, body, bugs, cases, solve } = task(draw)
    const program = [`def ${name}(${parameters}):`, ...body.map((line) => `    ${line}`)].join('\n')
    const asserts = cases.map(
      (values) => `assert ${name}(${values.map(pythonLiteral).join(', ')}) == ${pythonLiteral(solve(...values))}`,
    )
    return {
      text: `Write a Python function \`${name}(${parameters})\` that ${does}.\nIt must pass this test:\n${draw.pick(asserts.slice(0, 2))}`,
      key: program,
      wrongAnswers: bugs.map(([right, wrong]) => program.replace(right, () => wrong)),
      tests: asserts.join('\n'),
    }
  }
  return { id, level, fill }
}

/** A JSON value as Python writes it. Strings must be plain ASCII. */
export function pythonLiteral(value: JsonValue | undefined): string {
  if (value === null || value === undefined) return 'None'
  if (value === true) return 'True'
  if (value === false) return 'False'
  if (typeof value === 'string' || typeof value === 'number') return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(pythonLiteral).join(', ')}]`
  const entries = Object.entries(value).map(([name, inner]) => `${JSON.stringify(name)}: ${pythonLiteral(inner)}`)
  return `{${entries.join(', ')}}`
}

/** A list of `length` drawn integers. */
export const drawList = (draw: Draw, length: number, [low, high]: readonly [number, number]): number[] =>
  Array.from({ length }, () => draw.between(low, high))
