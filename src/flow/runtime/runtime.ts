/**
 * @file The runtime: takes queries and relayed requests, gives each its run or its lease, and knows what is under way.
 */
import { type Degradation, InframindError, type RunId, type RunRecord, type StepRecord } from '../../core/index.ts'
import { containSink } from './contain-sink.ts'
import type { RunContext } from './context.ts'
import { createQuery } from './create-query.ts'
import { InFlight } from './in-flight.ts'
import { acquireLease } from './lease.ts'
import { refuse } from './refuse.ts'
import { restrictState } from './restrict-state.ts'
import type { AnswerSink, Lease, LeaseRequest, QueryRequest, RunResult, Runtime } from './runtime-port.ts'
import { Workflow } from './workflow.ts'

/** `createRunId`: unique per gateway; deterministic in virtual time. */
export function createRuntime(context: RunContext, createRunId: () => RunId): Runtime {
  const inFlight = new InFlight(context.clock)
  return {
    get inFlight() {
      return inFlight.count
    },
    drained: (timeoutMs) => inFlight.drained(timeoutMs),
    run: (request, signal, sink = {}) => {
      inFlight.enter()
      const runId = request.runId ?? createRunId()
      return runQuery(context, { ...request, runId }, { signal, sink }).finally(() => inFlight.leave())
    },
    lease: (request, signal) => leaseCounted(context, inFlight, { request, signal }),
  }
}

async function leaseCounted(
  context: RunContext,
  inFlight: InFlight,
  { request, signal }: { readonly request: LeaseRequest; readonly signal: AbortSignal | undefined },
): Promise<Lease> {
  inFlight.enter()
  try {
    const lease = await acquireLease(context, request, signal)
    const release = () => {
      lease.release()
      inFlight.leave()
    }
    return { replica: lease.replica, release }
  } catch (error) {
    inFlight.leave()
    throw error
  }
}

async function runQuery(
  context: RunContext,
  request: QueryRequest & { readonly runId: RunId },
  { signal, sink }: { readonly signal: AbortSignal | undefined; readonly sink: AnswerSink },
): Promise<RunResult> {
  const query = createQuery(request, request.runId)
  const allowed = request.allowedModels === undefined ? undefined : new Set(request.allowedModels)
  const state = () => restrictState(context.state(), allowed)
  const now = state()
  if (!now.models.some(({ isUsable }) => isUsable)) {
    const message = 'no engine is usable now: all are down or still loading; try again, or see `inframind check`'
    return refuse(context, query, new InframindError('POOL_UNAVAILABLE', message, { retryAfterMs: 2000 }))
  }
  context.retries.earn()
  context.insurance.earn()
  const plan = context.planner.plan(query, now)
  const plannedAtMs = context.clock.nowMs()
  const leave = () => workflow.leave()
  const policy = { planner: context.planner.name, executor: context.executor.name }
  const start = { query, plan, load: now.load, plannedAtMs, policy, state }
  const workflow: Workflow = new Workflow(context, start, containSink(sink, leave))
  if (signal?.aborted) leave()
  signal?.addEventListener('abort', leave, { once: true })
  const result = await workflow.run()
  signal?.removeEventListener('abort', leave)
  teach(context, result)
  return result
}

const fallbacks: readonly Degradation[] = ['insurance', 'best-so-far', 'cut']

/** A planned second call that gave an answer. */
const isBackup = ({ kind, outcome, choice }: StepRecord): boolean =>
  kind === 'insurance' && (outcome === 'done' || outcome === 'cut') && 'reason' in choice && choice.reason === 'backup'

/** Whether the answer is that of a second call which was planned with the first. */
const isByBackup = ({ answeredBy, steps }: RunRecord): boolean => answeredBy === 'insurance' && steps.some(isBackup)

/** Lets the policies learn from the run's end. */
function teach(context: RunContext, { record }: RunResult): void {
  if (record.outcome === 'aborted') return
  const wasPlanned = record.degraded.length === 1 && isByBackup(record)
  const outcome = {
    domain: record.query.domain,
    budgetMs: record.budgetMs,
    latencyMs: record.finishedAtMs - record.arrivedAtMs,
    isAnswered: record.outcome === 'answered',
    isOnTime: record.isOnTime,
    isDegraded: record.degraded.length > 0 && !wasPlanned,
    isFallback: record.degraded.some((word) => fallbacks.includes(word)) && !wasPlanned,
    strategy: null,
  }
  context.planner.runFinished?.(outcome)
  context.executor.runFinished?.(outcome)
}
