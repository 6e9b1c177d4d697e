/**
 * @file Loads a config: a file, a text, or just the engines' URLs. All of its problems come in one `ConfigError`.
 *
 * Order: YAML, references (`${NAME}`, then `file:PATH` where secrets stand), the schema, the keys file, then what must
 * hold between fields. Relative paths count from the config file's folder. Reads files synchronously: it runs at start.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { z } from 'zod'
import { ConfigError, type ConfigProblem } from '../../core/index.ts'
import { checkConfig, checkKeys } from './checks.ts'
import { type ApiKey, type Config, type PolicyConfig, toApiKey, toConfig } from './config.ts'
import { toProblems } from './problems.ts'
import { configJsonSchema, configSchema, keysSchema, type RawConfig } from './schema.ts'
import { type Environment, readYaml, type YamlSource } from './yaml-source.ts'

/** Where a config comes from. */
export type ConfigSource =
  | { readonly path: string }
  /** `baseDir`: where relative paths count from; the working directory by default. */
  | { readonly text: string; readonly baseDir?: string }

export interface LoadOptions {
  /** For `${NAME}`. */
  readonly env: Environment
  /** Allow a non-loopback address without keys. */
  readonly isInsecure?: boolean
  /** `host:port` instead of the config's. */
  readonly listen?: string
  /** Known topologies, for nearest names; absent: any name passes here. */
  readonly topologies?: readonly string[]
}

/** SHA-256 of a key's UTF-8 text in lower-case hexadecimal, as a keys file holds it. */
export const hashKey = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex')

function readText(path: string, at: string): { text: string } | { problem: ConfigProblem } {
  try {
    return { text: readFileSync(path, 'utf8') }
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'an error'
    return { problem: { path: at, expected: 'a readable file', got: `${reason} for ${path}`, fix: 'Check the path.' } }
  }
}

interface Found<T> {
  readonly value: T | null
  readonly problems: readonly ConfigProblem[]
}

const noKeys: Found<readonly ApiKey[]> = { value: null, problems: [] }

function loadKeys(file: string, { baseDir, env }: { baseDir: string; env: Environment }): Found<readonly ApiKey[]> {
  const read = readText(resolve(baseDir, file), 'keys.file')
  if ('problem' in read) return { value: null, problems: [read.problem] }
  const prefix = basename(file)
  const source = readYaml(read.text, env)
  if (source.problems.length > 0) {
    return {
      value: null,
      problems: source.problems.map((problem) => ({ ...problem, path: `${prefix} ${problem.path}` })),
    }
  }
  const parsed = keysSchema.safeParse(source.data)
  if (!parsed.success) {
    const schema = z.toJSONSchema(keysSchema, { io: 'input' })
    return { value: null, problems: toProblems(parsed.error.issues, { ...source, schema, prefix }) }
  }
  const problems = checkKeys(parsed.data, prefix)
  return { value: parsed.data.map(toApiKey), problems }
}

/** Reads `file:PATH` where an engine's key stands. */
function resolveKeyFiles(data: unknown, baseDir: string): ConfigProblem[] {
  const engines: unknown = (data as { engines?: unknown } | null | undefined)?.engines
  if (!Array.isArray(engines)) return []
  return engines.flatMap((engine: { api_key?: unknown } | null, index) => {
    const key = engine?.api_key
    if (typeof key !== 'string' || !key.startsWith('file:')) return []
    const read = readText(resolve(baseDir, key.slice('file:'.length)), `engines[${index}].api_key`)
    if ('problem' in read) return [read.problem]
    ;(engine as { api_key: string }).api_key = read.text.trim()
    return []
  })
}

