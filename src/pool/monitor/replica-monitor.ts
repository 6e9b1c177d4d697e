/**
 * @file What is known of one replica: its last reading, put right by our own calls since, its averages, its breaker.
 *
 * The reading says how many requests the engine has; those beyond ours are others', and stay as they are until the next
 * reading, while ours are counted afresh: so between polls the total is reading + started - ended, and never below ours.
 * Ours at the reading means the most we had while the poll was under way, lest a call that ended meanwhile pass for
 * another's. A reading older than 5 s is not believed: then the ledger alone speaks. Snapshots are rebuilt only after
 * something changed.
 */
import type {
  CallResult,
  EngineReading,
  EngineView,
  ModelId,
  ReplicaId,
  ReplicaState,
  SumCount,
} from '../../core/index.ts'
import { Breaker } from './breaker.ts'
import { DeltaAverage } from './delta-average.ts'
import { type CallTokens, type HeldTokens, Ledger } from './ledger.ts'
import { SlotCount } from './slot-count.ts'
import { type ReplicaFields, ReplicaSnapshot, ReplicaView, shareOfView } from './snapshots.ts'

/** From this age on a reading is not believed. */
const staleAfterMs = 5_000

/** What a settled call says of its replica. */
export interface CallHealth {
  readonly ok: boolean
  readonly unreachable: boolean
}

/** Reads it off a result; null: the call says nothing (aborted, or refused for what was in it). */
export function callHealth({ status, error }: CallResult): CallHealth | null {
  if (status === 'aborted') return null
  if (error === null) return { ok: true, unreachable: false }
  const isAboutRequest = error.code === 'CONTEXT_TOO_LONG' || error.code === 'REQUEST_INVALID'
  return isAboutRequest ? null : { ok: false, unreachable: error.code === 'ENGINE_UNREACHABLE' }
}

export interface ReplicaMonitorOptions {
  readonly replica: ReplicaId
  readonly model: ModelId
  readonly configuredSlots: number | null
  readonly fallbackSlots: number
  /** Instead of what the engine reports; null: as it reports. */
  readonly configuredKvTokens: number | null
  /** Likewise: longest prompt plus output. */
  readonly configuredContextTokens: number | null
  /** Part of the replica that is ours to fill, 0-1. */
  readonly share: number
  readonly nowMs: () => number
}

