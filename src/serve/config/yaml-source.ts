/**
 * @file A YAML text as plain data, with `${NAME}` taken from the environment and secrets kept out of messages.
 *
 * `${NAME}` cannot stand unquoted inside `{ }` in YAML, yet that is where people write it. So before parsing, the three
 * marks of each reference become private characters of the same length: columns in messages stay right, and a value
 * from the environment is never parsed as YAML, so it cannot change the file's structure.
 */
import { LineCounter, parseDocument, type YAMLError } from 'yaml'
import type { ConfigProblem } from '../../core/index.ts'

const marks = { open: '\uE000\uE001', close: '\uE002' }
const reference = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g
const marked = new RegExp(`${marks.open}([A-Za-z_][A-Za-z0-9_]*)${marks.close}`, 'g')

export type Environment = Readonly<Record<string, string | undefined>>
export type Path = readonly (string | number)[]

export interface YamlSource {
  readonly data: unknown
  readonly problems: readonly ConfigProblem[]
  /** Paths whose value came from the environment, as `engines[0].api_key`. */
  readonly secretPaths: ReadonlySet<string>
}

/** `engines[1].url`; `(file)` for the root. */
export function pathText(path: Path): string {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('')
  return text === '' ? '(file)' : text.replace(/^\./, '')
}

// The parser's own words may quote the file, and with it a secret: keep what stands before the first quotation.
const withoutQuotation = (message: string) => message.split(/[:"`\n]/)[0]!.trim()

function toProblem(error: YAMLError, lines: LineCounter): ConfigProblem {
  const { line, col } = lines.linePos(error.pos[0])
  return {
    path: `line ${line}, column ${col}`,
    expected: 'valid YAML',
    got: `${error.code.toLowerCase().replaceAll('_', ' ')} (${withoutQuotation(error.message)})`,
    fix: 'Check indentation, quotes and brackets there.',
  }
}

/** Parses `text`; never throws. `data` is undefined where the YAML itself is broken. */
export function readYaml(text: string, env: Environment): YamlSource {
  const lines = new LineCounter()
  const document = parseDocument(text.replace(reference, `${marks.open}$1${marks.close}`), {
    lineCounter: lines,
    prettyErrors: false,
    logLevel: 'silent',
  })
  if (document.errors.length > 0) {
    return {
      data: undefined,
      problems: document.errors.map((error) => toProblem(error, lines)),
      secretPaths: new Set(),
    }
  }
  const problems: ConfigProblem[] = []
  const secretPaths = new Set<string>()
  const resolveText = (value: string, path: Path) =>
    value.replace(marked, (_, name: string) => {
      secretPaths.add(pathText(path))
      const found = env[name]
      if (found === undefined || found === '') {
        problems.push({
          path: pathText(path),
          expected: `the environment variable ${name}`,
          got: found === undefined ? 'none of that name' : 'an empty one',
          fix: `Set ${name}, or write the value here.`,
        })
        return '-'
      }
      return found
    })
  const resolve = (value: unknown, path: Path): unknown => {
    if (typeof value === 'string') return resolveText(value, path)
    if (Array.isArray(value)) return value.map((item, index) => resolve(item, [...path, index]))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolve(item, [...path, key])]))
  }
  try {
    return { data: resolve(document.toJS({ maxAliasCount: 100 }), []), problems, secretPaths }
  } catch {
    // The only way here: aliases that expand without bound.
    const problem = { path: '(file)', expected: 'few YAML aliases', got: 'too many', fix: 'Write the values out.' }
    return { data: undefined, problems: [problem], secretPaths }
  }
}
