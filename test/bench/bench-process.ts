/** @file The built program's `bench` in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

const program = resolve(import.meta.dirname, '../../dist/cli/main.js')

/** Whether there is a program to run: `npm run build` makes it. */
export const isBuilt = existsSync(program)

export interface BenchProcess {
  readonly child: ChildProcess
  readonly ended: Promise<{ readonly code: number | null; readonly out: string; readonly notes: string }>
}

export interface BenchProcessOptions {
  /** Blocks of 1,024 bytes that no file may grow beyond, by the shell's `ulimit -f`. */
  readonly fileBlocks?: number
}

/** Starts `inframind bench` with these flags. */
export function startBench(flags: readonly string[], { fileBlocks }: BenchProcessOptions = {}): BenchProcess {
  const line = [process.execPath, program, 'bench', ...flags]
  const [command = '', ...args] =
    fileBlocks === undefined ? line : ['bash', '-c', `ulimit -f ${fileBlocks}; exec "$@"`, 'bash', ...line]
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const [out, notes]: [Buffer[], Buffer[]] = [[], []]
  child.stdout.on('data', (bytes: Buffer) => void out.push(bytes))
  child.stderr.on('data', (bytes: Buffer) => void notes.push(bytes))
  const ended = new Promise<Awaited<BenchProcess['ended']>>((settle, reject) => {
    child.once('error', reject)
    child.once('close', (code) =>
      settle({ code, out: Buffer.concat(out).toString(), notes: Buffer.concat(notes).toString() }),
    )
  })
  return { child, ended }
}
