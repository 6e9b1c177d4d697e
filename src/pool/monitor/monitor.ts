/**
 * @file The monitor: polls every engine, hears of every call of ours, and tells how the pool is at any instant.
 *
 * Everything is kept per replica and summed up per model. A reading may be missed or late without silence: our own calls
 * are counted at once, averages stay, ages grow. One poll per replica is under way at a time; a poll that has no answer in
 * time counts as a failure and leaves the old reading in place, while a clear "down" takes the replica out of use.
 * `state` and `views` rebuild only what changed since they were last asked.
 */
import {
  type Cancel,
  type Clock,
  type ClusterState,
  type Engine,
  type EngineReading,
  type EngineView,
  invariant,
  type ModelId,
  type ModelState,
  type QueuedCall,
  type ReplicaId,
} from '../../core/index.ts'
import type { CallTokens } from './ledger.ts'
import { type ModelNotes, poolLoad, summarizeModel } from './model-summary.ts'
import { type CallHealth, ReplicaMonitor } from './replica-monitor.ts'

/** Slots of a replica that neither config nor engine tells, until its plateau shows. */
export const assumedSlots = 16

export interface MonitorOptions {
  /** Models keep the order in which they first appear here. */
  readonly engines: readonly Engine[]
  readonly clock: Clock
  /** Between polls. Default 1,000. */
  readonly pollMs?: number
  /** A poll without an answer by then is missed. Default 2,000. */
  readonly pollTimeoutMs?: number
  /** Configured slots; null: reported or learned. */
  readonly slots: (replica: ReplicaId) => number | null
  /** Configured KV size in tokens; null: as reported. Absent: as reported. */
  readonly kvTokens?: (replica: ReplicaId) => number | null
  /** Configured longest prompt plus output in tokens; null: as reported. Absent: as reported. */
  readonly contextTokens?: (replica: ReplicaId) => number | null
  /** Part of every replica that this gateway may fill, 0-1; the rest belongs to other gateways. Default 1. */
  readonly share?: number
  /** Until slots are reported or learned. Default `assumedSlots`. */
  readonly fallbackSlots?: number
  /** Every reading as it comes, `down` ones included. */
  readonly onReading?: (replica: ReplicaId, reading: EngineReading) => void
}

export interface Monitor {
  /** Polls now and every `pollMs`, until `stop`. */
  start(): void
  stop(): void
  /** Polls every replica that has no poll under way; resolves when all have answered or run out of time. */
  pollOnce(): Promise<void>
  state(): ClusterState
  /** The model's replicas as admission sees them, in config order; none: the model is unknown. */
  views(model: ModelId): readonly EngineView[]
  /** A call was sent to `replica`. */
  callStarted(replica: ReplicaId, call: Pick<QueuedCall, 'id'> & CallTokens): void
  /** Its first token came. Optional: makes the estimate of held tokens better. */
  callFirstToken(replica: ReplicaId, callId: string): void
  /** It has settled. `health` from `callHealth(result)`; absent: nothing is said of the replica. Twice does nothing. */
  callEnded(callId: string, replica: ReplicaId, health?: CallHealth | null): void
  /** Age of the last reading in ms; null: none yet. */
  readingAgeMs(replica: ReplicaId): number | null
  setGatewayWaiting(model: ModelId, count: number, waitingMs: number): void
  setSlowdown(model: ModelId, factor: number): void
  /** Our calls in flight on a replica. */
  inFlight(replica: ReplicaId): number
  /** The last reading of each replica that answered; null: none yet. In config order. */
  readings(): ReadonlyMap<ReplicaId, EngineReading | null>
  /** Hears when a reading, or the health of a replica, may have made room or taken it. Returns the way to stop hearing. */
  onChange(listener: (model: ModelId) => void): Cancel
}

/** One engine, what is known of it, and what is under way for it. */
interface Watched {
  readonly engine: Engine
  readonly monitor: ReplicaMonitor
  /** Gives up the poll under way; null: none is. */
  stopPoll: (() => void) | null
  /** When listeners are to hear that its breaker lets a trial through, and how to take that back. */
  retryAtMs: number | null
  cancelRetry: Cancel | null
}

/** The replicas of one model. */
interface Group {
  readonly model: ModelId
  readonly watched: Watched[]
  notes: ModelNotes
  state: ModelState | null
}

