/** @file The thread that computes the other slices, of all levels of a training. */
import { Worker } from 'node:worker_threads'
import { InframindError } from '../../../../../core/index.ts'
import type { LossCoefficients } from '../../../losses/index.ts'
import type { DecisionRows } from '../../../rollouts/index.ts'
import type { DecisionLabels } from './decision-table.ts'
import type { SliceGradient, SliceSpec } from './slice-step.ts'

/** `level`: place among those that were opened. */
export type ToSliceWorker =
  | { readonly type: 'open'; readonly spec: SliceSpec }
  | {
      readonly type: 'begin'
      readonly level: number
      readonly rows: readonly DecisionRows[]
      readonly labels: DecisionLabels
    }
  | {
      readonly type: 'gradient'
      readonly level: number
      readonly parameters: Float32Array
      readonly chosen: Int32Array
      readonly coefficients: LossCoefficients
    }
  | {
      readonly type: 'evaluate'
      readonly level: number
      readonly parameters: Float32Array
      readonly from: number
      readonly to: number
    }

export type FromSliceWorker =
  | { readonly type: 'gradient'; readonly gradient: SliceGradient }
  | { readonly type: 'values'; readonly values: Float32Array }
  | { readonly type: 'failed'; readonly message: string }

export interface OpenSlice {
  begin(rows: readonly DecisionRows[], labels: DecisionLabels): void
  gradient(parameters: Float32Array, chosen: Int32Array, coefficients: LossCoefficients): Promise<SliceGradient>
  evaluate(parameters: Float32Array, from: number, to: number): Promise<Float32Array>
}

export interface SliceThread {
  /** Another network, computed in the thread. */
  open(spec: SliceSpec): OpenSlice
  close(): Promise<void>
}

interface Waiting {
  readonly resolve: (message: FromSliceWorker) => void
  readonly reject: (error: Error) => void
}

/** Starts the thread; what it is asked while it starts waits. Its failure rejects whatever is asked of it. */
export function createSliceThread(): SliceThread {
  // Compiled files run beside each other; the source form of this module has no loader in a new thread.
  const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'))
  const worker = new Worker(new URL(`./workers/slice-worker${extension}`, import.meta.url))
  const waiting: Waiting[] = []
  let failure: Error | null = null
  const fail = (error: Error) => {
    failure ??= error
    for (const { reject } of waiting.splice(0)) reject(failure)
  }
  worker.on('message', (message: FromSliceWorker) => {
    if (message.type === 'failed') fail(new InframindError('INVARIANT_VIOLATED', message.message))
    else waiting.shift()?.resolve(message)
  })
  worker.on('error', (error) => fail(error as Error))
  worker.on('messageerror', fail)
  worker.on('exit', () => fail(new InframindError('INVARIANT_VIOLATED', 'a worker of the training ended early')))
  const tell = (message: ToSliceWorker) => worker.postMessage(message)
  const ask = (message: ToSliceWorker): Promise<FromSliceWorker> =>
    new Promise((resolve, reject) => {
      if (failure) return reject(failure)
      waiting.push({ resolve, reject })
      tell(message)
    })
  let levels = 0
  return {
    open(spec) {
      const level = levels
      levels += 1
      tell({ type: 'open', spec })
      return {
        begin: (rows, labels) => tell({ type: 'begin', level, rows, labels }),
        gradient: async (parameters, chosen, coefficients) =>
          gradientIn(await ask({ type: 'gradient', level, parameters, chosen, coefficients })),
        evaluate: async (parameters, from, to) =>
          valuesIn(await ask({ type: 'evaluate', level, parameters, from, to })),
      }
    },
    close: async () => {
      await worker.terminate()
    },
  }
}

const unexpected = ({ type }: FromSliceWorker) =>
  new InframindError('INVARIANT_VIOLATED', `a worker of the training answered with ${type}`)

function gradientIn(message: FromSliceWorker): SliceGradient {
  if (message.type === 'gradient') return message.gradient
  throw unexpected(message)
}

function valuesIn(message: FromSliceWorker): Float32Array {
  if (message.type === 'values') return message.values
  throw unexpected(message)
}
