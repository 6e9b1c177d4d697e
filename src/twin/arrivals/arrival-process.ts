/**
 * @file Arrival processes: when queries come, as endless (or ending) sequences of instants.
 *
 * An open loop: the instants depend on the process, the mean rate and the stream of chance, never on what becomes of the
 * queries. Each process is a generator that holds a few numbers; nothing is drawn before it is asked for.
 *
 * - Poisson: independent exponential gaps.
 * - on-off: an interrupted Poisson process. On and off last exponential times; while on, arrivals are Poisson at
 *   rate x (on + off) / on, so that the mean is as asked. It starts as it is met at a random instant. The variance of
 *   counts over their mean tends to 1 + 2 rateOn b / (a + b)^2, with a = 1 / off, b = 1 / on (Fischer and
 *   Meier-Hellstern 1993, with one of the two rates 0).
 * - burst: a given number of Poisson arrivals, then nothing (how the paper measured).
 */
import { invariant, type Random } from '../../core/index.ts'

export interface ArrivalOptions {
  /** Long-run mean. > 0. */
  readonly ratePerMinute: number
  /** The stream that every draw comes from; not to be shared with anybody else. */
  readonly random: Random
  /** Instant at which the process begins; no arrival comes before it. */
  readonly startMs: number
}

/** Instants in ms, ascending. */
export type ArrivalProcess = (options: ArrivalOptions) => Generator<number, void>

const meanGapMs = (ratePerMinute: number): number => {
  invariant(ratePerMinute > 0 && Number.isFinite(ratePerMinute), `an arrival rate must be > 0, got ${ratePerMinute}`)
  return 60_000 / ratePerMinute
}

/** Never ends. */
export function* poissonArrivals({ ratePerMinute, random, startMs }: ArrivalOptions): Generator<number, void> {
  const gapMs = meanGapMs(ratePerMinute)
  let atMs = startMs
  for (;;) {
    atMs += random.exponential(gapMs)
    yield atMs
  }
}

export interface OnOffShape {
  /** Mean time with arrivals. > 0. */
  readonly onMeanMs: number
  /** Mean time without. >= 0. */
  readonly offMeanMs: number
}

/** Never ends. */
export const onOffArrivals = ({ onMeanMs, offMeanMs }: OnOffShape): ArrivalProcess =>
  function* ({ ratePerMinute, random, startMs }) {
    invariant(onMeanMs > 0 && offMeanMs >= 0, `on-off durations must be > 0 and >= 0, got ${onMeanMs}, ${offMeanMs}`)
    const onShare = onMeanMs / (onMeanMs + offMeanMs)
    const gapMs = meanGapMs(ratePerMinute) * onShare
    const startsOn = random.uniform() < onShare
    // Exponential times forget: what is left of the first one is distributed as a whole one.
    let onFromMs = startsOn ? startMs : startMs + random.exponential(offMeanMs)
    for (;;) {
      const onToMs = onFromMs + random.exponential(onMeanMs)
      for (let atMs = onFromMs + random.exponential(gapMs); atMs < onToMs; atMs += random.exponential(gapMs)) yield atMs
      onFromMs = onToMs + random.exponential(offMeanMs)
    }
  }

/** Ends after `queries` (>= 0) arrivals. */
export const burstArrivals = (queries: number): ArrivalProcess =>
  function* (options) {
    if (queries <= 0) return
    let count = 0
    for (const atMs of poissonArrivals(options)) {
      yield atMs
      count += 1
      if (count >= queries) return
    }
  }
