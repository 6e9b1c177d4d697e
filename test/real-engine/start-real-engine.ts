/**
 * @file Starts a real engine for a test: llama.cpp with a tiny random model, in a process of its own on a free port.
 *
 * The engine's packages are apart from the project's (`npm ci --prefix test/real-engine ...`, done by `npm test` on Linux
 * x64); where they are missing the tests that need it are skipped. The child ends when this process does.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { tinyGguf } from './tiny-gguf.ts'

const here = import.meta.dirname
const modelName = 'tiny-random'

/** Whether the engine's packages are here. */
export const isRealEngineInstalled = existsSync(resolve(here, 'node_modules/@node-llama-cpp/linux-x64'))

export interface RealEngineOptions {
  /** Requests that run at once; further ones wait in the engine. Default 4. */
  readonly sequences?: number
  /** Whether answers end by themselves, after some hundred tokens. Default true; false: only at their cap. */
  readonly endsItself?: boolean
}

export interface RealEngine {
  /** `http://127.0.0.1:PORT`, without `/v1`. */
  readonly url: string
  readonly model: string
  /** Sequences in use, as the engine itself says. */
  busySlots(): Promise<number>
  /** Ends the process and removes the model file. */
  close(): Promise<void>
}

/** Resolves when the engine answers, within some seconds. Rejects with the engine's words when it ends before. */
export async function startRealEngine(options: RealEngineOptions = {}): Promise<RealEngine> {
  const { sequences = 4, endsItself = true } = options
  const folder = mkdtempSync(join(tmpdir(), 'inframind-engine-'))
  const path = join(folder, 'tiny.gguf')
  writeFileSync(path, tinyGguf({ endsItself }))
  const flags = ['--model', path, '--sequences', String(sequences), '--name', modelName]
  const child = spawn(process.execPath, [resolve(here, 'llama-server.mjs'), ...flags], { stdio: 'pipe' })
  const removeFolder = () => rmSync(folder, { recursive: true, force: true })
  try {
    const url = `http://127.0.0.1:${await portOf(child)}`
    const busySlots = async () => {
      const slots = (await (await fetch(`${url}/slots`)).json()) as { readonly is_processing: boolean }[]
      return slots.filter((slot) => slot.is_processing).length
    }
    const close = async () => {
      await ended(child)
      removeFolder()
    }
    return { url, model: modelName, busySlots, close }
  } catch (error) {
    await ended(child)
    removeFolder()
    throw error
  }
}

/** The port that the child prints when it is ready. */
function portOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let complaints = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      complaints += chunk.toString()
    })
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`the real engine ended with ${code}: ${complaints}`)))
    createInterface({ input: child.stdout! }).on('line', (line) => {
      if (line.startsWith('{')) resolve((JSON.parse(line) as { readonly port: number }).port)
    })
  })
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.kill('SIGKILL')
  })
}
