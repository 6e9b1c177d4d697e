/**
 * @file Tokens of calls whose engine never said how many there were: those that were given up while they streamed.
 *
 * A client counts pieces of a stream, and a piece may hold many tokens. What such a call held the engine for is better
 * told by its time: tokens = time from first token to end / the median time per token of the counted calls beside it (of
 * the same engine under the same level of load).
 */
import { quantileSorted } from '../../../core/index.ts'
import type { PoolCall } from './pool-call.ts'
import { byKey, leastSteps } from './traffic.ts'

/** The calls with tokens put in; those that are counted, or have no counted call beside them, as they were. */
export function withEstimatedTokens(calls: readonly PoolCall[]): readonly PoolCall[] {
  if (calls.every(({ isCounted }) => isCounted !== false)) return calls
  const placeOf = ({ engine, level }: PoolCall) => `${engine}|${level}`
  const tpots = new Map(
    [...byKey(calls, placeOf)].map(([place, its]) => {
      const sorted = its.flatMap((call) => tpotOf(call) ?? []).sort((a, b) => a - b)
      return [place, quantileSorted(sorted, 0.5)] as const
    }),
  )
  return calls.map((call) => {
    const tpotMs = tpots.get(placeOf(call))!
    if (call.isCounted !== false || call.firstTokenAtMs === null || !(tpotMs > 0)) return call
    const tokens = 1 + Math.round((call.finishedAtMs - call.firstTokenAtMs) / tpotMs)
    return { ...call, outputTokens: Math.max(call.outputTokens, Math.min(tokens, call.capTokens ?? Infinity)) }
  })
}

function tpotOf({ isCounted, firstTokenAtMs, finishedAtMs, outputTokens }: PoolCall): number | null {
  if (isCounted === false || firstTokenAtMs === null || outputTokens <= leastSteps) return null
  return (finishedAtMs - firstTokenAtMs) / (outputTokens - 1)
}
