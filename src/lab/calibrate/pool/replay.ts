/**
 * @file Plays measured traffic once more, on the simulated engines of a profile in virtual time.
 *
 * Every call arrives with its own prompt, and writes the tokens that it wrote (or those that a caller of `replay` puts in
 * their place). Busy periods, between which nothing was under way anywhere, are played each by itself: what happens in one
 * cannot delay the next. Within a period, open traffic keeps its instants; closed traffic (so many requests under way at
 * all times, one sent as another ends) keeps its causes instead: a call that was sent just after another ended is sent
 * just after that one ends in the simulation. Otherwise a simulated engine that is a little slower would be buried under
 * work that the real client would have held back. Traffic is taken as closed where most calls have such a cause.
 *
 * Cost: some 20 us a call, and nanoseconds a step.
 */
import {
  type CallResult,
  CallSignal,
  type CancelSignal,
  type EngineCall,
  type ModelId,
  type Profile,
  type ReplicaId,
} from '../../../core/index.ts'
import {
  createSimulatedEngine,
  createVirtualClock,
  type SimulatedEngine,
  shareGpus,
  type VirtualClock,
} from '../../../twin/index.ts'
import type { PoolCall } from './pool-call.ts'
import { byKey } from './traffic.ts'

export interface Replayed {
  /** Null: it could not run (its prompt does not fit). ms. */
  readonly ttftMs: number | null
  readonly e2eMs: number | null
}

/** What makes calls come: for each, the index of the call whose end caused it, and how long after; null: its instant. */
export type Causes = readonly ({ readonly index: number; readonly lagMs: number } | null)[]

export interface ReplayOptions {
  readonly profile: Pick<Profile, 'models' | 'gpus' | 'apiOverheadMs' | 'prefillChunkTokens' | 'colocationEta'>
  readonly causes: Causes
  /** Tokens that the calls write, in their order. Default: as measured. */
  readonly outputTokens?: readonly number[]
}

/** Sent within this time of another's end, a call counts as caused by it. ms. */
const mostLagMs = 50
/** Share of calls with a cause, of those that could have one, from which on a busy period counts as closed. */
const closedFraction = 0.6

/** Busy periods as [first, after last]. `calls` in the order of sending. */
function busyPeriods(calls: readonly PoolCall[]): readonly (readonly [number, number])[] {
  const starts: number[] = []
  let busyUntilMs = Number.NEGATIVE_INFINITY
  for (const [index, { sentAtMs, finishedAtMs }] of calls.entries()) {
    if (sentAtMs >= busyUntilMs) starts.push(index)
    busyUntilMs = Math.max(busyUntilMs, finishedAtMs)
  }
  return starts.map((start, place) => [start, starts[place + 1] ?? calls.length] as const)
}

/** Finds who caused whom; null where a period's traffic is open. `calls` in the order of sending. */
export function causesOf(calls: readonly PoolCall[]): Causes {
  return busyPeriods(calls).flatMap(([from, to]) => {
    const causes = causesWithin(calls.slice(from, to))
    return causes.map((cause) => cause && { ...cause, index: cause.index + from })
  })
}

function causesWithin(calls: readonly PoolCall[]): Causes {
  const ends = calls
    .map(({ finishedAtMs, engine }, index) => ({ finishedAtMs, engine, index }))
    .sort((a, b) => a.finishedAtMs - b.finishedAtMs)
  const open: (typeof ends)[number][] = []
  /** Of each engine. */
  const latest = new Map<ReplicaId, (typeof ends)[number]>()
  // Calls that could have had a cause: sent when something had ended.
  let [next, later, caused] = [0, 0, 0]
  const causes = calls.map(({ sentAtMs, engine }) => {
    for (let end = ends[next]; end && end.finishedAtMs <= sentAtMs; end = ends[++next]) {
      open.push(end)
      latest.set(end.engine, end)
    }
    if (next > 0) later += 1
    const just = open.at(-1)
    const isCaused = just !== undefined && sentAtMs - just.finishedAtMs <= mostLagMs
    if (isCaused) {
      open.pop()
      caused += 1
    }
    // The first calls of a new level wait for the last ones of the level before.
    const cause = isCaused ? just : latest.get(engine)
    return cause ? { index: cause.index, lagMs: sentAtMs - cause.finishedAtMs } : null
  })
  return later > 0 && caused >= closedFraction * later ? causes : causes.map(() => null)
}