/** What is left of `data` without the sections that have issues: so that the rest is checked in the same run. */
function withoutFailed(data: unknown, issues: readonly z.core.$ZodIssue[]): RawConfig | null {
  const failed = new Set(issues.map(({ path }) => path[0]))
  const known = Object.keys(configSchema.shape)
  const rest = Object.entries(data ?? {}).filter(([key]) => known.includes(key) && !failed.has(key))
  const parsed = configSchema.partial().safeParse(Object.fromEntries(rest))
  // What is absent is absent from `parsed.data` too: nothing overwrites a default with undefined.
  return parsed.success ? ({ ...defaultsOnly, ...parsed.data } as RawConfig) : null
}

const defaultsOnly: RawConfig = {
  ...configSchema.parse({ version: 1, engines: [{ url: 'http://none' }] }),
  engines: [],
}

const withoutSecrets =
  ({ secretPaths }: YamlSource) =>
  (problem: ConfigProblem): ConfigProblem =>
    // A variable that is not set is told by name.
    secretPaths.has(problem.path) && !problem.expected.startsWith('the environment variable')
      ? { ...problem, got: 'the value of an environment variable' }
      : problem

/** A policy file with a slash is a path, which counts from the config's folder; without, a shipped name. */
const policyPath = (file: string | null, baseDir: string) =>
  file !== null && /[/\\]/.test(file) ? resolve(baseDir, file) : file

const withPaths = ({ file, shadow, ...policy }: PolicyConfig, baseDir: string): PolicyConfig => ({
  ...policy,
  file: policyPath(file, baseDir),
  shadow: shadow && { ...shadow, file: policyPath(shadow.file, baseDir) },
})

/** Likewise a profile; a JSON file is a path also without a slash. What is made (`random:7`, `renamed:...`) is no path. */
const profilePath = (profile: string | null, baseDir: string) =>
  profile !== null && /[/\\]|\.json$/.test(profile) && !/^(random|renamed):/.test(profile)
    ? resolve(baseDir, profile)
    : profile

/** Throws `CONFIG_INVALID` (a `ConfigError` that lists every problem) where the config cannot be used. */
export function loadConfig(source: ConfigSource, options: LoadOptions): Config {
  const name = 'path' in source ? source.path : 'config'
  const baseDir = 'path' in source ? dirname(resolve(source.path)) : (source.baseDir ?? process.cwd())
  const read = 'path' in source ? readText(source.path, '(file)') : source
  if ('problem' in read) throw new ConfigError([read.problem], name)
  const yaml = readYaml(read.text, options.env)
  if (yaml.data === undefined) throw new ConfigError(yaml.problems, name)
  const problems = [...yaml.problems, ...resolveKeyFiles(yaml.data, baseDir)]
  const parsed = configSchema.safeParse(yaml.data)
  const issues = parsed.error?.issues ?? []
  problems.push(...toProblems(issues, { ...yaml, schema: configJsonSchema() }))
  const { isInsecure = false, topologies, listen } = options
  const found = parsed.data ?? withoutFailed(yaml.data, issues)
  const raw = found && listen !== undefined ? { ...found, listen } : found
  const keysFile = raw?.keys?.file
  const keys = keysFile === undefined ? noKeys : loadKeys(keysFile, { baseDir, env: options.env })
  problems.push(...keys.problems)
  if (raw !== null) problems.push(...checkConfig(raw, { isInsecure, ...(topologies && { topologies }) }))
  if (raw === null || problems.length > 0) throw new ConfigError(problems.map(withoutSecrets(yaml)), name)
  const config = toConfig(raw, { keys: keys.value })
  return {
    ...config,
    policy: withPaths(config.policy, baseDir),
    profile: profilePath(config.profile, baseDir),
    records: { ...config.records, dir: resolve(baseDir, config.records.dir) },
  }
}

/** The config of `serve --engine URL ...`: the engines' models are asked from them, everything else is default. */
export function configFromEngines(urls: readonly string[], options: Partial<LoadOptions> = {}): Config {
  const data = { version: 1, engines: urls.map((url) => ({ url })) }
  // JSON is YAML; `$` marks no reference here, so that a URL is taken as it stands.
  return loadConfig({ text: JSON.stringify(data).replaceAll('${', '\\u0024{') }, { env: {}, ...options })
}