/** Throws INVARIANT_VIOLATED when two engines share an id, or when a call names an unknown replica or model. */
export function createMonitor(options: MonitorOptions): Monitor {
  const monitor = new PollingMonitor(options)
  // Plain functions: they can be handed on one by one, or spread among another part's dependencies.
  return {
    start: () => monitor.start(),
    stop: () => monitor.stop(),
    pollOnce: () => monitor.pollOnce(),
    state: () => monitor.state(),
    views: (model) => monitor.views(model),
    callStarted: (replica, call) => monitor.callStarted(replica, call),
    callFirstToken: (replica, callId) => monitor.callFirstToken(replica, callId),
    callEnded: (callId, replica, health) => monitor.callEnded(callId, replica, health),
    readingAgeMs: (replica) => monitor.readingAgeMs(replica),
    setGatewayWaiting: (model, count, waitingMs) => monitor.setGatewayWaiting(model, count, waitingMs),
    setSlowdown: (model, factor) => monitor.setSlowdown(model, factor),
    inFlight: (replica) => monitor.inFlight(replica),
    readings: () => monitor.readings(),
    onChange: (listener) => monitor.onChange(listener),
  }
}

class PollingMonitor {
  readonly #clock: Clock
  readonly #pollMs: number
  readonly #pollTimeoutMs: number
  readonly #onReading: MonitorOptions['onReading']
  readonly #watched = new Map<ReplicaId, Watched>()
  readonly #groups: Group[] = []
  /** Position of each model in `#groups`. */
  readonly #positions = new Map<ModelId, number>()
  readonly #listeners = new Set<(model: ModelId) => void>()
  /** As of the last `state`. */
  #models: readonly ModelState[] = []
  #load = 0
  #cancelNext: Cancel | null = null

  constructor(options: MonitorOptions) {
    this.#clock = options.clock
    this.#pollMs = options.pollMs ?? 1_000
    this.#pollTimeoutMs = options.pollTimeoutMs ?? 2_000
    this.#onReading = options.onReading
    for (const engine of options.engines) this.#watch(engine, options)
  }

