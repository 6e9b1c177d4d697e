/**
 * @file The sandbox: a CodeRunner for untrusted Python, with the level of containment that its machine offers.
 *
 * At most `concurrency` programs run at once; others wait in order of arrival. Each starts in a fresh box and leaves
 * nothing behind: no process, no file. The default wall time stretches with the machine's load, because a program that
 * is slow for its neighbours' sake is not wrong; its CPU time does not stretch.
 */
import { availableParallelism, loadavg } from 'node:os'
import type { CodeLimits, CodeProgram, CodeResult, CodeRunner } from '../../core/index.ts'
import type { Level, LevelName, PythonInstall } from './level.ts'
import { runProgram } from './run-program.ts'
import { Turns } from './turns.ts'

/** A level that was tried: `chosen`, or why not. */
export interface LevelAttempt {
  readonly level: LevelName
  readonly outcome: string
}

export interface Sandbox extends CodeRunner {
  readonly level: LevelName
  readonly python: PythonInstall
  /** In the order tried. */
  readonly attempts: readonly LevelAttempt[]
  /** What the level holds back. */
  readonly contains: string
  /** Wall time of an empty program, in ms, when the sandbox was opened. */
  readonly startMs: number
}

/** What every program gets that its caller says nothing about. */
export interface BoxDefaults {
  /** Processes and threads of one program. Default 16. */
  readonly processes?: number
  /** Of all files together that a program writes. Default 64 MiB. */
  readonly diskBytes?: number
}

export const defaultOutputBytes = 1024 * 1024

const minWallMs = 2_000
const wallPerCpu = 3

/** `load`: processes that want to run, per core. 2 s and three times the CPU time, eight times that at most. */
export const defaultWallMs = (cpuMs: number, load: number): number =>
  (minWallMs + wallPerCpu * cpuMs) * Math.min(8, Math.max(1, load))

const loadPerCore = () => (loadavg()[0] as number) / availableParallelism()

export interface LevelRunnerOptions extends BoxDefaults {
  readonly level: Level
  readonly python: PythonInstall
  /** Programs at once. Default: one less than the cores, at least 1. */
  readonly concurrency?: number
}

/** Runs programs at one level, believed to work: the probe decides that. */
export function createLevelRunner(options: LevelRunnerOptions): CodeRunner {
  const { level, python, processes = 16, diskBytes = 64 * 1024 * 1024 } = options
  const turns = new Turns(options.concurrency ?? Math.max(1, availableParallelism() - 1))
  const run = async (program: CodeProgram, limits: CodeLimits, signal?: AbortSignal): Promise<CodeResult> => {
    const { cpuMs, memoryBytes, outputBytes = defaultOutputBytes, isAlone = false } = limits
    const giveBack = await turns.take({ isAlone, signal })
    try {
      const cpuSeconds = Math.ceil(cpuMs / 1000)
      const launch = level.launch({ python, cpuSeconds, memoryBytes, diskBytes, processes })
      const wallMs = limits.wallMs ?? defaultWallMs(cpuMs, loadPerCore())
      return await runProgram({ launch, program, limits: { cpuMs, memoryBytes, wallMs, outputBytes }, signal })
    } finally {
      giveBack()
    }
  }
  return { run }
}
