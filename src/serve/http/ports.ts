/**
 * @file What the gateway needs from the rest of the program, and what it offers.
 *
 * The gateway owns HTTP alone: reading requests, refusing them, writing answers. Running a query, choosing a replica and
 * talking to engines happen behind these ports, so that tests hand in fakes and the demo hands in simulated engines.
 */
import type { Clock, ClusterState, ModelId, ReplicaId, RunId, RunRecord } from '../../core/index.ts'
import type { QueryRequest, Runtime } from '../../flow/index.ts'
import type { RelayRequest, RelayResponse } from '../../pool/index.ts'
import type { ApiKey, ListenAddress, VirtualModel } from '../config/index.ts'

export type {
  AnswerSink,
  Lease,
  LeaseRequest,
  QueryRequest,
  RunResult,
  Runtime,
  StepEvent,
} from '../../flow/index.ts'

export type { RelayRequest, RelayResponse }

export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>

/** Sends to one replica. Rejects with InframindError before a response, or with the signal's reason. */
export type RelayPort = (replica: ReplicaId, request: RelayRequest, signal: AbortSignal) => Promise<RelayResponse>

export interface EngineModel {
  readonly model: ModelId
  /** Null: unknown. */
  readonly contextTokens: number | null
}

/** What the gateway logs with: a pino logger fits. */
export interface GatewayLogger {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export interface GatewayLimits {
  /** Requests under way at once; more get 429 `QUEUE_FULL`. */
  readonly waiting: number
  readonly bodyBytes: number
  /** Open sockets; null: no limit of ours. */
  readonly connections: number | null
}

export interface GatewayDeps {
  readonly clock: Clock
  readonly runtime: Runtime
  cluster(): ClusterState
  /** Models that engines serve now, in the order of the config. */
  engineModels(): readonly EngineModel[]
  /** Holds `inframind`. */
  readonly virtualModels: ReadonlyMap<string, VirtualModel>
  /** Topologies that a request may name. */
  readonly topologies: readonly string[]
  readonly defaultBudgetMs: number
  readonly relay: RelayPort
  /** The `priority` that says `deadlineAtMs` in this engine's polarity; null: it takes none. Absent: none does. */
  relayPriority?(replica: ReplicaId, deadlineAtMs: number): number | null
  readonly runs: { find(runId: RunId): RunRecord | undefined }
  /** An engine is usable. */
  isReady(): boolean
  /** Null: no key is asked for. */
  readonly keys: readonly ApiKey[] | null
  readonly limits: GatewayLimits
  /** 95 % quantile of what the default team would take for `query` now, in ms; null: no engine is known to be usable. Absent: never known. */
  predictP95Ms?(query: QueryRequest): number | null
  /** Told as `system_fingerprint`; read for each request. */
  readonly policyHash: string
  /** For metrics. */
  policy?(): PolicyStatus
  readonly logger?: GatewayLogger
  /** Answers come from simulated engines: said wherever it could be mistaken. */
  readonly simulated?: boolean
}

/** Which policies serve, and what became of their decisions since the start. */
export interface PolicyStatus {
  readonly planner: string
  readonly executor: string
  readonly hash: string
  readonly fallbacks: readonly { readonly level: string; readonly reason: string; readonly count: number }[]
  /** Decisions that another policy was asked for too. */
  readonly comparisons: readonly { readonly level: string; readonly outcome: string; readonly count: number }[]
  readonly reloads: readonly { readonly outcome: string; readonly count: number }[]
}

/** A response in-process, without a socket. */
export interface InjectedResponse {
  readonly status: number
  readonly headers: Headers
  readonly body: string
}

export interface InjectedRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH' | 'HEAD' | 'OPTIONS'
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array | object
}

export interface Gateway {
  /** Rejects with the system's error where the address cannot be taken. `url`: with the port that was given. */
  listen(address: ListenAddress): Promise<{ readonly url: string }>
  inject(request: InjectedRequest): Promise<InjectedResponse>
  /**
   * Takes no new work (503, `/ready` false), lets what runs finish for `drainMs`, then aborts the rest and closes.
   * Resolves to whether everything finished by itself. Later calls return the first one's promise.
   */
  close(options: { readonly drainMs: number }): Promise<boolean>
}
