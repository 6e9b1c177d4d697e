/**
 * @file Plays runs side by side in worker threads, or one after the other in this one.
 *
 * A run depends on nothing but its spec and the options, so neither the number of workers nor the order matters.
 */
import { Worker } from 'node:worker_threads'
import { ConfigError, InframindError } from '../../../core/index.ts'
import { twinThreadLimits } from '../../twin-threads.ts'
import type { RunSpec } from '../plan-runs.ts'
import { playSpec } from '../play-spec.ts'
import type { RunResult } from '../run-result.ts'
import type { BenchSetting } from '../setting.ts'
import type { FromWorker, ToWorker, WorkerStart } from './worker-messages.ts'

export interface RunAllOptions {
  readonly setting: BenchSetting
  readonly specs: readonly RunSpec[]
  readonly hashOf: (spec: RunSpec) => string
  /** Folder of the results. */
  readonly out: string
  /** Worker threads; 1: this thread plays. */
  readonly jobs: number
  readonly signal: AbortSignal
  readonly onResult: (result: RunResult) => void
}

/** Resolves when all runs are done or `signal` has aborted; rejects with the first failure, after which no run starts. */
export function runAll(options: RunAllOptions): Promise<void> {
  return options.jobs <= 1 || options.specs.length <= 1 ? runHere(options) : runInWorkers(options)
}

async function runHere({ setting, specs, hashOf, out, signal, onResult }: RunAllOptions): Promise<void> {
  for (const spec of specs) {
    if (signal.aborted) return
    onResult(await playSpec(setting, spec, { inputsHash: hashOf(spec), out }))
  }
}

async function runInWorkers(options: RunAllOptions): Promise<void> {
  const { specs, jobs, setting, signal } = options
  const start: WorkerStart = { options: setting.options, out: options.out }
  // Compiled files run beside each other; the source form of this module has no loader in a new thread.
  const file = new URL(`./worker${import.meta.url.slice(import.meta.url.lastIndexOf('.'))}`, import.meta.url)
  const workers = Array.from(
    { length: Math.min(jobs, specs.length) },
    () => new Worker(file, { workerData: start, resourceLimits: twinThreadLimits }),
  )
  const left = [...specs].reverse()
  const stop = () => Promise.all(workers.map((worker) => worker.terminate()))
  signal.addEventListener('abort', stop)
  try {
    await Promise.all(workers.map((worker) => feed(worker, left, options)))
  } finally {
    signal.removeEventListener('abort', stop)
    await stop()
  }
}

/** Gives `worker` one run after the other until none is left. */
function feed(worker: Worker, left: RunSpec[], { hashOf, onResult, signal }: RunAllOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const next = () => {
      const spec = signal.aborted ? undefined : left.pop()
      if (spec === undefined) return resolve()
      worker.postMessage({ spec, inputsHash: hashOf(spec) } satisfies ToWorker)
    }
    const fail = (error: unknown) => {
      left.length = 0
      reject(error)
    }
    worker.on('message', (message: FromWorker) => {
      if (message.type === 'refused') return fail(new ConfigError(message.problems, 'the benchmark'))
      if (message.type === 'failed') return fail(new InframindError('INVARIANT_VIOLATED', message.message))
      try {
        onResult(message.result)
        next()
      } catch (error) {
        fail(error)
      }
    })
    worker.on('error', fail)
    worker.on('exit', () =>
      signal.aborted ? resolve() : fail(new InframindError('INVARIANT_VIOLATED', 'a worker ended early')),
    )
    next()
  })
}
