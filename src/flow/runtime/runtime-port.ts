/**
 * @file The runtime's face: what a gateway or a benchmark hands in, what it hears on the way, what it gets back.
 */
import type {
  Arm,
  AutoBudget,
  ChatMessage,
  Degradation,
  Delta,
  Domain,
  InframindError,
  JsonObject,
  JsonValue,
  ModelId,
  Plan,
  QueryLimits,
  ReplicaId,
  RoleId,
  RunId,
  RunRecord,
  StepId,
  StepRecord,
} from '../../core/index.ts'

export interface QueryRequest {
  /** Absent: made by the runtime. */
  readonly runId?: RunId
  /** Instant of arrival; the deadline counts from it. */
  readonly arrivedAtMs: number
  /** > 0, client time-outs already applied. */
  readonly budgetMs: number
  /** Where a predicted budget came from, for the record. */
  readonly autoBudget?: AutoBudget
  readonly messages: readonly ChatMessage[]
  /** Absent: read off the text. */
  readonly domain?: Domain
  readonly limits?: QueryLimits
  /** Set where the request itself demands one agent. */
  readonly soloReason?: 'tools' | 'response-format' | 'media' | null
  readonly finalStepBody?: JsonObject
  readonly maxOutputTokens?: number | null
  readonly seed?: number | null
  /** Models that may be used; absent: all. */
  readonly allowedModels?: readonly ModelId[]
}

/** What a listener hears of a step. */
export interface StepEvent {
  readonly type: 'step-queued' | 'step-started' | 'step-finished' | 'step-dropped'
  readonly stepId: StepId
  readonly role: RoleId
  readonly arm: Arm | null
  readonly atMs: number
  /** On `step-finished` and `step-dropped`. */
  readonly record?: StepRecord
}

/** Hears a run as it happens. Every method is optional; `delta` and `stepDelta` are awaited (backpressure). */
export interface AnswerSink {
  /** Planned and accepted: from here on the answer is on its way, and refusals are over. */
  planned?(runId: RunId, plan: Plan): void
  step?(event: StepEvent): void
  /** A piece of a step that is not the answer. Absent: steps are not streamed. */
  stepDelta?(stepId: StepId, delta: Delta): void | Promise<void>
  /** A piece of the answer. Absent: the answer comes only in the result. */
  delta?(delta: Delta): void | Promise<void>
}

export interface RunResult {
  readonly status: 'answered' | 'failed' | 'refused' | 'aborted'
  /** The whole answer, streamed or not. */
  readonly text: string
  readonly reasoning: string
  readonly toolCalls: JsonValue | null
  readonly logprobs: JsonValue | null
  /** OpenAI's word. */
  readonly finishReason: string
  readonly degraded: readonly Degradation[]
  /** Set when failed or refused. */
  readonly error: InframindError | null
  readonly record: RunRecord
}

/** Permission to send one relayed request to one replica now. `release` exactly once, when it has settled. */
export interface Lease {
  readonly replica: ReplicaId
  release(): void
}

export interface LeaseRequest {
  readonly id: string
  readonly model: ModelId
  readonly arrivedAtMs: number
  readonly deadlineAtMs: number
  readonly promptTokens: number
  readonly maxOutputTokens: number | null
}

export interface Runtime {
  /** Runs one query to its end. Never rejects for an expected outcome; `signal`: the client left. */
  run(request: QueryRequest, signal?: AbortSignal, sink?: AnswerSink): Promise<RunResult>
  /** Waits in the model's deadline queue for a replica with room. Rejects with InframindError, or the signal's reason. */
  lease(request: LeaseRequest, signal?: AbortSignal): Promise<Lease>
  /** Queries and leases under way. */
  readonly inFlight: number
  /** Resolves when nothing is under way, or after `timeoutMs`. */
  drained(timeoutMs: number): Promise<boolean>
}
