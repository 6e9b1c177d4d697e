/** @file What every run of a runtime shares: the world's ports, the policies, the caps, the settings. */
import type {
  CallResult,
  Clock,
  ClusterState,
  DispatchStore,
  Engine,
  Executor,
  ModelId,
  Planner,
  Predictor,
  ReplicaId,
  TraceSink,
} from '../../core/index.ts'
import { isReasoningModelName } from '../../policy/index.ts'
import type { TopologyBook } from '../../team/index.ts'
import type { TokenBucket } from './token-bucket.ts'

export interface RuntimeSettings {
  /** Kept between the decision to answer and the deadline, so that the last byte is out in time. ms. */
  readonly replyMarginMs: number
  /** Most tokens of one agent's output that another one reads. */
  readonly edgeTokens: number
  /**
   * Whether the deadline ends a run. False: policies and scheduler see it, but no step is dropped, cut or insured for
   * it, and the answer comes when it comes. For benchmarks of methods that know no deadline.
   */
  readonly enforcesDeadline: boolean
  /** Whether another model is asked where the only call's cap cut its answer before it was said. */
  readonly rescuesUnread: boolean
  /** Whether insurance calls are made. */
  readonly insures: boolean
  /** Quality points that a slot-second of insurance must earn. */
  readonly insurancePrice: number
  /** Most times that a waiting step's arm may be chosen again. */
  readonly maxRechoices: number
  /** Models that reason at length whatever they are told: their output caps leave room. */
  readonly isReasoningModel: (model: ModelId) => boolean
}

export const defaultRuntimeSettings: RuntimeSettings = {
  replyMarginMs: 25,
  edgeTokens: 600,
  enforcesDeadline: true,
  rescuesUnread: true,
  insures: true,
  insurancePrice: 0.02,
  maxRechoices: 3,
  isReasoningModel: isReasoningModelName,
}

/** Who keeps count of our calls: the monitor. */
export interface CallListener {
  firstToken(callId: string, replica: ReplicaId): void
  /** For the replica's circuit breaker. Comes before the room is released. */
  settled(callId: string, replica: ReplicaId, result: CallResult): void
}

export interface RunContext {
  readonly clock: Clock
  readonly engines: ReadonlyMap<ReplicaId, Engine>
  readonly state: () => ClusterState
  readonly dispatch: DispatchStore
  readonly planner: Planner
  readonly executor: Executor
  readonly predictor: Predictor
  /** The topologies that plans may name. */
  readonly topologies: TopologyBook
  readonly trace: TraceSink
  readonly calls: CallListener
  readonly settings: RuntimeSettings
  /** Cap retries and insurance over all runs. */
  readonly retries: TokenBucket
  readonly insurance: TokenBucket
}
