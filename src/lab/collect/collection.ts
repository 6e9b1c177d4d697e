/** @file What is asked of a collection, and what its parts share. */
import type { Clock, CodeRunner, Engine, ModelId, ProfilePrior, ReplicaId } from '../../core/index.ts'
import type { ModelTier } from '../../policy/index.ts'
import type { Budget } from './budget.ts'
import type { CallDesk } from './call-desk.ts'
import type { CollectionFiles } from './collection-files.ts'
import type { PoolHealth } from './pool-health.ts'
import type { Source } from './sources.ts'
import type { Stop, StopReason } from './stop.ts'

export interface CollectOptions {
  /** Workflows of phase 1. >= 1. */
  readonly workflows: number
  /** 1-6. */
  readonly maxAgents: number
  /** Most prompts that are replayed, drawn from all of phase 1. Null: all. */
  readonly replay: number | null
  /** Concurrent requests on the model under which prompts are replayed. Whole numbers >= 1, each once. */
  readonly levels: readonly number[]
  /** Models under load at the same time in phase 2. >= 1. */
  readonly modelsAtOnce: number
  readonly seed: number
  /** Infinity: no limit. ms of the collecting clock. */
  readonly maxMs: number
  readonly maxTokens: number
  readonly maxRequests: number
}

export interface CollectProgress {
  readonly phase: 1 | 2
  /** Workflows, or cells. */
  readonly done: number
  readonly total: number
  /** Were there before this call. */
  readonly resumed: number
  readonly requests: number
  readonly tokens: number
  readonly failures: number
}

export interface RunCollectOptions {
  readonly out: string
  readonly sources: readonly Source[]
  readonly engines: readonly Engine[]
  /** Sampling intervals, deadlines and limits run on it; a scaled one for a pool that is simulated faster. */
  readonly clock: Clock
  readonly prior: ProfilePrior
  readonly tiers: Readonly<Partial<Record<ModelId, ModelTier>>>
  /** Configured slots of a replica; null: as it reports. */
  readonly slots: (replica: ReplicaId) => number | null
  /** Runs programs of answers; null: they go ungraded. */
  readonly runner: CodeRunner | null
  /** The user's wish to stop. */
  readonly signal: AbortSignal
  readonly onProgress: (progress: CollectProgress) => void
  /** Words for the user. Default: nobody hears them. */
  readonly onNote?: (text: string) => void
  /** Model of every engine that was asked for, by its URL; null: it does not answer. Default: `engines`, by their ids. */
  readonly asked?: Readonly<Record<string, ModelId | null>>
  /** Of `clock`. Default 1. */
  readonly timeScale?: number
  /** How long a pool of which nothing answers is waited for. Default 30 s. */
  readonly patienceMs?: number
  /** Default 10 min. */
  readonly callTimeoutMs?: number
}

export interface CollectSummary {
  /** `complete`: every cell is there. `incomplete`: some could not be had, the pool was reachable. Otherwise what stopped it. */
  readonly end: 'complete' | 'incomplete' | StopReason
  /** In the folder, by now. */
  readonly workflows: number
  readonly prompts: number
  readonly cells: number
  readonly cellsWanted: number
  /** Of this call alone. */
  readonly requests: number
  readonly tokens: number
  readonly failures: number
  readonly ungraded: number
}

/** What both phases work with. */
export interface CollectParts {
  readonly options: CollectOptions
  readonly run: RunCollectOptions
  readonly files: CollectionFiles
  readonly desk: CallDesk
  readonly budget: Budget
  readonly stop: Stop
  readonly health: PoolHealth
  readonly note: (text: string) => void
  /** To be called when `done` has moved. */
  readonly tell: (progress: Pick<CollectProgress, 'phase' | 'done' | 'total' | 'resumed'>) => void
}

/** In the order of the config. */
export const modelsOf = (engines: readonly Engine[]): readonly ModelId[] => [
  ...new Set(engines.map(({ model }) => model)),
]
