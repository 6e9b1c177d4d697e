/**
 * @file One query's run in slow motion: the real runtime and the real dispatcher over scripted engines, a manual clock,
 * and policies that do as the test says.
 */
import type {
  Arm,
  ArmEstimate,
  Backup,
  Choice,
  ClusterState,
  EngineView,
  Executor,
  Plan,
  Planner,
  Predictor,
  RunOutcome,
  StepContext,
} from '../src/core/index.ts'
import { createRandom, ShiftedLogNormal } from '../src/core/index.ts'
import { createRuntime, defaultRuntimeSettings, type RuntimeSettings, TokenBucket } from '../src/flow/runtime/index.ts'
import type { AnswerSink, QueryRequest } from '../src/flow/runtime/runtime-port.ts'
import { createAdmission, createDiscipline, createDispatcher } from '../src/flow/scheduler/index.ts'
import { createTopologyBook } from '../src/team/index.ts'
import {
  aClusterState,
  aPlan,
  ManualClock,
  MemoryTrace,
  ScriptedEngine,
  type ScriptedReply,
} from '../src/testing/index.ts'

export interface HarnessOptions {
  readonly plan?: Plan
  /** Arm for a step, or `stop`. Default: Concise on the first model not excluded. */
  readonly choose?: (step: StepContext, state: ClusterState) => Arm | 'stop'
  /** Planned beside every choice. Default: none. */
  readonly backup?: Backup
  readonly onRunFinished?: (outcome: RunOutcome) => void
  /** Mean service time of a model's arms in ms. Default 1,000. */
  readonly serviceMs?: (arm: Arm) => number
  /** Log-spread of the predictions. Default 0.2. */
  readonly sigma?: number
  readonly slots?: number
  readonly engines: readonly ScriptedEngine[]
  readonly settings?: Partial<RuntimeSettings>
  readonly retryTokens?: number
  readonly insuranceTokens?: number
  readonly maxWaiting?: number
}

export function createHarness(clock: ManualClock, options: HarnessOptions) {
  const { engines, slots = 4 } = options
  const down = new Set<string>()
  const inFlight = new Map<string, Set<string>>(engines.map(({ id }) => [id, new Set()]))
  const models = [...new Set(engines.map(({ model }) => model))]
  const views = (model: string): readonly EngineView[] =>
    engines
      .filter((engine) => engine.model === model)
      .map(({ id }) => ({
        replica: id,
        isUsable: !down.has(id),
        slots,
        inFlight: inFlight.get(id)!.size,
        kvTokens: null,
        contextTokens: null,
        held: [],
        foreignKvTokens: 0,
      }))
  const state = (): ClusterState =>
    aClusterState({
      atMs: clock.nowMs(),
      models: models.map((model) => ({
        model,
        replicas: views(model).map(({ replica, isUsable }) => ({ replica, isUsable, slots })),
      })),
    })
  const predictor = createPredictor(options)
  const trace = new MemoryTrace()
  const dispatch = createDispatcher({
    clock,
    discipline: createDiscipline('edf-demote'),
    admission: createAdmission(),
    random: createRandom(1),
    limits: { waiting: options.maxWaiting ?? 100 },
    rejectWhenUnusableMs: 500,
    pool: {
      views,
      callStarted: (replica, call) => void inFlight.get(replica)!.add(call.id),
      callEnded: (callId, replica) => void inFlight.get(replica)!.delete(callId),
      setGatewayWaiting: () => {},
    },
  })
  /** What was said of the replicas' health. */
  const verdicts: string[] = []
  let runs = 0
  const runtime = createRuntime(
    {
      clock,
      engines: new Map(engines.map((engine) => [engine.id, engine])),
      state,
      dispatch,
      planner: { name: 'scripted', plan: () => options.plan ?? aPlan() } satisfies Planner,
      executor: createExecutor(options, predictor),
      predictor,
      topologies: createTopologyBook(),
      trace,
      calls: {
        firstToken: () => {},
        settled: (_callId, replica, { status, error }) =>
          void verdicts.push([replica, status, error?.code].filter((word) => word !== undefined).join(' ')),
      },
      settings: { ...defaultRuntimeSettings, insures: false, ...options.settings },
      retries: new TokenBucket({ earnedPerUse: 0, capacity: options.retryTokens ?? 10 }),
      insurance: new TokenBucket({ earnedPerUse: 0, capacity: options.insuranceTokens ?? 10 }),
    },
    () => {
      runs += 1
      return `run_${runs}`
    },
  )
  const ask = (request: Partial<QueryRequest> = {}, signal?: AbortSignal, sink?: AnswerSink) =>
    runtime.run(
      {
        arrivedAtMs: clock.nowMs(),
        budgetMs: 10_000,
        messages: [{ role: 'user', content: 'What is 17 * 23?' }],
        domain: 'math',
        ...request,
      },
      signal,
      sink,
    )
  const busy = () => engines.reduce((sum, { id }) => sum + inFlight.get(id)!.size, 0)
  return { verdicts, runtime, dispatch, trace, ask, busy, down, state }
}

