/**
 * @file What the predictor's networks see: load and history of one model, the step, and what is known of model and depth.
 *
 * Everything is divided by the model's own figures of the profile (idle times, slots, cache, mean length) and put on a
 * logarithm where it spans decades, so that the same numbers mean the same on a fast and a slow pool, and no feature says
 * which model it is or how many there are. Averages that no engine has published yet stand as 0 beside a flag. Writers fill a
 * caller's array and allocate nothing.
 */
import {
  type ClusterState,
  clamp,
  type Domain,
  domains,
  type ModelPrior,
  type ModelState,
  type QueryFeatures,
  type RoleImportance,
  type StepKind,
  type StrategyId,
  strategyIds,
} from '../../../core/index.ts'

const stepKinds: readonly StepKind[] = ['solve', 'revise', 'review', 'aggregate']
const importances: readonly RoleImportance[] = ['critical', 'support', 'simple']
const tiers: readonly ModelPrior['tier'][] = ['small', 'medium', 'large']

export const embeddingSize = 384
const handSize = 26

/** Names of the latency network's inputs, in their order. */
export const latencyFeatureNames: readonly string[] = [
  'runningShare',
  'waitingShare',
  'gatewayWaitingShare',
  'workAhead',
  'kvUsage',
  'kvUnknown',
  'kvSlowdown',
  'ownKvUsage',
  'roomForCalls',
  'ttftAverage',
  'ttftUnknown',
  'interTokenAverage',
  'interTokenUnknown',
  'queueAverage',
  'queueUnknown',
  'slowdown',
  'readingAge',
  'poolLoad',
  'hasRoom',
  'prompt',
  'idleTtft',
  'prefillShare',
  'idleTpot',
  'slots',
  'kvTokens',
  'replicas',
  'ordinaryService',
  ...stepKinds.map((kind) => `kind:${kind}`),
  ...importances.map((importance) => `importance:${importance}`),
  ...domains.map((domain) => `domain:${domain}`),
]
export const latencySize = latencyFeatureNames.length

/** Names of the length network's inputs from the query, beside the embedding, in their order. */
export const queryFeatureNames: readonly string[] = [
  ...Array.from({ length: handSize }, (_, place) => `hand:${place}`),
  'prompt',
  ...stepKinds.map((kind) => `kind:${kind}`),
  ...importances.map((importance) => `importance:${importance}`),
  ...domains.map((domain) => `domain:${domain}`),
]
export const querySize = queryFeatureNames.length

/** Names of the length network's inputs from model and depth, in their order. */
export const armFeatureNames: readonly string[] = [
  ...strategyIds.map((strategy) => `strategy:${strategy}`),
  ...tiers.map((tier) => `tier:${tier}`),
  'meanLength',
  'lengthSpread',
  'cap',
  'flashShare',
  'deepShare',
  'capability',
]
export const armSize = armFeatureNames.length

/** The step, as far as its cost depends on it. */
export interface FeatureShape {
  readonly kind: StepKind
  readonly domain: Domain
  readonly promptTokens: number
  /** Null: not known. */
  readonly importance: RoleImportance | null
}

/** Time to the first token on an idle engine. ms, at least 1. */
export const idleTtftMs = ({ ttft }: ModelPrior, promptTokens: number): number =>
  Math.max(1, ttft.value.fixedMs + ttft.value.perTokenMs * promptTokens)

const logShare = (value: number): number => Math.log1p(4 * Math.max(0, value)) / 2
const logRatio = (value: number): number => clamp(Math.log(Math.max(value, 1e-6)), -3, 6)

/** Sums over usable replicas; kept in one place, since decisions must not allocate. */
const cache = { tokens: 0, ownTokens: 0, usedTokens: 0, isKnown: false, roomTokens: 0, hasRoom: false, ageMs: Infinity }

function readReplicas(state: ModelState, tokens: number): void {
  cache.tokens = 0
  cache.ownTokens = 0
  cache.usedTokens = 0
  cache.isKnown = false
  cache.roomTokens = 0
  cache.hasRoom = false
  cache.ageMs = Infinity
  for (const replica of state.replicas) {
    if (!replica.isUsable) continue
    if (replica.readingAgeMs !== null) cache.ageMs = Math.min(cache.ageMs, replica.readingAgeMs)
    const hasSlot = replica.waiting === 0 && replica.running < replica.slots
    cache.ownTokens += replica.ownKvTokens
    if (replica.kvTokens === null) {
      cache.hasRoom ||= hasSlot
      continue
    }
    cache.tokens += replica.kvTokens
    cache.isKnown = true
    cache.usedTokens += Math.max((replica.kvUsage ?? 0) * replica.kvTokens, replica.ownKvTokens)
    const roomTokens = 0.95 * replica.kvTokens - replica.ownKvTokens
    cache.roomTokens = Math.max(cache.roomTokens, roomTokens)
    cache.hasRoom ||= hasSlot && roomTokens >= tokens
  }
}

function writeOneHot<T>(
  values: Float32Array,
  at: number,
  { of, is }: { readonly of: readonly T[]; readonly is: T | null },
): number {
  for (let place = 0; place < of.length; place += 1) values[at + place] = of[place] === is ? 1 : 0
  return at + of.length
}

function writeAverage(values: Float32Array, at: number, ratio: number | null): number {
  values[at] = ratio === null ? 0 : logRatio(ratio) / 2
  values[at + 1] = ratio === null ? 1 : 0
  return at + 2
}

function writeShape(values: Float32Array, from: number, shape: FeatureShape): number {
  let at = writeOneHot(values, from, kindHot(shape.kind))
  at = writeOneHot(values, at, importanceHot(shape.importance))
  return writeOneHot(values, at, domainHot(shape.domain))
}

