/** @file Valid states of a pool for tests: idle, freshly read, one replica per model, unless a test says otherwise. */
import type { ClusterState, EngineView, ModelId, ModelState, ReplicaState } from '../core/index.ts'

/** An idle replica `model#1` with 8 slots. */
export function aReplicaState(overrides: Partial<ReplicaState> = {}): ReplicaState {
  const model = overrides.model ?? 'small'
  return {
    replica: `${model}#1`,
    model,
    isUsable: true,
    slots: 8,
    kvTokens: 100_000,
    contextTokens: 32_768,
    ownInFlight: 0,
    ownKvTokens: 0,
    running: 0,
    waiting: 0,
    kvUsage: 0,
    ttftMs: null,
    interTokenMs: null,
    e2eMs: null,
    queueMs: null,
    readingAgeMs: 0,
    ...overrides,
  }
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)

function meanKnown(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : sum(known) / known.length
}

function smallestKnown(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : Math.min(...known)
}

/** What a test may say of a model: any field, and its replicas in part. */
export type ModelStateOverrides = Partial<Omit<ModelState, 'replicas'>> & {
  readonly replicas?: readonly Partial<ReplicaState>[]
}

/** A model's state: sums and means are those of its usable replicas unless given. */
export function aModelState(overrides: ModelStateOverrides = {}): ModelState {
  const model: ModelId = overrides.model ?? 'small'
  const replicas = (overrides.replicas ?? [{}]).map((replica, index) =>
    aReplicaState({ model, replica: `${model}#${index + 1}`, ...replica }),
  )
  const usable = replicas.filter(({ isUsable }) => isUsable)
  return {
    model,
    isUsable: usable.length > 0,
    slots: sum(usable.map(({ slots }) => slots)),
    running: sum(usable.map(({ running }) => running)),
    waiting: sum(usable.map(({ waiting }) => waiting)),
    gatewayWaiting: 0,
    gatewayWaitingMs: 0,
    kvUsage: meanKnown(usable.map(({ kvUsage }) => kvUsage)),
    ttftMs: meanKnown(usable.map(({ ttftMs }) => ttftMs)),
    interTokenMs: meanKnown(usable.map(({ interTokenMs }) => interTokenMs)),
    queueMs: meanKnown(usable.map(({ queueMs }) => queueMs)),
    contextTokens: smallestKnown(usable.map(({ contextTokens }) => contextTokens)),
    slowdown: 1,
    ...overrides,
    replicas,
  }
}

export interface ClusterStateOverrides {
  readonly atMs?: number
  /** Default: one idle model `small`. */
  readonly models?: readonly ModelStateOverrides[]
  /** Default: (running + waiting + waiting in the gateway) / slots over usable models. */
  readonly load?: number
}

export function aClusterState(overrides: ClusterStateOverrides = {}): ClusterState {
  const models = (overrides.models ?? [{}]).map(aModelState)
  const usable = models.filter(({ isUsable }) => isUsable)
  const busy = sum(usable.map(({ running, waiting, gatewayWaiting }) => running + waiting + gatewayWaiting))
  const slots = sum(usable.map((model) => model.slots))
  return {
    atMs: overrides.atMs ?? 0,
    models,
    model: (id) => models.find(({ model }) => model === id),
    load: overrides.load ?? (slots === 0 ? 0 : busy / slots),
  }
}

/** An empty replica as admission sees it. */
export function anEngineView(overrides: Partial<EngineView> = {}): EngineView {
  return {
    replica: 'small#1',
    isUsable: true,
    slots: 8,
    inFlight: overrides.held?.length ?? 0,
    kvTokens: 100_000,
    contextTokens: 32_768,
    held: [],
    foreignKvTokens: 0,
    ...overrides,
  }
}
