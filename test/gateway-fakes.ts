/**
 * @file A gateway over fakes: a runtime that does what a test scripts, engines that answer what a test hands in.
 *
 * Strict: a call that no test expects rejects, which the gateway shows as its own failure (500).
 */
import { Readable } from 'node:stream'
import { createWallClock, type Plan, type RunRecord } from '../src/core/index.ts'
import type { AnswerSink, Lease, LeaseRequest, QueryRequest, RunResult, Runtime, StepEvent } from '../src/flow/index.ts'
import type { RelayRequest, RelayResponse } from '../src/pool/index.ts'
import { createGateway, type Gateway, type GatewayDeps, type VirtualModel } from '../src/serve/index.ts'
import { aClusterState, aPlan, aRunRecord, aStepRecord } from '../src/testing/index.ts'

export interface RunCall {
  readonly request: QueryRequest
  readonly signal: AbortSignal
  readonly sink: AnswerSink
}
export type RunScript = (call: RunCall) => Promise<RunResult>

/** A record that fits the request, and the answer that goes with it. */
export function answered(request: QueryRequest, text: string, overrides: Partial<RunResult> = {}): RunResult {
  const record: RunRecord = aRunRecord({
    runId: request.runId ?? 'run_none',
    arrivedAtMs: request.arrivedAtMs,
    finishedAtMs: request.arrivedAtMs + 1300.04,
    deadlineAtMs: request.arrivedAtMs + request.budgetMs,
    budgetMs: request.budgetMs,
    steps: [aStepRecord(), aStepRecord({ stepId: '0/1', choice: { stop: 'agreement' }, outcome: 'stopped' })],
    usage: { promptTokens: 500, outputTokens: 320 },
    degraded: overrides.degraded ?? [],
  })
  return {
    status: 'answered',
    text,
    reasoning: '',
    toolCalls: null,
    logprobs: null,
    finishReason: 'stop',
    degraded: [],
    error: null,
    record,
    ...overrides,
  }
}

/** Answers at once, streamed word by word where somebody listens. */
export const says =
  (text: string, overrides: Partial<RunResult> = {}): RunScript =>
  async ({ request, sink }) => {
    sink.planned?.(request.runId as string, aPlan())
    for (const word of text.match(/\S+\s*/g) ?? []) await sink.delta?.({ text: word })
    return answered(request, text, overrides)
  }

export const aStepEvent = (overrides: Partial<StepEvent> = {}): StepEvent => ({
  type: 'step-started',
  stepId: '0/0',
  role: 'MathSolver',
  arm: { model: 'small', strategy: 'Concise' },
  atMs: 0,
  ...overrides,
})

export interface Deferred<T> {
  readonly promise: Promise<T>
  resolve(value: T): void
}

/** A promise that the test settles. */
export function deferred<T>(): Deferred<T> {
  let resolve: Deferred<T>['resolve'] = () => {}
  const promise = new Promise<T>((settle) => {
    resolve = settle
  })
  return { promise, resolve: (value) => resolve(value) }
}

/** Lets the event loop turn until `condition` holds; fails after very many turns, so that a bug does not hang a run. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 1_000_000; turn += 1) {
    if (await condition()) return
    await new Promise(setImmediate)
  }
  throw new Error('waited in vain')
}

/** Settles when `signal` aborts. */
export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })

export class FakeRuntime implements Runtime {
  readonly requests: QueryRequest[] = []
  readonly leases: LeaseRequest[] = []
  released = 0
  inFlight = 0
  script: RunScript
  lease: (request: LeaseRequest, signal?: AbortSignal) => Promise<Lease>

  constructor(script: RunScript = () => Promise.reject(new Error('unexpected run'))) {
    this.script = script
    this.lease = (request) => {
      this.leases.push(request)
      let isReleased = false
      const release = () => {
        if (isReleased) throw new Error('released twice')
        isReleased = true
        this.released += 1
      }
      return Promise.resolve({ replica: `${request.model}#1`, release })
    }
  }

  async run(request: QueryRequest, signal: AbortSignal, sink: AnswerSink): Promise<RunResult> {
    this.requests.push(request)
    return await this.script({ request, signal, sink })
  }

  drained(): Promise<boolean> {
    return Promise.resolve(true)
  }

  get lastRequest(): QueryRequest {
    const request = this.requests.at(-1)
    if (request === undefined) throw new Error('nothing was run')
    return request
  }
}

export const virtualModel = (overrides: Partial<VirtualModel> = {}): VirtualModel => ({
  budgetMs: null,
  domain: null,
  limits: {},
  ...overrides,
})

export interface Harness {
  readonly gateway: Gateway
  readonly runtime: FakeRuntime
  /** What reached engines. */
  readonly relayed: (RelayRequest & { readonly replica: string })[]
}

/** Engines `small` and `org/large`; virtual models `inframind` and `fast` (5 s, topology io). */
export async function aGateway(
  script?: RunScript,
  overrides: Partial<GatewayDeps> & { readonly engineAnswer?: () => Promise<RelayResponse> | RelayResponse } = {},
): Promise<Harness> {
  const runtime = new FakeRuntime(script)
  const relayed: Harness['relayed'] = []
  const { engineAnswer = () => engineSays('{"ok":true}'), ...deps } = overrides
  const gateway = await createGateway({
    clock: createWallClock(),
    runtime,
    cluster: () => aClusterState({ models: [{ model: 'small' }, { model: 'org/large', kvUsage: null }] }),
    engineModels: () => [
      { model: 'small', contextTokens: 8192 },
      { model: 'org/large', contextTokens: null },
    ],
    virtualModels: new Map([
      ['inframind', virtualModel()],
      ['fast', virtualModel({ budgetMs: 5000, limits: { topology: 'io', strategy: 'Flash' } })],
    ]),
    topologies: ['io', 'chain', 'debate'],
    defaultBudgetMs: 30_000,
    relay: async (replica, request) => {
      relayed.push({ replica, ...request })
      return await engineAnswer()
    },
    runs: { find: () => undefined },
    isReady: () => true,
    keys: null,
    limits: { waiting: 100, bodyBytes: 1024 * 1024, connections: null },
    policyHash: 'policy_1',
    ...deps,
  })
  return { gateway, runtime, relayed }
}

export const engineSays = (text: string, overrides: Partial<RelayResponse> = {}): RelayResponse => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: Readable.from([Buffer.from(text)]),
  ...overrides,
})

export const chat = (fields: object = {}) => ({
  model: 'inframind',
  messages: [{ role: 'user', content: 'What is 17 x 23?' }],
  ...fields,
})

export const aTwoAgentPlan = (): Plan => aPlan({ topology: 'debate', agents: 2, steps: [{ id: '0/0' }, { id: '0/1' }] })
