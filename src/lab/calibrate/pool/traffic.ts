/**
 * @file What went on around each call: the rows from which step times follow without any simulation.
 *
 * Between its first and last token a call saw n - 1 steps; together they took
 *
 *     factor x (a x steps + c3 x sum of the context tokens over the steps + k1 x prompt tokens of others that came in)
 *
 * where `factor` = 1 + eta x duty of the neighbours on the GPU. Before its first token, a call that met an idle engine
 * saw API overhead and one prefill. Context is taken as growing evenly between the tokens that were measured.
 * Cost: n log n in the calls.
 */
import type { ModelId } from '../../../core/index.ts'
import { Cumulative, type Ramp } from './cumulative.ts'
import type { PoolCall } from './pool-call.ts'

/** A call from its first token to its last. */
export interface DecodeRow {
  readonly steps: number
  /** Context tokens of all running sequences, summed over the steps. */
  readonly kvSteps: number
  /** Prompt tokens of other calls whose prefill fell between. */
  readonly prefillTokens: number
  readonly ms: number
  /** Mean number of neighbours at work, 0 up. */
  readonly neighbours: number
}

/** A call's first token on an engine that had nothing else to do. */
export interface PrefillRow {
  readonly promptTokens: number
  readonly ms: number
  readonly neighbours: number
}

export interface ModelTraffic {
  readonly decodes: readonly DecodeRow[]
  readonly prefills: readonly PrefillRow[]
}

/** Calls shorter than this say more of the granularity of steps than of their length. */
export const leastSteps = 8

export type NeighboursOf = (model: ModelId) => readonly ModelId[]

export interface TrafficOptions {
  /** Models on the same GPU. */
  readonly neighboursOf: NeighboursOf
  /** Calls that rows are made of; the others are only seen as what went on around them. */
  readonly isCounted: ReadonlySet<PoolCall>
}

/** Rows by model. `calls` in the order of sending. */
export function trafficOf(
  calls: readonly PoolCall[],
  { neighboursOf, isCounted }: TrafficOptions,
): ReadonlyMap<ModelId, ModelTraffic> {
  const busy = new Map([...byKey(calls, ({ model }) => model)].map(([model, its]) => [model, busyTimes(its)] as const))
  const rows = new Map<ModelId, { decodes: DecodeRow[]; prefills: PrefillRow[] }>()
  for (const [, its] of byKey(calls, ({ engine }) => engine)) {
    const model = its[0]!.model
    const beside = neighboursOf(model).flatMap((other) => busy.get(other) ?? [])
    const dutyOver = (fromMs: number, toMs: number) =>
      beside.reduce((sum, neighbour) => sum + neighbour.meanOver(fromMs, toMs), 0)
    const known = rows.get(model) ?? { decodes: [], prefills: [] }
    rows.set(model, known)
    // Row by row: as arguments, those of a long collection would not fit on the stack.
    for (const row of decodeRows(its, { dutyOver, isCounted })) known.decodes.push(row)
    for (const row of prefillRows(its, { dutyOver, isCounted })) known.prefills.push(row)
  }
  return rows
}

export function byKey<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group) group.push(item)
    else groups.set(key, [item])
  }
  return groups
}

/** Context that the calls hold together, from first token to last. */
export const heldTokens = (calls: readonly PoolCall[]): Cumulative =>
  new Cumulative(
    calls.flatMap((call): Ramp | readonly [] => {
      const { firstTokenAtMs: fromMs, finishedAtMs: toMs, promptTokens, outputTokens } = call
      if (fromMs === null || toMs <= fromMs) return []
      return { fromMs, toMs, level: promptTokens + 1, slope: (outputTokens - 1) / (toMs - fromMs) }
    }),
  )

/** How many of the calls are between first and last token. */
export const decodingCalls = (calls: readonly PoolCall[]): Cumulative =>
  new Cumulative(
    calls.flatMap(({ firstTokenAtMs: fromMs, finishedAtMs: toMs }): Ramp | readonly [] =>
      fromMs === null || toMs <= fromMs ? [] : { fromMs, toMs, level: 1, slope: 0 },
    ),
  )

type MeanOver = (fromMs: number, toMs: number) => number

interface Seen {
  readonly dutyOver: MeanOver
  readonly isCounted: ReadonlySet<PoolCall>
}

function decodeRows(calls: readonly PoolCall[], { dutyOver, isCounted }: Seen): readonly DecodeRow[] {
  const held = heldTokens(calls)
  const prefilled = prefillsUntil(calls)
  return calls.flatMap((call) => {
    const { firstTokenAtMs, finishedAtMs, outputTokens } = call
    const steps = outputTokens - 1
    if (!isCounted.has(call) || firstTokenAtMs === null || steps < leastSteps || finishedAtMs <= firstTokenAtMs)
      return []
    return {
      steps,
      kvSteps: steps * held.meanOver(firstTokenAtMs, finishedAtMs),
      prefillTokens: prefilled(finishedAtMs) - prefilled(firstTokenAtMs),
      ms: finishedAtMs - firstTokenAtMs,
      neighbours: dutyOver(firstTokenAtMs, finishedAtMs),
    }
  })
}

/** Prompt tokens of the calls whose first token came up to an instant. */
function prefillsUntil(calls: readonly PoolCall[]): (atMs: number) => number {
  const starts = calls
    .flatMap(({ firstTokenAtMs: atMs, promptTokens }) => (atMs === null ? [] : { atMs, promptTokens }))
    .sort((a, b) => a.atMs - b.atMs)
  const sums = new Float64Array(starts.length + 1)
  for (const [index, { promptTokens }] of starts.entries()) sums[index + 1] = sums[index]! + promptTokens
  return (atMs) => {
    let [low, high] = [0, starts.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (starts[middle]!.atMs <= atMs) low = middle + 1
      else high = middle
    }
    return sums[low]!
  }
}

/** Calls that met nobody on their engine from being sent to their first token. */
function prefillRows(calls: readonly PoolCall[], { dutyOver, isCounted }: Seen): readonly PrefillRow[] {
  let busyUntilMs = Number.NEGATIVE_INFINITY
  return calls.flatMap((call, index) => {
    const { sentAtMs, firstTokenAtMs, promptTokens } = call
    const isAlone = sentAtMs >= busyUntilMs && (calls[index + 1]?.sentAtMs ?? Infinity) > (firstTokenAtMs ?? Infinity)
    busyUntilMs = Math.max(busyUntilMs, call.finishedAtMs)
    if (!isAlone || firstTokenAtMs === null || !isCounted.has(call)) return []
    return { promptTokens, ms: firstTokenAtMs - sentAtMs, neighbours: dutyOver(sentAtMs, firstTokenAtMs) }
  })
}

/** 1 while any of the calls, in the order of sending, is on its way. */
function busyTimes(calls: readonly PoolCall[]): Cumulative {
  const spans: { fromMs: number; toMs: number }[] = []
  for (const { sentAtMs, finishedAtMs } of calls) {
    const last = spans.at(-1)
    if (last && sentAtMs <= last.toMs) last.toMs = Math.max(last.toMs, finishedAtMs)
    else spans.push({ fromMs: sentAtMs, toMs: finishedAtMs })
  }
  return new Cumulative(spans.map((span) => ({ ...span, level: 1, slope: 0 })))
}
