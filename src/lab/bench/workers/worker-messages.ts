/** @file What the benchmark and its worker threads say to each other. */
import type { ConfigProblem } from '../../../core/index.ts'
import type { BenchOptions } from '../bench-options.ts'
import type { RunSpec } from '../plan-runs.ts'
import type { RunResult } from '../run-result.ts'

/** Handed to a worker when it starts. */
export interface WorkerStart {
  readonly options: BenchOptions
  /** Folder of the results. */
  readonly out: string
}

export type ToWorker = { readonly spec: RunSpec; readonly inputsHash: string }

export type FromWorker =
  | { readonly type: 'done'; readonly result: RunResult }
  | { readonly type: 'failed'; readonly message: string }
  /** What the user can mend, such as a full disk: errors lose their class on the way. */
  | { readonly type: 'refused'; readonly problems: readonly ConfigProblem[] }