/** Arguments of `writeOneHot`, made once. */
const kindChoices = new Map(stepKinds.map((is) => [is, { of: stepKinds, is }]))
const importanceChoices = new Map(importances.map((is) => [is, { of: importances, is }]))
const domainChoices = new Map(domains.map((is) => [is, { of: domains, is }]))
const noImportance = { of: importances, is: null }
const kindHot = (kind: StepKind) => kindChoices.get(kind)!
const domainHot = (domain: Domain) => domainChoices.get(domain)!
const importanceHot = (importance: RoleImportance | null) =>
  importance === null ? noImportance : importanceChoices.get(importance)!

/** What the latency network reads of one model. */
export interface LatencyInput {
  readonly prior: ModelPrior
  readonly state: ModelState
  readonly cluster: ClusterState
  readonly shape: FeatureShape
}

/** Writes [latencySize] from `from` on. */
export function writeLatencyFeatures(values: Float32Array, from: number, input: LatencyInput): void {
  const { prior, state, cluster, shape } = input
  const idleMs = idleTtftMs(prior, shape.promptTokens)
  const { idleMs: idleTokenMs, perKvTokenMs } = prior.tpot.value
  const ordinary = prior.outputTokens.value[shape.domain].Concise.mean
  const ordinaryMs = idleMs + ordinary * idleTokenMs
  const callTokens = shape.promptTokens + ordinary
  readReplicas(state, callTokens)
  const slots = Math.max(1, state.slots)
  const replicas = Math.max(1, state.replicas.length)
  const isFree = cache.hasRoom && state.gatewayWaiting === 0
  const feedable = cache.isKnown ? clamp(Math.floor(cache.tokens / callTokens), 1, slots) : slots
  const aheadMs = isFree ? 0 : (state.gatewayWaitingMs + (state.waiting + 1) * ordinaryMs) / feedable
  let at = from
  values[at++] = Math.min(state.running / slots, 2)
  values[at++] = logShare(state.waiting / slots)
  values[at++] = logShare(state.gatewayWaiting / slots)
  values[at++] = Math.log1p(aheadMs / idleMs) / 4
  values[at++] = state.kvUsage ?? 0
  values[at++] = state.kvUsage === null ? 1 : 0
  values[at++] = 4 * Math.log1p((perKvTokenMs * cache.usedTokens) / replicas / idleTokenMs)
  values[at++] = cache.isKnown ? Math.min(cache.ownTokens / cache.tokens, 2) : 0
  values[at++] = cache.isKnown ? Math.log1p(Math.max(0, cache.roomTokens) / callTokens) / 4 : 1
  at = writeAverage(values, at, state.ttftMs === null ? null : state.ttftMs / idleTtftMs(prior, 256))
  at = writeAverage(values, at, state.interTokenMs === null ? null : state.interTokenMs / idleTokenMs)
  values[at++] = state.queueMs === null ? 0 : Math.log1p(state.queueMs / idleMs) / 4
  values[at++] = state.queueMs === null ? 1 : 0
  values[at++] = logRatio(state.slowdown)
  values[at++] = cache.ageMs === Infinity ? 1 : cache.ageMs / (cache.ageMs + 2_000)
  values[at++] = Math.min(cluster.load, 4) / 2
  values[at++] = isFree ? 1 : 0
  values[at++] = Math.log1p(shape.promptTokens) / 8
  values[at++] = Math.log(idleMs) / 4 - 1
  values[at++] = 1 - Math.max(0, prior.ttft.value.fixedMs) / idleMs
  values[at++] = Math.log(idleTokenMs) / 2 - 1
  values[at++] = Math.log(slots / replicas) / 4
  values[at++] = cache.isKnown ? Math.log(Math.max(1, cache.tokens / replicas)) / 6 - 1 : 0
  values[at++] = Math.log(replicas) / 2
  values[at++] = Math.log(ordinaryMs / idleMs) / 4
  writeShape(values, at, shape)
}

/** Writes [querySize] from the start. */
export function writeQueryFeatures(values: Float32Array, features: QueryFeatures, shape: FeatureShape): void {
  values.set(features.hand)
  values[handSize] = Math.log1p(shape.promptTokens) / 8
  writeShape(values, handSize + 1, shape)
}

/** Whether the text of a query was read in the form that the networks know. */
export const hasTextFeatures = ({ embedding, hand }: QueryFeatures): boolean =>
  embedding.length === embeddingSize && hand.length === handSize

/** What the length network reads of one model at one depth. */
export interface ArmInput {
  readonly prior: ModelPrior
  readonly domain: Domain
  readonly strategy: StrategyId
  /** Most tokens that this depth may write there. */
  readonly capTokens: number
}

/** Writes [armSize] from the start. */
export function writeArmFeatures(values: Float32Array, { prior, domain, strategy, capTokens }: ArmInput): void {
  const lengths = prior.outputTokens.value[domain]
  const { mean, sigma } = lengths[strategy]
  let at = writeOneHot(values, 0, { of: strategyIds, is: strategy })
  at = writeOneHot(values, at, { of: tiers, is: prior.tier })
  values[at++] = Math.log(mean) / 3 - 2
  values[at++] = sigma
  values[at++] = logRatio(capTokens / mean) / 2
  values[at++] = logRatio(lengths.Flash.mean / lengths.Concise.mean) / 2
  values[at++] = logRatio(lengths.DeepThink.mean / lengths.Concise.mean) / 2
  values[at] = prior.quality.value[domain][strategy]
}
