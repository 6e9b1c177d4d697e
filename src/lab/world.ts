/**
 * @file The world builder: joins engines, monitor, policies, scheduler and runtime into one working whole.
 *
 * The same function builds the live world (wall clock, engines over HTTP) and the twin's (virtual clock, simulated
 * engines in the same process): what differs is what is handed in, never how it is joined.
 */
import type {
  Admission,
  Clock,
  ClusterState,
  Engine,
  EngineReading,
  ModelId,
  ProfilePrior,
  Random,
  ReplicaId,
  RunId,
  TraceSink,
} from '../core/index.ts'
import {
  createAdmission,
  createDiscipline,
  createDispatcher,
  createRuntime,
  type DisciplineName,
  type Dispatcher,
  defaultRuntimeSettings,
  type Runtime,
  type RuntimeSettings,
  TokenBucket,
} from '../flow/index.ts'
import {
  type BaselineSpec,
  createPolicySet,
  type ExecutorSpec,
  type ModelTier,
  type PlannerSpec,
  type PolicySet,
  type PolicySetOptions,
  type PriceSpec,
} from '../policy/index.ts'
import { callHealth, createMonitor, type Monitor } from '../pool/index.ts'
import { createTopologyBook, type TopologyBook } from '../team/index.ts'
import { blindExecutor, blindPlanner } from './load-blind.ts'
import { type Scrambles, scramblePolicies } from './scrambled.ts'
import { warmUp } from './warm-up.ts'

/** Which policies decide. */
export interface PolicyChoice {
  readonly planner: PlannerSpec
  readonly executor: ExecutorSpec
  readonly discipline: DisciplineName
  /** Safety factor to start from, 1-3.3. Default: 2.2. */
  readonly safety?: number
  /** Takes the place of planner and executor. */
  readonly baseline?: BaselineSpec
  /** For ablation: what must decide without seeing the load. */
  readonly isBlind?: { readonly planner: boolean; readonly executor: boolean }
  /** For ablation: what of the world is shown wrongly. */
  readonly scrambles?: Scrambles
  /** Whether slow arms may be taken with a quicker one beside them. Default true; false for ablation. */
  readonly plansBackups?: boolean
  /** Factor on congestion prices; 0: selfish, for ablation. Default 1. */
  readonly congestionFactor?: number
  /** Where prices come from. Default: from the models' pressure alone. */
  readonly prices?: PriceSpec
  /** Whether quality and length are read per question, where the prior holds a reading. Default false. */
  readonly readsQuestions?: boolean
}

/** What serves unless something else is asked for: training-free. */
export const defaultPolicy: PolicyChoice = { planner: 'rules', executor: 'slack-greedy', discipline: 'edf-demote' }

export interface WorldOptions {
  readonly clock: Clock
  readonly engines: readonly Engine[]
  /** What policies may know of the models beforehand; models without an entry get an assumed one. */
  readonly prior: ProfilePrior
  readonly tiers?: Readonly<Partial<Record<ModelId, ModelTier>>>
  readonly policy?: PolicyChoice
  /** Default: the built-in ones. */
  readonly topologies?: TopologyBook
  readonly trace: TraceSink
  readonly random: Random
  readonly createRunId: () => RunId
  /** Configured slots of a replica; null: as it reports, else learned. */
  readonly slots?: (replica: ReplicaId) => number | null
  /** Configured KV size of a replica in tokens; null: as it reports. */
  readonly kvTokens?: (replica: ReplicaId) => number | null
  /** Configured longest prompt plus output of a replica in tokens; null: as it reports. */
  readonly contextTokens?: (replica: ReplicaId) => number | null
  /** Part of every replica that this gateway may fill, 0-1. Default 1. */
  readonly share?: number
  readonly pollMs?: number
  /** Most calls that wait at the gateway. Default 10,000. */
  readonly maxWaiting?: number
  readonly settings?: Partial<RuntimeSettings>
  /** False: calls go to the engines at once and wait there, for ablation. Default true. */
  readonly holdsBack?: boolean
  readonly onReading?: (replica: ReplicaId, reading: EngineReading) => void
  /** Hears of every decision that a learned policy could not make, and training-free ones made instead. */
  readonly onFallback?: PolicySetOptions['onFallback']
  /** Puts something before or in the place of the policies that `policy` asks for: to learn from them, or to try others. */
  readonly wrapPolicies?: (policies: PolicySet) => PolicySet
}

export interface World {
  readonly clock: Clock
  readonly monitor: Monitor
  readonly dispatcher: Dispatcher
  readonly runtime: Runtime
  state(): ClusterState
  /** Compiles the decisions before the first query; see warm-up.ts. Only worth it where time is real. */
  warmUp(): void
}