function createPredictor({ serviceMs = () => 1000, sigma = 0.2 }: HarnessOptions): Predictor {
  const predict = (arm: Arm): ArmEstimate => {
    const meanMs = serviceMs(arm)
    return {
      arm,
      latencyMs: ShiftedLogNormal.fromMean(0, meanMs, sigma),
      queueMs: 0,
      ttftMs: meanMs / 10,
      tpotMs: 10,
      outputTokens: ShiftedLogNormal.fromMean(0, 100, 0.2),
      serviceMs: meanMs,
      quality: 0.7,
    }
  }
  return { predict, observe: () => {}, error: () => null }
}

function createExecutor({ choose, backup, onRunFinished }: HarnessOptions, predictor: Predictor): Executor {
  const first = (step: StepContext, state: ClusterState): Arm => ({
    model:
      state.models.find(({ model, isUsable }) => isUsable && !step.excludedModels.includes(model))?.model ?? 'none',
    strategy: 'Concise',
  })
  return {
    name: 'scripted',
    choose: (step, state): Choice => {
      const arm = (choose ?? first)(step, state)
      if (arm === 'stop') return { kind: 'stop', reason: 'answers-agree' }
      const estimate = predictor.predict(arm, { query: step.query, kind: step.step.kind, promptTokens: 10 }, state)
      const chosen = { kind: 'arm', arm, estimate, reason: 'fixed', shareMs: null, price: 0.01, score: 0.69 } as const
      return { ...chosen, ...(backup ? { backup } : {}), alternatives: [] }
    },
    runFinished: (outcome) => onRunFinished?.(outcome),
  }
}

/** An answer of a scripted engine that takes `ms`. */
export const answerAfter = (ms: number, answer: string | number) => ({
  text: `Some thought. The answer is ${answer}.`,
  outputTokens: 1,
  firstTokenAfterMs: ms,
})

/** A clock and one scripted engine per id: `a#1` is the first replica of model `a`. */
export const setUp = (scripts: Readonly<Record<string, readonly ScriptedReply[]>>) => {
  const clock = new ManualClock()
  const engines = Object.entries(scripts).map(
    ([id, replies]) => new ScriptedEngine({ clock, id, model: id.split('#')[0] as string, replies }),
  )
  return { clock, engines }
}

/** So many agents side by side, and a vote. */
export const voters = (count: number) =>
  aPlan({
    topology: 'io',
    agents: count,
    merge: 'vote',
    steps: Array.from({ length: count }, (_, index) => ({ id: `0/${index}`, isLast: false })),
  })

/** Two agents side by side, and a model that merges. */
export const advisorsAndJudge = aPlan({
  topology: 'io',
  agents: 2,
  merge: 'model',
  stopsOnAgreement: true,
  steps: [
    { id: '0/0', isLast: false, stepsToEnd: 2 },
    { id: '0/1', isLast: false, stepsToEnd: 2 },
    { id: 'last', kind: 'aggregate', role: 'Judge', dependsOn: ['0/0', '0/1'], reads: ['0/0', '0/1'] },
  ],
})
