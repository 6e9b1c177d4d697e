/**
 * @file Sums and counts of latencies, as vLLM's histograms publish them. In ms, since the engine started.
 *
 * With the instants sent (s), queued (q), admitted (a), first token (f), last token so far (l) and n tokens:
 * TTFT = f - s; queue time = a - q; gaps between tokens sum to l - f and number n - 1; end to end = l - s.
 */
import type { SumCount } from '../../core/index.ts'
import type { ActiveCall } from './active-call.ts'

class Sum {
  sumMs = 0
  count = 0

  add(ms: number, count = 1): void {
    this.sumMs += ms
    this.count += count
  }

  toSumCount(): SumCount {
    return { sumMs: this.sumMs, count: this.count }
  }
}

function addGaps(sum: Sum, { sequence }: ActiveCall): void {
  if (sequence.firstTokenAtMs === null) return
  sum.add(sequence.lastTokenAtMs - sequence.firstTokenAtMs, sequence.producedTokens - 1)
}

export class LatencySums {
  readonly #ttft = new Sum()
  readonly #queueTime = new Sum()
  readonly #e2e = new Sum()
  /** Of calls that have ended; those under way are added on reading. */
  readonly #interToken = new Sum()

  firstToken({ sequence, sentAtMs, queuedAtMs }: ActiveCall): void {
    if (sequence.firstTokenAtMs !== null) this.#ttft.add(sequence.firstTokenAtMs - sentAtMs)
    if (sequence.admittedAtMs !== null && queuedAtMs !== null) this.#queueTime.add(sequence.admittedAtMs - queuedAtMs)
  }

  finished({ sequence, sentAtMs }: ActiveCall): void {
    this.#e2e.add(sequence.lastTokenAtMs - sentAtMs)
  }

  /** It ended, by itself or not: its tokens are complete. */
  left(call: ActiveCall): void {
    addGaps(this.#interToken, call)
  }

  ttft(): SumCount {
    return this.#ttft.toSumCount()
  }

  queueTime(): SumCount {
    return this.#queueTime.toSumCount()
  }

  e2e(): SumCount {
    return this.#e2e.toSumCount()
  }

  /** `underWay`: the calls that have not left. */
  interToken(underWay: Iterable<ActiveCall>): SumCount {
    const sum = new Sum()
    sum.add(this.#interToken.sumMs, this.#interToken.count)
    for (const call of underWay) addGaps(sum, call)
    return sum.toSumCount()
  }
}
