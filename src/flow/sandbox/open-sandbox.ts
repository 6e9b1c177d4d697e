/**
 * @file Finds the strongest level of containment that works here, and says what it found.
 *
 * Order: `bwrap`, `unshare`, `pyodide`; `plain` only if asked for by name of `unsafe`. A level that is installed is tried
 * with a program that attempts to escape (`containment-check.ts`); the first that holds is used. None: an error that says
 * what to install, since running model-written code unprotected must be somebody's decision.
 */
import { type CodeRunner, ConfigError, InframindError } from '../../core/index.ts'
import { createBwrapLevel } from './bwrap-level.ts'
import { escapeAttempts, verdictOn } from './containment-check.ts'
import { findTool } from './find-tool.ts'
import { type Level, type LevelName, levelNames, type PythonInstall } from './level.ts'
import { plainLevel } from './plain-level.ts'
import { findPython } from './python-install.ts'
import { type BoxDefaults, createLevelRunner, type LevelAttempt, type Sandbox } from './sandbox.ts'
import { createUnshareLevel } from './unshare-level.ts'

export interface SandboxOptions extends BoxDefaults {
  /** Allows the level `plain`, which contains next to nothing. Default false. */
  readonly unsafe?: boolean
  /** Levels that may be used; tried from strongest to weakest whatever their order here. Default: all. */
  readonly levels?: readonly LevelName[]
  /** Command that runs Python 3. Default `python3`. */
  readonly python?: string
  /** Programs at once. Default: one less than the cores, at least 1. */
  readonly concurrency?: number
}

/** Takes about two programs' time. Throws `CONFIG_INVALID` when Python is missing or no allowed level works. */
export async function openSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const python = await findPython(options.python ?? 'python3')
  const allowed = levelNames.filter((name) => options.levels?.includes(name) ?? true)
  const attempts: LevelAttempt[] = []
  for (const name of allowed) {
    const found = findLevel(name, options)
    const opened = typeof found === 'string' ? found : await tryLevel(found, python, options)
    attempts.push({ level: name, outcome: typeof opened === 'string' ? opened : 'chosen' })
    if (typeof opened !== 'string') return { ...opened, attempts }
  }
  throw noLevel(attempts)
}

/** One line for reports: the level, what it holds back, which were tried before it. */
export function describeSandbox({ level, contains, python, startMs, attempts }: Sandbox): string {
  const others = attempts
    .filter((attempt) => attempt.level !== level)
    .map((attempt) => `${attempt.level}: ${attempt.outcome}`)
  const before = others.length === 0 ? '' : `; ${others.join('; ')}`
  return `${level} (contains ${contains}), Python ${python.version}, ${Math.round(startMs)} ms per program${before}`
}

/** The level, or why it cannot even be tried. */
function findLevel(name: LevelName, { unsafe = false }: SandboxOptions): Level | string {
  const isRealRoot = process.getuid?.() === 0
  if (name === 'plain') return unsafe ? plainLevel : 'not allowed'
  // docs/decisions/14: it cannot be kept from the network.
  if (name === 'pyodide') return 'not supported'
  if (process.platform !== 'linux') return 'needs Linux'
  const missing = ['setpriv', 'unshare', 'prlimit'].filter((tool) => findTool(tool) === null)
  if (missing.length > 0) return `not installed: ${missing.join(', ')}`
  if (name === 'unshare') return createUnshareLevel({ isRealRoot })
  const executable = findTool('bwrap')
  return executable === null ? 'not installed' : createBwrapLevel({ executable, isRealRoot })
}

async function tryLevel(
  level: Level,
  python: PythonInstall,
  options: SandboxOptions,
): Promise<Omit<Sandbox, 'attempts'> | string> {
  const runner = createLevelRunner({ ...options, level, python })
  try {
    const problem = level.name === 'plain' ? null : verdictOn(await runOnce(runner, escapeAttempts))
    if (problem !== null) return problem
    const { wallMs } = await runOnce(runner, '')
    return { ...runner, level: level.name, contains: level.contains, python, startMs: wallMs }
  } catch (error) {
    if (error instanceof InframindError) return error.message.replaceAll('\n', ' ')
    throw error
  }
}

const runOnce = (runner: CodeRunner, source: string) =>
  runner.run({ source, input: `${process.pid}\n` }, { cpuMs: 10_000, memoryBytes: 512 * 1024 * 1024 })

function noLevel(attempts: readonly LevelAttempt[]): ConfigError {
  const got = attempts.map(({ level, outcome }) => `${level}: ${outcome}`).join('; ')
  const fix =
    'Install bubblewrap, or util-linux with unprivileged user namespaces allowed, or accept the risk with --unsafe-exec.'
  return new ConfigError([{ path: 'sandbox', expected: 'a level that contains programs', got, fix }], 'sandbox')
}