/** Tokens of a KV block: vLLM's default. Elsewhere rounding up to it errs on the safe side. */
const blockTokens = 16

/** No hold-back: the engine's own queue decides. */
const sendAtOnce: Admission = { decide: (_call, { isUsable }) => (isUsable ? 'send' : 'hold') }

/** What the dispatcher sees then: engines that always have a slot. */
const boundless = (monitor: Monitor): Pick<Monitor, 'views'> => ({
  views: (model) => monitor.views(model).map((view) => ({ ...view, slots: 1_000_000 })),
})

/** Every world scrambles alike: who is compared differs in nothing else. */
const scrambleSeed = 1

const impaired = (set: PolicySet, { isBlind, scrambles }: PolicyChoice): PolicySet => {
  const shown = {
    ...set,
    planner: isBlind?.planner ? blindPlanner(set.planner) : set.planner,
    executor: isBlind?.executor ? blindExecutor(set.executor) : set.executor,
  }
  return scrambles ? scramblePolicies(shown, scrambles, scrambleSeed) : shown
}

/** What a choice of policies says to `createPolicySet`; what it leaves open is left out. */
const policyOptionsOf = ({ prior, tiers, onFallback }: WorldOptions, policy: PolicyChoice) => ({
  prior,
  planner: policy.planner,
  executor: policy.executor,
  ...(policy.safety === undefined ? {} : { safety: policy.safety }),
  ...(policy.baseline === undefined ? {} : { baseline: policy.baseline }),
  ...(policy.plansBackups === undefined ? {} : { plansBackups: policy.plansBackups }),
  ...(policy.congestionFactor === undefined ? {} : { congestionFactor: policy.congestionFactor }),
  ...(policy.prices === undefined ? {} : { prices: policy.prices }),
  ...(policy.readsQuestions === undefined ? {} : { readsQuestions: policy.readsQuestions }),
  ...(tiers ? { tiers } : {}),
  ...(onFallback ? { onFallback } : {}),
})

/** Nothing polls until `world.monitor.start()`. */
export function buildWorld(options: WorldOptions): World {
  const { clock, engines, random } = options
  const policy = options.policy ?? defaultPolicy
  const models = [...new Set(engines.map(({ model }) => model))]
  const monitor = createMonitor({
    engines,
    clock,
    pollMs: options.pollMs ?? 1000,
    slots: options.slots ?? (() => null),
    share: options.share ?? 1,
    ...(options.kvTokens ? { kvTokens: options.kvTokens } : {}),
    ...(options.contextTokens ? { contextTokens: options.contextTokens } : {}),
    ...(options.onReading ? { onReading: options.onReading } : {}),
  })
  const dispatcher = createDispatcher({
    clock,
    discipline: createDiscipline(policy.discipline),
    admission: options.holdsBack === false ? sendAtOnce : createAdmission({ blockTokens }),
    random,
    // How a call ended was told before its room is released: the second telling changes nothing.
    pool: {
      ...monitor,
      ...(options.holdsBack === false ? boundless(monitor) : {}),
      callEnded: (callId, replica) => monitor.callEnded(callId, replica, null),
    },
    limits: { waiting: options.maxWaiting ?? 10_000 },
    rejectWhenUnusableMs: 5000,
  })
  monitor.onChange((model) => dispatcher.wake(model))
  const settings: RuntimeSettings = { ...defaultRuntimeSettings, ...options.settings }
  const topologies = options.topologies ?? createTopologyBook()
  const policyOptions = {
    ...policyOptionsOf(options, policy),
    models,
    topologies,
    isReasoningModel: settings.isReasoningModel,
  }
  const asked = impaired(createPolicySet(policyOptions), policy)
  const policies = options.wrapPolicies?.(asked) ?? asked
  const runtime = createRuntime(
    {
      clock,
      engines: new Map(engines.map((engine) => [engine.id, engine])),
      state: () => monitor.state(),
      dispatch: dispatcher,
      ...policies,
      topologies,
      trace: options.trace,
      calls: {
        firstToken: (callId, replica) => monitor.callFirstToken(replica, callId),
        settled: (callId, replica, result) => monitor.callEnded(callId, replica, callHealth(result)),
      },
      settings,
      // Extra calls stay a small share of the ordinary ones, whatever happens to the pool.
      retries: new TokenBucket({ earnedPerUse: 0.2, capacity: 20 }),
      insurance: new TokenBucket({ earnedPerUse: 0.25, capacity: 20 }),
    },
    options.createRunId,
  )
  return {
    clock,
    monitor,
    dispatcher,
    runtime,
    state: () => monitor.state(),
    warmUp: () => warmUp(policyOptions, monitor.state()),
  }
}