export class ReplicaMonitor {
  readonly replica: ReplicaId
  readonly model: ModelId
  readonly #nowMs: () => number
  readonly #ledger = new Ledger()
  readonly #breaker = new Breaker()
  readonly #slots: SlotCount
  readonly #configuredKvTokens: number | null
  readonly #configuredContextTokens: number | null
  readonly #share: number
  readonly #averages = {
    ttft: new DeltaAverage(),
    interToken: new DeltaAverage(),
    e2e: new DeltaAverage(),
    queueTime: new DeltaAverage(),
  }
  /** The last one of an engine that answered; `down` ones only change the health. */
  #reading: EngineReading | null = null
  #health: EngineReading['health'] = 'ok'
  /** Requests and tokens of others at the last reading. */
  #foreignRequests = 0
  #foreignTokens = 0
  #mostInFlightSincePoll = 0
  #state: ReplicaState | null = null
  /** Until when `#state` holds if nothing happens: the reading turns stale, the breaker half-opens. */
  #stateHoldsUntilMs = Infinity

  constructor(options: ReplicaMonitorOptions) {
    this.replica = options.replica
    this.model = options.model
    this.#nowMs = options.nowMs
    this.#slots = new SlotCount(options.configuredSlots, options.fallbackSlots)
    this.#share = options.share
    this.#configuredKvTokens = options.configuredKvTokens
    this.#configuredContextTokens = options.configuredContextTokens
  }

  get reading(): EngineReading | null {
    return this.#reading
  }

  get inFlight(): number {
    return this.#ledger.inFlight
  }

  /** When the breaker lets a trial through; null: it is closed. */
  get retryAtMs(): number | null {
    return this.#breaker.retryAtMs
  }

  callStarted(callId: string, call: CallTokens): void {
    const nowMs = this.#nowMs()
    if (!this.#ledger.begin(callId, call, nowMs)) return
    this.#breaker.callStarted(callId, nowMs)
    this.#mostInFlightSincePoll = Math.max(this.#mostInFlightSincePoll, this.#ledger.inFlight)
    this.#state = null
  }

  callFirstToken(callId: string): void {
    this.#ledger.firstToken(callId, this.#nowMs())
  }

  /** `health` null: the call says nothing of the replica. Ending twice changes nothing. */
  callEnded(callId: string, health: CallHealth | null): void {
    if (!this.#ledger.end(callId)) return
    this.#breaker.callReleased(callId)
    if (health?.ok) this.#breaker.success()
    else if (health?.unreachable) this.#breaker.unreachable(this.#nowMs())
    else if (health) this.#breaker.failure(this.#nowMs())
    this.#state = null
  }

  pollStarted(): void {
    this.#mostInFlightSincePoll = this.#ledger.inFlight
  }

  /** A poll had no answer in time: the old reading stays and ages. */
  pollMissed(): void {
    this.#breaker.pollMissed(this.#nowMs())
    this.#state = null
  }

  readingCame(reading: EngineReading): void {
    this.#state = null
    this.#health = reading.health
    if (reading.health === 'down') return this.#breaker.unreachable(this.#nowMs())
    if (reading.health === 'ok') this.#breaker.goodReading()
    this.#reading = reading
    this.#slots.update(reading)
    for (const field of ['ttft', 'interToken', 'e2e', 'queueTime'] as const)
      this.#averages[field].update(reading[field] satisfies SumCount | null)
    const ownTokens = this.#ledger.noteReading(this.#nowMs(), this.#pace)
    const { running, waiting, kvUsage } = reading
    const kvTokens = reading.kvTokens ?? this.#configuredKvTokens
    this.#foreignRequests = Math.max(0, (running ?? 0) + (waiting ?? 0) - this.#mostInFlightSincePoll)
    this.#foreignTokens = kvUsage === null || kvTokens === null ? 0 : Math.max(0, kvUsage * kvTokens - ownTokens)
  }

  /** The present state; the same object until something changes. */
  state(): ReplicaState {
    if (this.#state === null || this.#nowMs() >= this.#stateHoldsUntilMs) this.#state = this.#buildState()
    return this.#state
  }

  /** As admission sees it now. */
  view(): EngineView {
    const view = new ReplicaView(this.state(), this.#isFresh ? this.#foreignTokens : 0, this.#heldNow)
    return this.#share === 1 ? view : shareOfView(view, { share: this.#share, ownInFlight: this.#ledger.inFlight })
  }

  readonly #heldNow = (): readonly HeldTokens[] => this.#ledger.held(this.#nowMs(), this.#pace)

  get #isFresh(): boolean {
    return this.#reading !== null && this.#nowMs() - this.#reading.atMs < staleAfterMs
  }

  get #pace() {
    return { ttftMs: this.#averages.ttft.averageMs, tpotMs: this.#averages.interToken.averageMs }
  }

  #buildState(): ReplicaState {
    const nowMs = this.#nowMs()
    const reading = this.#reading
    const retryAtMs = this.#breaker.retryAtMs ?? Infinity
    this.#stateHoldsUntilMs = Math.min(
      reading !== null && this.#isFresh ? reading.atMs + staleAfterMs : Infinity,
      retryAtMs > nowMs ? retryAtMs : Infinity,
    )
    const { running, waiting } = this.#requests()
    const fields: ReplicaFields = {
      replica: this.replica,
      model: this.model,
      isUsable: this.#health === 'ok' && this.#breaker.allows(nowMs),
      slots: this.#slots.value,
      kvTokens: this.#configuredKvTokens ?? reading?.kvTokens ?? null,
      contextTokens: this.#configuredContextTokens ?? reading?.contextTokens ?? null,
      ownInFlight: this.#ledger.inFlight,
      ownKvTokens: this.#ledger.plannedTokens,
      running,
      waiting,
      kvUsage: this.#kvUsage(),
      ttftMs: this.#averages.ttft.averageMs,
      interTokenMs: this.#averages.interToken.averageMs,
      e2eMs: this.#averages.e2e.averageMs,
      queueMs: this.#averages.queueTime.averageMs,
    }
    return new ReplicaSnapshot(fields, reading?.atMs ?? null, this.#nowMs)
  }

  #requests(): { readonly running: number; readonly waiting: number } {
    const own = this.#ledger.inFlight
    if (!this.#isFresh || this.#reading === null || this.#reading.running === null) return { running: own, waiting: 0 }
    const total = own + this.#foreignRequests
    // An engine with a queue runs what it ran at the reading; one without takes what comes up to its slots.
    const isQueueing = (this.#reading.waiting ?? 0) > 0
    const capacity = isQueueing ? Math.max(1, this.#reading.running) : this.#slots.value
    const running = Math.min(total, capacity)
    return { running, waiting: total - running }
  }

  #kvUsage(): number | null {
    const reading = this.#reading
    if (reading === null || reading.kvUsage === null) return null
    // The engine's own size: its usage is a share of that, whatever part of it is ours to use.
    const kvTokens = reading.kvTokens ?? this.#configuredKvTokens
    if (kvTokens === null) return reading.kvUsage
    const tokens = this.#isFresh
      ? reading.kvUsage * kvTokens + this.#ledger.sinceReadingTokens
      : this.#ledger.heldTokens(this.#nowMs(), this.#pace)
    return Math.min(1, Math.max(0, tokens / kvTokens))
  }
}
