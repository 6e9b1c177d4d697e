/**
 * @file Arrivals as they were recorded, rescaled to a mean rate.
 *
 * Slower than recorded: thinned. Each row is kept with the same chance, independently, so that its clock stays: rushes
 * and lulls last as long as they did, and a count's variance over its mean, F, becomes 1 + p (F - 1) when a share p is
 * kept. Faster than recorded: squeezed. All times are divided by one factor, which keeps F of the same number of rows.
 *
 * The rate is the mean of the whole trace; a stretch of it has the rate that it had. Played in a loop (default), it starts
 * at a random place, so that seeds see different hours of the day; played once, it starts at its first row and ends.
 */
import { invariant } from '../../core/index.ts'
import type { ArrivalOptions, ArrivalProcess } from './arrival-process.ts'
import type { ArrivalTrace } from './trace-rows.ts'

/** Mean rate of the trace as recorded. */
export const tracedRatePerMinute = ({ offsetsMs, periodMs }: ArrivalTrace): number =>
  (offsetsMs.length / periodMs) * 60_000

/** `end`: what comes after the last row. */
export const traceArrivals = (trace: ArrivalTrace, end: 'loop' | 'stop' = 'loop'): ArrivalProcess =>
  function* (options: ArrivalOptions) {
    const { ratePerMinute, random, startMs } = options
    invariant(ratePerMinute > 0 && Number.isFinite(ratePerMinute), `an arrival rate must be > 0, got ${ratePerMinute}`)
    const { offsetsMs, periodMs } = trace
    const factor = ratePerMinute / tracedRatePerMinute(trace)
    const keep = Math.min(1, factor)
    const squeeze = Math.max(1, factor)
    const count = offsetsMs.length
    const phaseMs = end === 'loop' ? random.uniform() * periodMs : 0
    const first = end === 'loop' ? firstFrom(offsetsMs, phaseMs) : 0
    for (let index = first; end === 'loop' || index < count; index += 1) {
      if (keep < 1 && random.uniform() >= keep) continue
      const turn = Math.floor(index / count)
      const recordedMs = (offsetsMs[index % count] as number) + turn * periodMs - phaseMs
      yield startMs + recordedMs / squeeze
    }
  }

/** Index of the first row at or after `phaseMs`; one past the last where none is. */
function firstFrom(offsetsMs: Float64Array, phaseMs: number): number {
  let [low, high] = [0, offsetsMs.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((offsetsMs[middle] as number) < phaseMs) low = middle + 1
    else high = middle
  }
  return low
}
