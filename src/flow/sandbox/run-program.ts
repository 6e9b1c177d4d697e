/**
 * @file One program's life: feed it, watch it, end it, say what happened.
 *
 * The kernel's own limits stand in the launch (CPU time, address space, file size, processes). Here stand those that it
 * cannot enforce on a group: wall time, length of output, and, looked at every 50 ms, the CPU time and memory of all its
 * processes together. Whatever passes a limit is killed with its whole process group; the levels with namespaces end with
 * their first process, and everything in them ends too. The promise settles when nobody holds its output any more.
 *
 * A launch that never says that the program started has failed for a reason of ours, never the program's: that throws.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { constants } from 'node:os'
import type { Readable, Writable } from 'node:stream'
import { type CodeLimit, type CodeProgram, type CodeResult, InframindError } from '../../core/index.ts'
import { toolPath } from './find-tool.ts'
import { HeadBuffer } from './head-buffer.ts'
import type { Launch } from './level.ts'
import { readProcessTree } from './process-tree.ts'

export interface ProgramLimits {
  readonly cpuMs: number
  readonly memoryBytes: number
  readonly wallMs: number
  readonly outputBytes: number
}

export interface ProgramRun {
  readonly launch: Launch
  readonly program: CodeProgram
  readonly limits: ProgramLimits
  readonly signal?: AbortSignal | undefined
}

const watchEveryMs = 50
/** 128 + the signal's number, as shells say it. */
const codeOf = (signal: NodeJS.Signals | null) => 128 + (signal === null ? 0 : constants.signals[signal])
const cpuCode = codeOf('SIGXCPU')

/** Rejects with the signal's reason, or with `INVARIANT_VIOLATED` where the box could not be set up. */
export async function runProgram(run: ProgramRun): Promise<CodeResult> {
  try {
    run.signal?.throwIfAborted()
    return await new RunningProgram(run).result
  } finally {
    if (run.launch.folder !== undefined) rmSync(run.launch.folder, { recursive: true, force: true })
  }
}

class RunningProgram {
  readonly result: Promise<CodeResult>
  readonly #child: ChildProcess
  readonly #limits: ProgramLimits
  readonly #output: HeadBuffer
  readonly #errorOutput: HeadBuffer
  readonly #leavesOthers: boolean
  readonly #startedAtMs = performance.now()
  /** Set-up: its CPU time is not the program's. Null: the program has not started. */
  #setupCpuMs: number | null = null
  #cpuMs = 0
  /** First limit that we killed it for. */
  #passed: CodeLimit | null = null
  #hasExited = false

  constructor({ launch, program, limits, signal }: ProgramRun) {
    this.#limits = limits
    this.#leavesOthers = launch.folder !== undefined
    this.#output = new HeadBuffer(limits.outputBytes)
    this.#errorOutput = new HeadBuffer(limits.outputBytes)
    // A session of its own: no terminal, and one group to kill.
    const stdio = ['ignore', 'pipe', 'pipe', 'pipe', 'pipe', 'pipe'] as const
    // Nothing of our environment, and tools where `findTool` found them.
    const env = { PATH: toolPath() }
    this.#child = spawn(launch.command, launch.args, { stdio: [...stdio], detached: true, env })
    this.#connect(program)
    this.result = this.#settle(signal)
  }

  #connect({ source, input }: CodeProgram): void {
    const [, out, error, sourceEnd, inputEnd, started] = this.#child.stdio as unknown as [
      null,
      ...[Readable, Readable, Writable, Writable, Readable],
    ]
    for (const [end, text] of [
      [sourceEnd, source],
      [inputEnd, input],
    ] as const) {
      // It may be gone before it has read all.
      end.on('error', () => {})
      end.end(text)
    }
    this.#keepHead(out, this.#output)
    this.#keepHead(error, this.#errorOutput)
    started.once('data', () => {
      this.#setupCpuMs = readProcessTree(this.#child.pid ?? 0)?.cpuMs ?? 0
    })
  }

  #keepHead(stream: Readable, head: HeadBuffer): void {
    stream.on('data', (chunk: Buffer) => {
      head.push(chunk)
      if (head.isFull) this.#kill('output')
    })
  }

  #settle(signal: AbortSignal | undefined): Promise<CodeResult> {
    const wall = setTimeout(() => this.#kill('wall'), this.#limits.wallMs)
    const watch = setInterval(() => this.#watch(), watchEveryMs)
    const abort = () => this.#kill(null)
    signal?.addEventListener('abort', abort)
    return new Promise<CodeResult>((resolve, reject) => {
      this.#child.once('error', reject)
      this.#child.once('exit', () => this.#noteExit(signal?.aborted ?? false))
      this.#child.once('close', (exitCode, exitSignal) => {
        const hasStarted = this.#setupCpuMs !== null || this.#passed !== null
        if (signal?.aborted) reject(signal.reason)
        else if (hasStarted) resolve(this.#toResult(exitCode ?? codeOf(exitSignal)))
        else reject(this.#setupError())
      })
    }).finally(() => {
      clearTimeout(wall)
      clearInterval(watch)
      signal?.removeEventListener('abort', abort)
    })
  }

  #watch(): void {
    const usage = readProcessTree(this.#child.pid ?? 0)
    if (usage === null || this.#setupCpuMs === null) return
    this.#cpuMs = Math.max(this.#cpuMs, usage.cpuMs - this.#setupCpuMs)
    if (this.#cpuMs > this.#limits.cpuMs) this.#kill('cpu')
    else if (usage.residentBytes > this.#limits.memoryBytes) this.#kill('memory')
  }

  #kill(limit: CodeLimit | null): void {
    this.#passed ??= limit
    if (this.#hasExited) this.#letGo()
    else this.#killGroup()
  }

  #killGroup(): void {
    if (this.#child.pid === undefined) return
    try {
      process.kill(-this.#child.pid, 'SIGKILL')
    } catch {
      // The group is empty already.
    }
  }

  /** At level `plain` others may live on: in the group, which ends here, or in a session of their own with our pipes. */
  #noteExit(isAborted: boolean): void {
    if (this.#leavesOthers) this.#killGroup()
    this.#hasExited = true
    if (this.#leavesOthers && (isAborted || this.#passed !== null)) this.#letGo()
  }

  #letGo(): void {
    for (const stream of this.#child.stdio) stream?.destroy()
  }

  #setupError(): InframindError {
    const said = this.#errorOutput.text().trim().slice(0, 500)
    return new InframindError(
      'INVARIANT_VIOLATED',
      `the sandbox could not start a program: ${said || 'it said nothing'}`,
    )
  }

  #toResult(code: number): CodeResult {
    const errorOutput = this.#errorOutput.text()
    const ending = this.#passed === null ? endingOf(code, errorOutput) : killedFor(this.#passed)
    return {
      ...ending,
      output: this.#output.text(),
      errorOutput,
      exitCode: this.#passed === null ? code : null,
      wallMs: performance.now() - this.#startedAtMs,
    }
  }
}

const killedFor = (reason: CodeLimit) => ({ status: 'killed', reason }) as const

/** How a program ended that we did not kill. */
function endingOf(code: number, errorOutput: string): Pick<CodeResult, 'status' | 'reason'> {
  if (code === 0) return { status: 'ok', reason: null }
  if (code === cpuCode) return killedFor('cpu')
  if (code > 128) return { status: 'killed', reason: null }
  // Python's own last line when an allocation was refused.
  return { status: 'failed', reason: /^MemoryError\b.*\s*$/m.test(errorOutput.slice(-200)) ? 'memory' : null }
}
