/**
 * @file From a schema's complaints to problems that people can act on: path, expected, got, fix.
 *
 * `expected` is the schema's own text; nearest names and examples are read off the JSON schema of the same source.
 * `got` shows short scalars only, and never what came from the environment or stands where secrets stand.
 */
import type { z } from 'zod'
import { type ConfigProblem, suggestName } from '../../core/index.ts'
import { type Path, pathText } from './yaml-source.ts'

interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly items?: SchemaNode
  readonly additionalProperties?: SchemaNode | boolean
  readonly examples?: readonly unknown[]
  readonly enum?: readonly string[]
}

export interface ProblemContext {
  /** JSON schema of what was validated. */
  readonly schema: object
  readonly data: unknown
  readonly secretPaths: ReadonlySet<string>
  /** Before every path: `keys.yaml`. */
  readonly prefix?: string
}

const secretKey = /key|secret|token$|password|sha256/i

function nodeAt(schema: object, path: Path): SchemaNode | undefined {
  let node: SchemaNode | undefined = schema
  for (const part of path) {
    if (node === undefined) return undefined
    const further: SchemaNode | boolean | undefined =
      typeof part === 'number' ? node.items : (node.properties?.[part] ?? node.additionalProperties)
    node = typeof further === 'object' ? further : undefined
  }
  return node
}

const valueAt = (data: unknown, path: Path): unknown =>
  path.reduce<unknown>((value, part) => (value as Record<string | number, unknown> | null | undefined)?.[part], data)

function gotText(value: unknown, path: Path, secretPaths: ReadonlySet<string>): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'an empty value'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  if (typeof value === 'object') return 'a group of settings'
  const last = path.at(-1)
  if (secretPaths.has(pathText(path))) return 'the value of an environment variable'
  if (typeof last === 'string' && secretKey.test(last)) return 'something else'
  // A URL may carry a password.
  const shown = JSON.stringify(value).replace(/\/\/[^/@\s"]*@/, '//...@')
  return shown.length > 60 ? `${shown.slice(0, 57)}..."` : shown
}

function fixText(node: SchemaNode | undefined, value: unknown): string {
  if (node?.enum && typeof value === 'string') return suggestName(value, node.enum)
  const example = node?.examples?.[0]
  if (example !== undefined) return `For example: ${String(example)}`
  return value === undefined ? 'Add it.' : 'Correct it, or leave it out where it has a default.'
}

/** One problem per issue, and one per unknown key. */
export function toProblems(issues: readonly z.core.$ZodIssue[], context: ProblemContext): ConfigProblem[] {
  const prefixed = (path: Path) => {
    const text = pathText(path)
    if (context.prefix === undefined) return text
    return path.length === 0 ? context.prefix : `${context.prefix}${text.startsWith('[') ? '' : '.'}${text}`
  }
  return issues.flatMap((issue) => {
    const path = issue.path as Path
    const node = nodeAt(context.schema, path)
    if (issue.code === 'unrecognized_keys') {
      const known = Object.keys(node?.properties ?? {})
      return issue.keys.map((key) => ({
        path: prefixed([...path, key]),
        expected: 'a known name',
        got: `unknown "${key}"`,
        fix: suggestName(key, known),
      }))
    }
    const value = valueAt(context.data, path)
    const got = gotText(value, path, context.secretPaths)
    return [{ path: prefixed(path), expected: issue.message, got, fix: fixText(node, value) }]
  })
}
