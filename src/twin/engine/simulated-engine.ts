/**
 * @file A simulated engine: vLLM's continuous batching behind the Engine port, on any Clock.
 *
 * On a virtual clock it is exact and repeatable, and thousands of times faster than real time; on the wall clock, or a
 * scaled one, it answers at the simulated pace. A call passes the API server (`apiOverheadMs`), waits for slot and KV
 * blocks, is prefilled and decoded in steps whose time the machine's profile gives, and ends with the answer that the
 * answer source holds for it. Everything takes effect at step boundaries; an abort settles at once and frees its slot at
 * the next one. What happens inside the batch stands in `batch.ts` and `step-scheduler.ts`.
 */
import {
  type CallObserver,
  type CallResult,
  type CancelSignal,
  type Clock,
  type Engine,
  type EngineCall,
  type EngineError,
  type EngineReading,
  estimateTokens,
  type MachineProfile,
  type ModelId,
  type ReplicaId,
} from '../../core/index.ts'
import type { AnswerSource, SimulatedAnswer } from '../answers/index.ts'
import type { GpuTenant, SharedGpu } from '../machine/index.ts'
import { type Alarm, type QuietClock, toQuietClock } from '../quiet-clock.ts'
import { ActiveCall, type CallHost, engineError, resultWithoutTokens } from './active-call.ts'
import { ContinuousBatch, type Fidelity } from './batch.ts'
import { KvLedger } from './kv-ledger.ts'
import { LatencySums } from './latency-sums.ts'
import { PrefixCache } from './prefix-cache.ts'
import type { PromptPrefix } from './prompt-prefix.ts'
import { createStepTimer } from './step-time.ts'

export interface SimulatedEngineOptions {
  readonly id: ReplicaId
  readonly model: ModelId
  readonly machine: MachineProfile
  /** Time of a call in the API server before it enters the queue, in ms. >= 0. */
  readonly apiOverheadMs: number
  /** Prefill tokens that one step may take in. >= 1. */
  readonly prefillChunkTokens: number
  readonly clock: Clock
  readonly answers: AnswerSource
  /** One event per engine step, or only where something changes. Both give the same instants to the last bit. */
  readonly fidelity: Fidelity
  /** Order of the waiting: by deadline, then arrival (default), or by arrival alone. */
  readonly scheduling?: 'priority' | 'fcfs'
  /** Streamed text is sent in slices this far apart, in ms of the clock. Default 25. */
  readonly deltaEveryMs?: number
  /** Factor on the time of every step, > 0; see `slowdownChanged`. Default: always 1. */
  readonly slowdown?: () => number
  /** The GPU that it runs on, where other engines do so too. Default: one of its own. */
  readonly gpu?: SharedGpu | null
  /**
   * Whether the calls of one run (`run_.../`) share the KV of the question that their prompts begin with. Default false.
   */
  readonly prefixCache?: boolean
}

/** Totals since the engine started, and what it holds now. */
export interface EngineStatistics {
  readonly arrived: number
  /** Ended by themselves, cut ones included. */
  readonly finished: number
  readonly aborted: number
  readonly failed: number
  /** Of calls whose prefill ended. */
  readonly promptTokens: number
  /** Prompt tokens that the prefix cache spared. */
  readonly cachedTokens: number
  readonly generationTokens: number
  readonly preemptions: number
  readonly peakRunning: number
  readonly kvBlocksInUse: number
  readonly kvBlocks: number
  /** Time with a step under way, in ms. */
  readonly busyMs: number
}

export interface SimulatedEngine extends Engine {
  statistics(): EngineStatistics
  /** `slowdown` gives another value from now on; it counts from the next step boundary. Must be called on every change. */
  slowdownChanged(): void
  /**
   * A fault: while down, new calls fail with ENGINE_UNREACHABLE; those under way fail at once, with STREAM_INTERRUPTED
   * after their first token, ENGINE_UNREACHABLE before it. It comes back empty.
   */
  setDown(isDown: boolean): void
  /**
   * A fault: from now on the engine's core hangs while its API server lives. Calls under way get no further token and,
   * like those that come meanwhile, never end by themselves, not even afterwards; readings show the load as it was. Then
   * it starts afresh, empty.
   */
  setStalled(isStalled: boolean): void
}

