/**
 * @file The ports of the decisions and of the dispatch. Each has one contract suite in `test/contracts/`.
 *
 * `predict` prices an action; the planner picks the team; the executor picks the arm or stops; the scheduler orders the
 * waiting calls and picks the replica; the runtime owns deadline, retries, cancellation and the answer.
 */
import type { ClusterState } from './cluster.ts'
import type { ModelId, ReplicaId, RunId, StepId } from './ids.ts'
import type { JsonObject } from './json.ts'
import type { Plan, StepKind } from './plan.ts'
import type { Query } from './query.ts'
import type { RunRecord } from './record.ts'
import type { ArmEstimate, Choice, RunOutcome, StepContext, StepOutcome } from './step.ts'
import type { Arm } from './strategy.ts'

export interface Planner {
  readonly name: string
  plan(query: Query, state: ClusterState): Plan
  runFinished?(outcome: RunOutcome): void
}

export interface Executor {
  readonly name: string
  choose(step: StepContext, state: ClusterState): Choice
  stepFinished?(outcome: StepOutcome): void
  runFinished?(outcome: RunOutcome): void
}

/** The part of a step that a prediction depends on. */
export interface StepShape {
  readonly query: Query
  readonly kind: StepKind
  readonly promptTokens: number
}

export interface Predictor {
  predict(arm: Arm, step: StepShape, state: ClusterState): ArmEstimate
  observe(outcome: StepOutcome): void
  /** Recent error log(actual / predicted) of a model's latency: bias and spread; null before enough calls. */
  error(model: ModelId): { readonly bias: number; readonly spread: number; readonly count: number } | null
}

export interface Embedder {
  /** [384], L2-normalised. */
  embed(text: string): Float32Array
}

/** A call that waits for room on one of its model's replicas. */
export interface QueuedCall {
  /** The engine call's id: unique. */
  readonly id: string
  readonly runId: RunId
  readonly stepId: StepId
  readonly model: ModelId
  readonly enqueuedAtMs: number
  readonly deadlineAtMs: number
  /** Expected ms from being sent to the end of the workflow: this call and all that must follow it. */
  readonly remainingMs: number
  /** Expected ms in a slot. */
  readonly serviceMs: number
  readonly promptTokens: number
  /** Expected output tokens, and the 90 % quantile that admission plans with. */
  readonly outputTokens: number
  readonly outputTokensP90: number
  readonly maxOutputTokens: number
  /** Replica that holds this workflow's prefix; null: none. */
  readonly affinity: ReplicaId | null
  readonly excludedReplicas: readonly ReplicaId[]
  /** Room was found: the caller must send now, and `release` when the call has settled. Called at most once. */
  start(replica: ReplicaId): void
  /** Waiting has used up the slack that this choice was made with: choose again. The call stays queued meanwhile. */
  reconsider(): void
  /** It can never be sent (no usable replica, or it does not fit any engine). Called at most once, instead of `start`. */
  reject(code: 'POOL_UNAVAILABLE' | 'CONTEXT_TOO_LONG' | 'QUEUE_FULL', message: string): void
}

export interface Ticket {
  /** Takes the call out of the queue. False: it has started, was rejected or was cancelled before. */
  cancel(): boolean
}

/** Where waiting calls live and who may be sent next. In memory here; a store shared by gateways has the same face. */
export interface DispatchStore {
  /** Never calls `start` or `reject` synchronously. */
  enqueue(call: QueuedCall): Ticket
  /** The call on `replica` has settled: its room is free. */
  release(callId: string, replica: ReplicaId): void
  /** Room or health may have changed: look again. */
  wake(model: ModelId): void
  waiting(model: ModelId): number
}

/** The order of a model's queue. Feasible calls go first by `key`; from `latestStartAtMs` on a call counts as hopeless and goes after them. */
export interface Discipline {
  readonly name: string
  /** Smaller goes first; ties by order of arrival. Must not depend on the present instant. */
  key(call: QueuedCall): number
  /** Last instant at which starting still makes the deadline. Absent: nothing is ever demoted. */
  latestStartAtMs?(call: QueuedCall): number
}

/** One replica as admission sees it. */
export interface EngineView {
  readonly replica: ReplicaId
  readonly isUsable: boolean
  readonly slots: number
  /** Ours in flight, and the engine's own count where it reports more. */
  readonly inFlight: number
  readonly kvTokens: number | null
  readonly contextTokens: number | null
  /** Per call in flight: tokens held now, and tokens it is still expected to add. */
  readonly held: readonly { readonly tokens: number; readonly remaining: number }[]
  /** Tokens held by others than us, by the engine's reading. */
  readonly foreignKvTokens: number
}

export type AdmissionDecision = 'send' | 'hold' | 'reject'

export interface Admission {
  /** `send`: fits now; `hold`: not now; `reject`: never on this engine. */
  decide(call: QueuedCall, engine: EngineView): AdmissionDecision
}

export interface TraceSink {
  /** Takes a finished run's record. Synchronous: in virtual time nothing may wait. */
  write(record: RunRecord): void
}

export interface CodeProgram {
  /** Python. */
  readonly source: string
  /** What it reads from standard input. */
  readonly input: string
}

/** What a program may use. Fields left out have the runner's defaults. */
export interface CodeLimits {
  /** CPU time of all its processes together. */
  readonly cpuMs: number
  /** Of each process's address space, and of the resident memory of all together. */
  readonly memoryBytes: number
  /** Real time, which the load on the machine stretches. Default: a multiple of `cpuMs`, larger on a busy machine. */
  readonly wallMs?: number
  /** Of standard output and of standard error, each. */
  readonly outputBytes?: number
  /** Waits until no other program runs, and lets none start meanwhile: for running again what `wall` ended. */
  readonly isAlone?: boolean
}

/** The limit that ended a program. After `wall` and no other, the same program may be right on an idle machine. */
export type CodeLimit = 'cpu' | 'wall' | 'memory' | 'output'

export interface CodeResult {
  /** `ok`: exit code 0. `failed`: it ended by itself, otherwise. `killed`: a limit or a signal ended it. */
  readonly status: 'ok' | 'failed' | 'killed'
  /** Null: no limit. `memory` also stands beside `failed`: it ended on an allocation that was refused. */
  readonly reason: CodeLimit | null
  /** Standard output: its head, where it was longer than the limit. */
  readonly output: string
  /** Standard error, likewise. */
  readonly errorOutput: string
  /** 128 + the number of the signal that ended it; null: we ended it. */
  readonly exitCode: number | null
  readonly wallMs: number
}

/** Runs a program apart from our own process. Off in serving unless configured. */
export interface CodeRunner {
  /** Rejects with the signal's reason when aborted; never because of what the program does. */
  run(program: CodeProgram, limits: CodeLimits, signal?: AbortSignal): Promise<CodeResult>
}

/** Engine settings that go with a strategy on one model: `extra_body` of the config. */
export type ExtraBody = Readonly<Partial<Record<string, JsonObject>>>
