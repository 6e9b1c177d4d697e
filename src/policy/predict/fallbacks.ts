/**
 * @file What a second call is worth: a retry after an answer that its cap cut off, and a backup beside one that may be late.
 *
 * - Retry: an answer that is cut off unread is asked for again on another model (the runtime does so for the call that the
 *   answer hangs on, where time is left). An arm that is often cut earns, on its cut share, what the best model that still
 *   fits behind its longest answer is expected to earn on such a question.
 * - Backup: an arm too slow to be surely in time may still be worth trying if a quicker one is called beside it just in
 *   time to answer instead: P(in time) q + (1 - P) q of the backup, at the price of both. A line so priced carries its
 *   `backup`, and counts as fitting.
 */
import type { ClusterState, Query } from '../../core/index.ts'
import { plannedMs } from './greedy-arm.ts'
import { chanceWithin, latencyQuantile, type PricedArm, type PriceList } from './priced-arm.ts'

/** Cut and late answers come with harder questions: part of another model's usual quality that it keeps there. Derived: length grows by 0.1 per standard deviation of difficulty. */
const keptQuality = 0.92
/** Below this share of cut answers nothing changes. */
const rareCut = 0.01
/** An arm less likely than this to be in time is not worth a backup. */
const leastInTime = 0.4
/** What waiting until the deadline and the use of a second slot must earn beyond their price, in quality points. */
const backupToll = 0.04
/** A backup must be this sure to end in the time kept for it, with a margin for a pool that gets slower meanwhile. */
const backupQuantile = 0.95
const backupMargin = 1.15
/** Above this load of the pool second calls cost the others more than they earn: engines on one GPU slow each other. */
const quietLoad = 0.2
/** Largest part of the time left that may be kept for the backup. */
const mostLead = 0.6

export interface FallbackTerms {
  /** Time until the answer is due. ms. */
  readonly leftMs: number
  readonly safety: number
  /** Whether a cut answer is asked for again. */
  readonly retriesCut: boolean
  /** Whether a second call may be planned beside the first. */
  readonly plansBackups: boolean
}

/**
 * Whether a query's answer may come from a second call: only while the pool is quiet, and not where a late answer is worth nothing, nor
 * where the request itself demands one call.
 */
export const mayBackUp = ({ limits, soloReason }: Query, { load }: ClusterState): boolean =>
  limits.onDeadline !== 'fail' && soloReason === null && load < quietLoad

/** `lines` for the call that the answer hangs on, worth what they are with their second calls. */
export function withFallbacks(lines: PriceList, terms: FallbackTerms): PriceList {
  const priced = lines.map((line) => withSecondCall(line, lines, terms))
  return priced.some((line, index) => line !== lines[index]) ? priced : lines
}

function withSecondCall(line: PricedArm, lines: PriceList, terms: FallbackTerms): PricedArm {
  if (plannedMs(line, terms.safety) <= terms.leftMs) return terms.retriesCut ? retried(line, lines, terms) : line
  return terms.plansBackups ? backedUp(line, lines, terms) : line
}

function retried(line: PricedArm, lines: PriceList, { leftMs, safety }: FallbackTerms): PricedArm {
  const { cutShare } = line.length
  if (cutShare <= rareCut) return line
  const roomMs = leftMs - line.queueMs - line.longestServiceMs
  let other = 0
  for (const candidate of lines) {
    if (candidate.arm.model === line.arm.model || candidate.quality <= other) continue
    if (candidate.isUsable && safety * candidate.meanMs <= roomMs) other = candidate.quality
  }
  return other === 0 ? line : { ...line, quality: line.quality + cutShare * keptQuality * other }
}

function backedUp(line: PricedArm, lines: PriceList, { leftMs }: FallbackTerms): PricedArm {
  if (!line.isUsable || !line.fitsContext) return line
  const { cutShare } = line.length
  const inTime = Math.min(chanceWithin(line, leftMs), 1 - cutShare)
  if (inTime < leastInTime) return line
  const finished = inTime * (line.quality / (1 - cutShare))
  const heldShare = Math.min(1, leftMs / Math.max(1, line.serviceMs))
  let best: PricedArm = line
  let bestWorth = -Infinity
  for (const candidate of lines) {
    if (candidate.arm.model === line.arm.model || !candidate.isUsable || !candidate.fitsContext) continue
    const leadMs = backupMargin * latencyQuantile(candidate, backupQuantile)
    if (leadMs > mostLead * leftMs) continue
    const startChance = 1 - Math.min(chanceWithin(line, leftMs - leadMs), 1 - cutShare)
    const quality = finished + (1 - inTime) * backupQuantile * keptQuality * candidate.quality
    const price = heldShare * line.price + startChance * candidate.price + backupToll
    if (quality - price <= bestWorth) continue
    bestWorth = quality - price
    best = { ...line, quality, price, backup: { arm: candidate.arm, leadMs } }
  }
  return best
}
