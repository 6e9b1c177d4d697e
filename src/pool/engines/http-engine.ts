/**
 * @file An engine over HTTP: the client of vLLM, llama.cpp and anything else that speaks OpenAI's chat protocol.
 *
 * Joins the parts: a pool of sockets, the request's body, the running of calls (`http-call.ts`), readings
 * (`read-engine.ts`), the relay (`relay.ts`). It holds no queue and no deadline: the caller's signal ends a call.
 */
import type {
  CallObserver,
  CallResult,
  CancelSignal,
  Clock,
  Engine,
  EngineCall,
  EngineReading,
  JsonObject,
  ModelId,
  ReplicaId,
  StrategyId,
} from '../../core/index.ts'
import type { DialectId } from './dialects/dialect.ts'
import { dialects } from './dialects/dialects.ts'
import { parseEngineUrl } from './engine-address.ts'
import { createEnginePool } from './engine-pool.ts'
import { runHttpCall } from './http-call.ts'
import { createEngineReader } from './read-engine.ts'
import { type RelayEngine, type RelayRequest, relayThrough } from './relay.ts'
import { priorityFor, requestBody } from './request-body.ts'

export interface HttpEngineOptions {
  readonly id: ReplicaId
  /** The model as clients and records name it. */
  readonly model: ModelId
  /** The model as the engine names it. */
  readonly servedModel: string
  /** `http://host:port`, with or without `/v1` at its end. */
  readonly url: string
  readonly apiKey?: string
  readonly dialect: DialectId
  readonly clock: Clock
  /** Body fields that go with a strategy: `reasoning_effort`, `chat_template_kwargs`. The call's own fields beat them. */
  readonly extraBody?: Partial<Record<StrategyId, JsonObject>>
  /** Whether it takes a `priority` other than 0: probed, since vLLM answers 400 where it runs without priorities. */
  readonly acceptsPriority: boolean
  /** Default false: the cap goes out as `max_tokens`. */
  readonly usesMaxCompletionTokens?: boolean
  /** Configured slots, reported in readings where the engine does not say. Absent or null: not configured. */
  readonly slots?: number | null
}

export interface HttpEngine extends Engine, RelayEngine {
  /** The model as the engine names it: for the `model` field of a relayed body. */
  readonly servedModel: string
  /** The deadline as this engine's `priority`; null: it takes none. */
  priorityFor(deadlineAtMs: number): number | null
  /** Ends what is under way and closes the sockets. */
  close(): Promise<void>
}

/** Throws ConfigError when the URL is none. Opens no connection. */
export function createHttpEngine(options: HttpEngineOptions): HttpEngine {
  const { origin, prefix } = parseEngineUrl(options.url)
  const pool = createEnginePool(origin)
  const dialect = dialects[options.dialect]
  const headers: Readonly<Record<string, string>> =
    options.apiKey === undefined ? {} : { authorization: `Bearer ${options.apiKey}` }
  const polarity = options.acceptsPriority ? dialect.priority : 'none'
  const bodyOptions = {
    servedModel: options.servedModel,
    extraBody: options.extraBody ?? {},
    usesMaxCompletionTokens: options.usesMaxCompletionTokens ?? false,
    priority: polarity,
  }
  const run = (call: EngineCall, signal: CancelSignal, observer: CallObserver = {}): Promise<CallResult> =>
    runHttpCall({
      pool,
      path: `${prefix}/v1/chat/completions`,
      headers: {
        ...headers,
        'content-type': 'application/json',
        accept: 'text/event-stream, application/json',
        'x-request-id': call.id,
      },
      body: () => requestBody(call, bodyOptions),
      call,
      clock: options.clock,
      signal,
      observer,
    })
  const read: (signal: AbortSignal) => Promise<EngineReading> = createEngineReader({
    ...options,
    slots: options.slots ?? null,
    pool,
    prefix,
    headers,
    dialect,
  })
  return {
    id: options.id,
    model: options.model,
    servedModel: options.servedModel,
    run,
    read,
    relay: (request: RelayRequest, signal: AbortSignal) => relayThrough({ pool, prefix, headers }, request, signal),
    priorityFor: (deadlineAtMs) => priorityFor(deadlineAtMs, polarity),
    close: () => pool.destroy(),
  }
}
