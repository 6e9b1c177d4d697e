/**
 * @file The engine port: one serving process, real over HTTP or simulated, seen the same way.
 */
import type { CancelSignal } from './cancel-signal.ts'
import type { ChatMessage, Usage } from './chat.ts'
import type { ErrorCode } from './errors.ts'
import type { ModelId, ReplicaId, RoleId } from './ids.ts'
import type { JsonObject, JsonValue } from './json.ts'
import type { StepKind } from './plan.ts'
import type { StrategyId } from './strategy.ts'

/** What a call means, beside its text. A simulated engine in the same process reads this; an HTTP engine ignores it. */
export interface CallMeaning {
  /** The user's question, as in `Query.text`. */
  readonly questionText: string
  /** Null: no strategy instruction stands in the prompt (a relayed request). */
  readonly strategy: StrategyId | null
  readonly kind: StepKind
  readonly role: RoleId | null
  /** Final answers (extracted, or whole texts where not comparable) of the steps that this one reads. */
  readonly inputs: readonly string[]
  /** Which model gave each input, in the same order; absent where not known. */
  readonly inputModels?: readonly ModelId[]
}

export interface EngineCall {
  /** Unique per attempt, `run_.../round/agent/attempt`: sent as X-Request-Id, and the key of simulated draws. */
  readonly id: string
  /** Composed only where an engine needs the text: the simulated one does not. */
  messages(): readonly ChatMessage[]
  readonly meaning: CallMeaning
  /** Estimated until the engine says. */
  readonly promptTokens: number
  readonly maxOutputTokens: number
  /** The absolute deadline in ms (smaller = sooner), for engines that order by priority. */
  readonly deadlineAtMs: number
  /** Further body fields in OpenAI's names: sampling, tools, response_format. */
  readonly body: JsonObject
}

/** A piece of a streamed answer. At least one field is set. */
export interface Delta {
  readonly text?: string
  /** Reasoning that the engine sends apart from the answer. */
  readonly reasoning?: string
  /** As in the chunk's `delta.tool_calls`. */
  readonly toolCalls?: JsonValue
  /** Log-probabilities as in the chunk's `choices[0].logprobs`. */
  readonly logprobs?: JsonValue
}

export interface CallObserver {
  /** The first token (text, reasoning or tool call) came. */
  firstToken?(atMs: number): void
  /** Awaited, so a slow reader holds the engine's stream back. Absent: no event per token. */
  delta?(delta: Delta): void | Promise<void>
}

export interface EngineError {
  readonly code: Extract<
    ErrorCode,
    | 'ENGINE_UNREACHABLE'
    | 'ENGINE_BAD_RESPONSE'
    | 'ENGINE_OVERLOADED'
    | 'ENGINE_TIMEOUT'
    | 'STREAM_INTERRUPTED'
    | 'CONTEXT_TOO_LONG'
    | 'REQUEST_INVALID'
    | 'MODEL_UNKNOWN'
  >
  readonly message: string
  /** HTTP status, where there was one. */
  readonly status: number | null
  /** From Retry-After, in ms from the failure; null: not said. */
  readonly retryAfterMs: number | null
}

export interface CallResult {
  /** `done`: a natural end; `cut`: stopped by the output cap; `aborted`: by our signal; `failed`: see `error`. */
  readonly status: 'done' | 'cut' | 'aborted' | 'failed'
  /** Text so far, also when aborted or failed. Reasoning sent apart is not in it. */
  readonly text: string
  readonly reasoning: string
  readonly toolCalls: JsonValue | null
  /** Log-probabilities of the whole answer where asked for; null otherwise. */
  readonly logprobs: JsonValue | null
  readonly usage: Usage
  /** False where the engine sent no usage and the counts are our estimate. */
  readonly isUsageReported: boolean
  readonly sentAtMs: number
  readonly firstTokenAtMs: number | null
  readonly finishedAtMs: number
  /** OpenAI's word: stop, length, tool_calls, content_filter; empty when aborted or failed. */
  readonly finishReason: string
  readonly error: EngineError | null
}

/** Sum and count of a histogram since the engine started. Sums in ms. */
export interface SumCount {
  readonly sumMs: number
  readonly count: number
}

export interface EngineReading {
  readonly atMs: number
  /** `unsupported`: the engine serves but publishes no metrics (not an error). */
  readonly health: 'ok' | 'loading' | 'down'
  readonly dialect: string
  /** Null wherever the engine does not say: absent is not zero. */
  readonly running: number | null
  readonly waiting: number | null
  /** KV-cache usage, 0-1. */
  readonly kvUsage: number | null
  readonly ttft: SumCount | null
  readonly interToken: SumCount | null
  readonly e2e: SumCount | null
  readonly queueTime: SumCount | null
  /** Longest prompt plus output in tokens. */
  readonly contextTokens: number | null
  readonly slots: number | null
  readonly kvTokens: number | null
  /** Model names that the engine answers to. */
  readonly servedModels: readonly string[]
  /** Which metric name was read for which field, and which expected ones are missing. */
  readonly metricNames: Readonly<Record<string, string>>
  readonly missing: readonly string[]
}

export interface Engine {
  readonly id: ReplicaId
  readonly model: ModelId
  /** Runs one call. Settles exactly once and never rejects; an abort settles with the partial text. */
  run(call: EngineCall, signal: CancelSignal, observer?: CallObserver): Promise<CallResult>
  /** Load, health and capabilities. Never rejects: an unreachable engine reads as `down`. */
  read(signal: AbortSignal): Promise<EngineReading>
}