class BatchingEngine implements SimulatedEngine, GpuTenant {
  readonly id: ReplicaId
  readonly model: ModelId
  readonly #options: SimulatedEngineOptions
  readonly #clock: QuietClock
  readonly #ledger: KvLedger
  readonly #batch: ContinuousBatch
  readonly #sums = new LatencySums()
  /** Calls under way, from `run` to settled. */
  readonly #calls = new Set<ActiveCall>()
  readonly #counts = { arrived: 0, finished: 0, aborted: 0, failed: 0 }
  /** Prompt and output together, at most. */
  readonly #contextTokens: number
  readonly #host: CallHost
  #isDown = false
  /** What readings show while it is stalled: the load where it began, and who came since. Null: it is not. */
  #stalled: { running: number; waiting: number; kvBlocksInUse: number } | null = null
  /** In the API server, in order of arrival; those given up meanwhile too. */
  readonly #arriving: ActiveCall[] = []
  readonly #arrivalAlarm: Alarm
  readonly #batchAlarm: Alarm
  /** What the batch's alarm is set to. */
  #wakeAtMs = Infinity

  constructor(options: SimulatedEngineOptions) {
    const { machine, fidelity, prefillChunkTokens, slowdown = () => 1, gpu = null } = options
    this.id = options.id
    this.model = options.model
    this.#options = options
    this.#clock = toQuietClock(options.clock)
    this.#ledger = new KvLedger(machine.kvTokens.value, machine.blockTokens.value)
    // vLLM refuses to start with a context that its cache cannot hold; we serve what fits.
    this.#contextTokens = Math.min(machine.maxModelLen.value, this.#ledger.totalBlocks * this.#ledger.blockTokens)
    this.#batch = new ContinuousBatch({
      slots: machine.slots.value,
      prefillChunkTokens,
      ledger: this.#ledger,
      prefixes: options.prefixCache === true ? new PrefixCache(this.#ledger) : null,
      timer: createStepTimer(machine),
      fidelity,
      slowdown,
      seat: gpu?.seat(this) ?? null,
    })
    this.#host = this.#createHost()
    this.#arrivalAlarm = this.#clock.alarm(() => this.#arrive())
    this.#batchAlarm = this.#clock.alarm(() => this.#wake())
  }

  run(call: EngineCall, signal: CancelSignal, observer?: CallObserver): Promise<CallResult> {
    const nowMs = this.#clock.nowMs()
    this.#counts.arrived++
    if (signal.aborted) {
      this.#counts.aborted++
      return Promise.resolve(resultWithoutTokens(nowMs, null))
    }
    if (this.#isDown) return this.#refuse(engineError('ENGINE_UNREACHABLE', `${this.id} is down`))
    const answer = this.#options.answers.answer(call, this.model)
    const refusal = this.#refusal(call, answer)
    if (refusal) return this.#refuse(refusal)
    return new Promise((resolve) => {
      const outputTokens = this.#outputTokens(call, answer)
      const urgency = this.#options.scheduling === 'fcfs' ? 0 : call.deadlineAtMs
      const rank = this.#counts.arrived
      const prefix = this.#options.prefixCache === true ? this.#prefixOf(call, answer) : null
      const parts = { call, answer, signal, observer, resolve, outputTokens, urgency, rank, prefix, host: this.#host }
      const active = new ActiveCall(parts)
      this.#calls.add(active)
      if (this.#options.apiOverheadMs === 0) this.#enqueue(active, nowMs)
      else if (this.#arriving.push(active) === 1) this.#arrivalAlarm.set(nowMs + this.#options.apiOverheadMs)
    })
  }

  read(_signal: AbortSignal): Promise<EngineReading> {
    const nowMs = this.#clock.nowMs()
    if (this.#isDown) return Promise.resolve(downReading(nowMs, this.model))
    const { running, waiting, kvBlocksInUse } = this.#stalled ?? this.#batch.read(nowMs)
    this.#scheduleWake()
    const { totalBlocks, blockTokens } = this.#ledger
    // Field by field: polled often, and a spread costs more than the rest.
    return Promise.resolve({
      atMs: nowMs,
      health: 'ok',
      dialect: 'twin',
      running,
      waiting,
      kvUsage: kvBlocksInUse / totalBlocks,
      ttft: this.#sums.ttft(),
      interToken: this.#sums.interToken(this.#calls),
      e2e: this.#sums.e2e(),
      queueTime: this.#sums.queueTime(),
      contextTokens: this.#contextTokens,
      slots: this.#options.machine.slots.value,
      kvTokens: totalBlocks * blockTokens,
      servedModels: [this.model],
      metricNames: {},
      missing: [],
    })
  }

  statistics(): EngineStatistics {
    const { kvBlocksInUse, busyMs, counts } = this.#batch.read(this.#clock.nowMs())
    this.#scheduleWake()
    const { promptTokens, cachedTokens, producedTokens, preemptions, peakRunning } = counts
    return {
      ...this.#counts,
      promptTokens,
      cachedTokens,
      generationTokens: producedTokens,
      preemptions,
      peakRunning,
      kvBlocksInUse,
      kvBlocks: this.#ledger.totalBlocks,
      busyMs,
    }
  }

  slowdownChanged(): void {
    this.#batch.slowdownChanged(this.#clock.nowMs())
    this.#scheduleWake()
  }

  dutiesWillTurn(atMs: number): void {
    this.#batch.dutiesWillTurn(atMs)
  }

  dutiesTurned(): void {
    this.#batch.dutiesTurned()
    this.#scheduleWake()
  }

  setDown(isDown: boolean): void {
    if (isDown && !this.#isDown) {
      // Tokens up to now came still.
      this.#batch.catchUp(this.#clock.nowMs())
      for (const active of [...this.#calls]) {
        const { firstTokenAtMs } = active.sequence
        const code = firstTokenAtMs === null ? 'ENGINE_UNREACHABLE' : 'STREAM_INTERRUPTED'
        this.#breakOff(active, engineError(code, `${this.id} went down`))
      }
      this.#batch.clear(this.#clock.nowMs())
      this.#scheduleWake()
    }
    this.#isDown = isDown
  }

  setStalled(isStalled: boolean): void {
    if (isStalled && this.#stalled === null) {
      const nowMs = this.#clock.nowMs()
      const { running, waiting, kvBlocksInUse } = this.#batch.read(nowMs)
      this.#stalled = { running, waiting, kvBlocksInUse }
      this.#batch.clear(nowMs)
      this.#scheduleWake()
    }
    if (!isStalled) this.#stalled = null
  }

  #refuse(error: EngineError): Promise<CallResult> {
    this.#counts.failed++
    return Promise.resolve(resultWithoutTokens(this.#clock.nowMs(), error))
  }

  #refusal({ maxOutputTokens }: EngineCall, { promptTokens }: SimulatedAnswer): EngineError | null {
    if (promptTokens >= this.#contextTokens) {
      const message = `the prompt has ${promptTokens} tokens; prompt and output together may have ${this.#contextTokens}`
      return engineError('CONTEXT_TOO_LONG', message)
    }
    if (maxOutputTokens >= 1) return null
    return engineError('REQUEST_INVALID', `maxOutputTokens must be at least 1, got ${maxOutputTokens}`)
  }

  #createHost(): CallHost {
    return {
      clock: this.#clock,
      deltaEveryMs: this.#options.deltaEveryMs ?? 25,
      catchUp: () => {
        this.#batch.catchUp(this.#clock.nowMs())
        this.#scheduleWake()
      },
      aborted: (active) => this.#abort(active),
      firstTokenCame: (active) => this.#sums.firstToken(active),
      lastTokenCame: (active) => {
        this.#counts.finished++
        this.#calls.delete(active)
        this.#sums.finished(active)
        this.#sums.left(active)
      },
    }
  }

  /** Tokens that the call may produce: cut by its cap and by the context. */
  #outputTokens(call: EngineCall, answer: SimulatedAnswer): number {
    return Math.min(answer.outputTokens, call.maxOutputTokens, this.#contextTokens - answer.promptTokens)
  }

  /** The part of the prompt that all calls of the run begin with: whole blocks of the question's tokens. */
  #prefixOf({ id, meaning }: EngineCall, { promptTokens }: SimulatedAnswer): PromptPrefix | null {
    const end = id.indexOf('/')
    const tokens = Math.min(estimateTokens(meaning.questionText), promptTokens - 1)
    const blocks = Math.floor(tokens / this.#ledger.blockTokens)
    return end < 0 || blocks < 1 ? null : { key: id.slice(0, end), blocks }
  }

  /** Lets through whose time in the API server is over; it is the same for all, so they leave as they came. */
  #arrive(): void {
    const { apiOverheadMs } = this.#options
    const nowMs = this.#clock.nowMs()
    let next = this.#arriving[0]
    // The alarm was set for the first one: it goes through, though a scaled clock may be early by a rounding.
    do {
      this.#arriving.shift()
      if (next && this.#calls.has(next)) this.#enqueue(next, nowMs)
      next = this.#arriving[0]
    } while (next && next.sentAtMs + apiOverheadMs <= nowMs)
    if (next) this.#arrivalAlarm.set(next.sentAtMs + apiOverheadMs)
  }

  #enqueue(active: ActiveCall, atMs: number): void {
    if (this.#stalled !== null) {
      this.#stalled.waiting++
      return
    }
    active.queuedAtMs = atMs
    this.#batch.add(active.sequence, atMs)
    this.#scheduleWake()
  }

  #abort(active: ActiveCall): void {
    if (active.queuedAtMs !== null) this.#batch.giveUp(active.sequence, this.#clock.nowMs())
    this.#breakOff(active, null)
    this.#scheduleWake()
  }

  /** Ends a call before its time; one that has finished, and only waits for its reader, is not counted again. */
  #breakOff(active: ActiveCall, error: EngineError | null): void {
    if (this.#calls.delete(active)) {
      this.#counts[error ? 'failed' : 'aborted']++
      this.#sums.left(active)
    }
    active.breakOff(error)
  }

  /** Has the clock call when the batch needs it next. */
  #scheduleWake(): void {
    const { nextAtMs } = this.#batch
    if (nextAtMs === this.#wakeAtMs) return
    this.#wakeAtMs = nextAtMs
    this.#batchAlarm.set(nextAtMs)
  }

  #wake(): void {
    // A real clock may come late, and a scaled one early by a rounding.
    const atMs = Math.max(this.#wakeAtMs, this.#clock.nowMs())
    this.#wakeAtMs = Infinity
    this.#batch.advanceTo(atMs)
    this.#scheduleWake()
  }
}

const downReading = (atMs: number, model: ModelId): EngineReading => ({
  atMs,
  health: 'down',
  dialect: 'twin',
  running: null,
  waiting: null,
  kvUsage: null,
  ttft: null,
  interToken: null,
  e2e: null,
  queueTime: null,
  contextTokens: null,
  slots: null,
  kvTokens: null,
  servedModels: [model],
  metricNames: {},
  missing: [],
})

export function createSimulatedEngine(options: SimulatedEngineOptions): SimulatedEngine {
  return new BatchingEngine(options)
}
