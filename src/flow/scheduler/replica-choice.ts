/**
 * @file Replica choice: which of the replicas with room gets the call.
 *
 * The replica that holds the workflow's prefix comes first: its cache spares a prefill. Else the least predicted finish; all
 * replicas of a model run the same work, so the fullness of the slots stands for it, and the free share of the KV cache breaks
 * ties, then the order of the config. Where a reading is stale its gauges may mislead every caller the same way, and the
 * least-loaded looking engine would draw them all: then the better of two drawn at random goes (power of two choices,
 * Mitzenmacher 2001).
 */
import type { EngineView, Random, ReplicaId } from '../../core/index.ts'

/** A reading older than this no longer tells what else the engine runs. */
const staleAfterMs = 3_000

export interface ReplicaChoiceOptions {
  /** Replica that holds the workflow's prefix; null: none. */
  readonly affinity: ReplicaId | null
  /** Age of a replica's reading in ms; null: it publishes none, and our own count is all there is. */
  readonly readingAgeMs: (replica: ReplicaId) => number | null
  readonly random: Random
}

const slotUsage = (view: EngineView): number => view.inFlight / view.slots

/** Share of the KV cache in use, 0 where its size is unknown. */
function kvUsage({ kvTokens, held, foreignKvTokens }: EngineView): number {
  if (kvTokens === null || kvTokens === 0) return 0
  return held.reduce((sum, { tokens }) => sum + tokens, foreignKvTokens) / kvTokens
}

const finishesSooner = (a: EngineView, b: EngineView): boolean => {
  const difference = slotUsage(a) - slotUsage(b)
  return difference < 0 || (difference === 0 && kvUsage(a) < kvUsage(b))
}

/** `candidates`: usable, not excluded, with room; at least one, in the order of the config. */
export function chooseReplica(candidates: readonly EngineView[], options: ReplicaChoiceOptions): EngineView {
  const { affinity, readingAgeMs, random } = options
  const first = candidates[0] as EngineView
  if (candidates.length === 1) return first
  const holdsPrefix = candidates.find(({ replica }) => replica === affinity)
  if (holdsPrefix !== undefined) return holdsPrefix
  const isStale = candidates.some(({ replica }) => (readingAgeMs(replica) ?? 0) > staleAfterMs)
  const compared = isStale ? twoOf(candidates, random) : candidates
  return compared.reduce((best, view) => (finishesSooner(view, best) ? view : best))
}

/** Two different members, drawn evenly, in their order. */
function twoOf(views: readonly EngineView[], random: Random): readonly EngineView[] {
  const one = random.below(views.length)
  const other = (one + 1 + random.below(views.length - 1)) % views.length
  return [views[Math.min(one, other)] as EngineView, views[Math.max(one, other)] as EngineView]
}
