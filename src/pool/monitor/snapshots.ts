/**
 * @file What the monitor hands out of one replica. Fixed when made, but for what time alone changes: the age of the reading
 * is always as of now, and the tokens held are worked out only when looked at, since most decisions end at the slots.
 *
 * Classes, because an object literal with a getter takes twenty times as long to make, and these are made for every call.
 */
import type { EngineView, ModelId, ReplicaId, ReplicaState } from '../../core/index.ts'
import type { HeldTokens } from './ledger.ts'

export type ReplicaFields = Omit<ReplicaState, 'readingAgeMs'>

export class ReplicaSnapshot implements ReplicaState {
  readonly replica: ReplicaId
  readonly model: ModelId
  readonly isUsable: boolean
  readonly slots: number
  readonly kvTokens: number | null
  readonly contextTokens: number | null
  readonly ownInFlight: number
  readonly ownKvTokens: number
  readonly running: number
  readonly waiting: number
  readonly kvUsage: number | null
  readonly ttftMs: number | null
  readonly interTokenMs: number | null
  readonly e2eMs: number | null
  readonly queueMs: number | null
  readonly #readAtMs: number | null
  readonly #nowMs: () => number

  constructor(fields: ReplicaFields, readAtMs: number | null, nowMs: () => number) {
    this.replica = fields.replica
    this.model = fields.model
    this.isUsable = fields.isUsable
    this.slots = fields.slots
    this.kvTokens = fields.kvTokens
    this.contextTokens = fields.contextTokens
    this.ownInFlight = fields.ownInFlight
    this.ownKvTokens = fields.ownKvTokens
    this.running = fields.running
    this.waiting = fields.waiting
    this.kvUsage = fields.kvUsage
    this.ttftMs = fields.ttftMs
    this.interTokenMs = fields.interTokenMs
    this.e2eMs = fields.e2eMs
    this.queueMs = fields.queueMs
    this.#readAtMs = readAtMs
    this.#nowMs = nowMs
  }

  get readingAgeMs(): number | null {
    return this.#readAtMs === null ? null : this.#nowMs() - this.#readAtMs
  }

  /** Getters do not show in JSON by themselves. */
  toJSON(): ReplicaState {
    return { ...this, readingAgeMs: this.readingAgeMs }
  }
}

/** One replica as admission sees it; `heldNow` is asked when `held` is. */
export class ReplicaView implements EngineView {
  readonly replica: ReplicaId
  readonly isUsable: boolean
  readonly slots: number
  readonly inFlight: number
  readonly kvTokens: number | null
  readonly contextTokens: number | null
  readonly foreignKvTokens: number
  readonly #heldNow: () => readonly HeldTokens[]

  constructor(state: ReplicaState, foreignKvTokens: number, heldNow: () => readonly HeldTokens[]) {
    this.replica = state.replica
    this.isUsable = state.isUsable
    this.slots = state.slots
    this.inFlight = state.running + state.waiting
    this.kvTokens = state.kvTokens
    this.contextTokens = state.contextTokens
    this.foreignKvTokens = foreignKvTokens
    this.#heldNow = heldNow
  }

  get held(): readonly HeldTokens[] {
    return this.#heldNow()
  }
}

/**
 * A part of a replica, for one of several gateways that do not know of each other: its slots and KV tokens times `share`
 * (0-1). What others hold is not counted: it is theirs to hold, and counting it would leave each gateway nothing.
 */
export function shareOfView(
  view: EngineView,
  { share, ownInFlight }: { share: number; ownInFlight: number },
): EngineView {
  return {
    replica: view.replica,
    isUsable: view.isUsable,
    slots: Math.max(1, Math.floor(view.slots * share)),
    inFlight: ownInFlight,
    kvTokens: view.kvTokens === null ? null : Math.floor(view.kvTokens * share),
    contextTokens: view.contextTokens,
    foreignKvTokens: 0,
    get held() {
      return view.held
    },
  }
}