/** Plays `calls`, in the order of sending. Every model must be in the profile. */
export async function replay(calls: readonly PoolCall[], options: ReplayOptions): Promise<readonly Replayed[]> {
  const replayed: Replayed[] = []
  const outputTokens = options.outputTokens ?? calls.map((call) => call.outputTokens)
  for (const [from, to] of busyPeriods(calls)) {
    const tokens = outputTokens.slice(from, to)
    const causes = options.causes.slice(from, to).map((cause) => cause && { ...cause, index: cause.index - from })
    const played = await playPeriod(calls.slice(from, to), { tokens, causes, profile: options.profile })
    for (const one of played) replayed.push(one)
  }
  return replayed
}

interface Period extends Pick<ReplayOptions, 'profile' | 'causes'> {
  readonly tokens: readonly number[]
}

async function playPeriod(calls: readonly PoolCall[], period: Period): Promise<readonly Replayed[]> {
  const clock = createVirtualClock()
  const engines = createEngines(calls, { period, clock })
  const replayed = calls.map((): Replayed => ({ ttftMs: null, e2eMs: null }))
  const effects = byKey(
    [...calls.keys()].filter((index) => period.causes[index]),
    (index) => period.causes[index]!.index,
  )
  const startMs = calls[0]!.sentAtMs
  await clock.run(
    new Promise<void>((resolve) => {
      let open = calls.length
      const ended = (index: number, result: CallResult) => {
        replayed[index] = timesOf(result)
        for (const effect of effects.get(index) ?? []) {
          clock.at(result.finishedAtMs + period.causes[effect]!.lagMs, () => send(effect))
        }
        open -= 1
        if (open === 0) resolve()
      }
      const send = (index: number) => {
        const call = calls[index]!
        void engines
          .get(call.engine)!
          .run(engineCall(call, index), never)
          .then((result) => ended(index, result))
      }
      for (const [index, call] of calls.entries()) {
        if (!period.causes[index]) clock.at(call.sentAtMs - startMs, () => send(index))
      }
    }),
  )
  return replayed
}

/** A signal that never fires. */
const never: CancelSignal = new CallSignal()

const timesOf = ({ status, sentAtMs, firstTokenAtMs, finishedAtMs }: CallResult): Replayed => {
  if (status === 'failed') return { ttftMs: null, e2eMs: null }
  return { ttftMs: firstTokenAtMs === null ? null : firstTokenAtMs - sentAtMs, e2eMs: finishedAtMs - sentAtMs }
}

const engineCall = (call: PoolCall, index: number): EngineCall => ({
  id: String(index),
  messages: () => [],
  meaning: { questionText: '', strategy: call.strategy, kind: 'solve', role: null, inputs: [] },
  promptTokens: call.promptTokens,
  maxOutputTokens: Number.MAX_SAFE_INTEGER,
  deadlineAtMs: 0,
  body: {},
})

interface Parts {
  readonly period: Period
  readonly clock: VirtualClock
}

/** One engine for each that was measured; the n-th replicas of all models share GPUs as the profile's engines do. */
function createEngines(calls: readonly PoolCall[], { period, clock }: Parts): ReadonlyMap<ReplicaId, SimulatedEngine> {
  const { profile, tokens } = period
  const copies = new Map<ModelId, number>()
  const pools: ReturnType<typeof shareGpus>[] = []
  const engines = new Map<ReplicaId, SimulatedEngine>()
  const names = new Map(calls.map(({ engine, model }) => [engine, model] as const))
  for (const [engine, model] of [...names].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const copy = copies.get(model) ?? 0
    copies.set(model, copy + 1)
    pools[copy] ??= shareGpus(profile.gpus, profile.colocationEta.value)
    const created = createSimulatedEngine({
      id: engine,
      model,
      machine: profile.models[model]!,
      apiOverheadMs: profile.apiOverheadMs.value,
      prefillChunkTokens: profile.prefillChunkTokens.value,
      clock,
      fidelity: 'event-skipping',
      scheduling: 'fcfs',
      gpu: profile.colocationEta.value > 0 ? pools[copy](model) : null,
      answers: {
        answer: (call) => ({
          text: '',
          outputTokens: tokens[Number(call.id)]!,
          promptTokens: Math.max(1, call.promptTokens),
          isRight: null,
        }),
      },
    })
    engines.set(engine, created)
  }
  return engines
}
