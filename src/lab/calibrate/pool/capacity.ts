/**
 * @file How many sequences an engine runs at once, and how many tokens its KV cache holds, as its own load shows them.
 *
 * Slots: the most that were seen running. It is the number itself where requests waited meanwhile and the cache was not
 * full; otherwise only a lower bound. KV tokens: context held at the instant of a reading over the usage that it gave,
 * summed over readings (readings of a well-filled cache say most; their age blurs them, so sums and not single ratios).
 */
import type { MachineProfile } from '../../../core/index.ts'
import type { Cumulative } from './cumulative.ts'
import type { PoolCall } from './pool-call.ts'
import type { Estimate } from './step-moments.ts'
import { decodingCalls, heldTokens } from './traffic.ts'

export interface Capacity {
  readonly slots: Estimate & { readonly isBound: boolean }
  readonly kvTokens: Estimate
}

/** A cache this full may hold requests back by itself. */
const fullUsage = 0.9
/** Readings with less in the cache say nothing of its size. */
const leastUsage = 0.03
const leastReadings = 20

export interface CapacityOptions {
  readonly base: MachineProfile
  /** Calls whose readings count; the others are only seen as what the engine held. Default: all. */
  readonly isCounted?: ReadonlySet<PoolCall>
}

/** `calls`: those of one engine, in the order of sending. */
export function fitCapacity(calls: readonly PoolCall[], { base, isCounted }: CapacityOptions): Capacity {
  const counted = isCounted === undefined ? calls : calls.filter((call) => isCounted.has(call))
  const load = { counted, held: heldTokens(calls), decoding: decodingCalls(calls) }
  return { slots: fitSlots(load, base.slots.value), kvTokens: fitKvTokens(load, base) }
}

interface Load {
  readonly counted: readonly PoolCall[]
  readonly held: Cumulative
  readonly decoding: Cumulative
}

function fitSlots(load: Load, assumed: number): Capacity['slots'] {
  const seen = mostRunning(load)
  const hadToWait = load.counted.some(
    ({ waiting, running, kvUsage }) => (waiting ?? 0) > 0 && running === seen && (kvUsage ?? 1) < fullUsage,
  )
  if (hadToWait) return { value: seen, interval: [seen, seen], isBound: true }
  return { value: Math.max(seen, assumed), interval: null, isBound: false }
}

/** As the engine said; where it never does, as first and last tokens show it, which a slow client blurs. */
function mostRunning({ counted, decoding }: Load): number {
  const said = counted.flatMap(({ running }) => running ?? [])
  if (said.length > 0) return mostOf(said)
  return mostOf(counted.map(({ firstTokenAtMs: atMs }) => (atMs === null ? 0 : Math.round(decoding.at(atMs)))))
}

/** At least 1. Not by spreading: there may be more calls than arguments fit on the stack. */
const mostOf = (counts: readonly number[]): number => counts.reduce((most, count) => Math.max(most, count), 1)

function fitKvTokens({ counted, held, decoding }: Load, base: MachineProfile): Estimate {
  // A block is on average half empty.
  const slackTokens = base.blockTokens.value / 2
  const readings = counted.flatMap(({ sentAtMs, kvUsage }) => {
    const tokens = held.at(sentAtMs) + slackTokens * decoding.at(sentAtMs)
    return kvUsage !== null && kvUsage >= leastUsage && tokens > 0 ? [{ tokens, kvUsage }] : []
  })
  if (readings.length < leastReadings) return { value: base.kvTokens.value, interval: null }
  const estimates = parts(readings, 10).map((part) => sum(part, 'tokens') / sum(part, 'kvUsage'))
  const value = Math.round(sum(readings, 'tokens') / sum(readings, 'kvUsage'))
  const spread = Math.sqrt(estimates.reduce((total, each) => total + (each - value) ** 2, 0) / estimates.length)
  const margin = (2 * spread) / Math.sqrt(estimates.length)
  return { value: Math.max(base.blockTokens.value, value), interval: [value - margin, value + margin] }
}

interface Reading {
  readonly tokens: number
  readonly kvUsage: number
}

const sum = (readings: readonly Reading[], key: keyof Reading): number =>
  readings.reduce((total, reading) => total + reading[key], 0)

/** The list in `count` parts of about equal size, none empty. */
function parts<T>(items: readonly T[], count: number): readonly (readonly T[])[] {
  const size = Math.ceil(items.length / count)
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  )
}