  start(): void {
    if (this.#cancelNext === null) this.#tick()
  }

  stop(): void {
    this.#cancelNext?.()
    this.#cancelNext = null
    for (const watched of this.#watched.values()) {
      watched.stopPoll?.()
      watched.cancelRetry?.()
      watched.cancelRetry = watched.retryAtMs = null
    }
  }

  async pollOnce(): Promise<void> {
    await Promise.all([...this.#watched.values()].map((watched) => this.#poll(watched)))
  }

  state(): ClusterState {
    let hasChanged = false
    for (const group of this.#groups) if (refresh(group)) hasChanged = true
    if (hasChanged) {
      this.#models = this.#groups.map(({ state }) => state as ModelState)
      this.#load = poolLoad(this.#models)
    }
    const models = this.#models
    const positions = this.#positions
    return {
      atMs: this.#clock.nowMs(),
      models,
      model: (id) => models[positions.get(id) ?? -1],
      load: this.#load,
    }
  }

  views(model: ModelId): readonly EngineView[] {
    const group = this.#groups[this.#positions.get(model) ?? -1]
    return group === undefined ? [] : group.watched.map(({ monitor }) => monitor.view())
  }

  callStarted(replica: ReplicaId, call: Pick<QueuedCall, 'id'> & CallTokens): void {
    this.#find(replica).monitor.callStarted(call.id, call)
  }

  callFirstToken(replica: ReplicaId, callId: string): void {
    this.#find(replica).monitor.callFirstToken(callId)
  }

  callEnded(callId: string, replica: ReplicaId, health: CallHealth | null = null): void {
    const watched = this.#find(replica)
    watched.monitor.callEnded(callId, health)
    if (!this.#breakerMoved(watched)) return
    // Not from within the caller's own bookkeeping.
    this.#clock.at(this.#clock.nowMs(), () => this.#notify(watched))
  }

  readingAgeMs(replica: ReplicaId): number | null {
    const { reading } = this.#find(replica).monitor
    return reading === null ? null : this.#clock.nowMs() - reading.atMs
  }

  setGatewayWaiting(model: ModelId, count: number, waitingMs: number): void {
    this.#note(model, { gatewayWaiting: count, gatewayWaitingMs: waitingMs })
  }

  setSlowdown(model: ModelId, factor: number): void {
    this.#note(model, { slowdown: factor })
  }

  inFlight(replica: ReplicaId): number {
    return this.#find(replica).monitor.inFlight
  }

  readings(): ReadonlyMap<ReplicaId, EngineReading | null> {
    return new Map([...this.#watched].map(([replica, { monitor }]) => [replica, monitor.reading]))
  }

  onChange(listener: (model: ModelId) => void): Cancel {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #watch(engine: Engine, options: MonitorOptions): void {
    const { slots, kvTokens, contextTokens, share = 1, fallbackSlots = assumedSlots } = options
    invariant(!this.#watched.has(engine.id), `two engines are called ${engine.id}`)
    const monitor = new ReplicaMonitor({
      replica: engine.id,
      model: engine.model,
      configuredSlots: slots(engine.id),
      fallbackSlots,
      configuredKvTokens: kvTokens?.(engine.id) ?? null,
      configuredContextTokens: contextTokens?.(engine.id) ?? null,
      share,
      nowMs: () => this.#clock.nowMs(),
    })
    const watched: Watched = { engine, monitor, stopPoll: null, retryAtMs: null, cancelRetry: null }
    this.#watched.set(engine.id, watched)
    const position = this.#positions.get(engine.model)
    if (position !== undefined) {
      this.#groups[position]?.watched.push(watched)
      return
    }
    this.#positions.set(engine.model, this.#groups.length)
    const notes = { gatewayWaiting: 0, gatewayWaitingMs: 0, slowdown: 1 }
    this.#groups.push({ model: engine.model, watched: [watched], notes, state: null })
  }

  #tick(): void {
    this.#cancelNext = this.#clock.at(this.#clock.nowMs() + this.#pollMs, () => this.#tick())
    void this.pollOnce()
  }

  /** Settles when the replica has answered, run out of time, or polling has stopped. */
  #poll(watched: Watched): Promise<void> {
    const { engine, monitor } = watched
    if (watched.stopPoll !== null) return Promise.resolve()
    monitor.pollStarted()
    return new Promise((resolve) => {
      const abort = new AbortController()
      const settle = (apply: () => void): void => {
        if (watched.stopPoll !== stop) return
        watched.stopPoll = null
        cancelTimeout()
        apply()
        resolve()
      }
      const stop = (): void => {
        settle(() => {})
        abort.abort()
      }
      const missed = (): void => {
        settle(() => this.#missed(watched))
        abort.abort()
      }
      watched.stopPoll = stop
      const cancelTimeout = this.#clock.at(this.#clock.nowMs() + this.#pollTimeoutMs, missed)
      engine.read(abort.signal).then((reading) => settle(() => this.#readingCame(watched, reading)), missed)
    })
  }

  #readingCame(watched: Watched, reading: EngineReading): void {
    watched.monitor.readingCame(reading)
    this.#breakerMoved(watched)
    this.#onReading?.(watched.engine.id, reading)
    this.#notify(watched)
  }

  #missed(watched: Watched): void {
    watched.monitor.pollMissed()
    this.#breakerMoved(watched)
    this.#notify(watched)
  }

  /** Keeps the alarm for the breaker's next trial; true: the breaker opened, closed, or waits for another instant. */
  #breakerMoved(watched: Watched): boolean {
    const { retryAtMs } = watched.monitor
    if (retryAtMs === watched.retryAtMs) return false
    watched.cancelRetry?.()
    watched.retryAtMs = retryAtMs
    watched.cancelRetry = retryAtMs === null ? null : this.#clock.at(retryAtMs, () => this.#notify(watched))
    return true
  }

  #notify({ engine }: Watched): void {
    for (const listener of this.#listeners) listener(engine.model)
  }

  #note(model: ModelId, notes: Partial<ModelNotes>): void {
    const group = this.#groups[this.#positions.get(model) ?? -1]
    invariant(group !== undefined, `the monitor watches no model ${model}`)
    group.notes = { ...group.notes, ...notes }
    group.state = null
  }

  #find(replica: ReplicaId): Watched {
    const watched = this.#watched.get(replica)
    invariant(watched !== undefined, `the monitor watches no replica ${replica}`)
    return watched
  }
}

/** Brings a model's state up to date. False: nothing had changed. */
function refresh(group: Group): boolean {
  const known = group.state
  if (known !== null && group.watched.every(({ monitor }, index) => monitor.state() === known.replicas[index]))
    return false
  group.state = summarizeModel(
    group.model,
    group.watched.map(({ monitor }) => monitor.state()),
    group.notes,
  )
  return true
}
