/**
 * @file Sums and counts of latencies, as vLLM's histograms publish them. In ms, since the engine started.
 *
 * With the instants sent (s), queued (q), admitted (a), first token (f), last token so far (l) and n tokens:
 * TTFT = f - s; queue time = a - q; gaps between tokens sum to l - f and number n - 1; end to end = l - s.
 */
import type { EngineReading, SumCount } from '../../core/index.ts'
import type { ActiveCall } from './active-call.ts'

type Latencies = Pick<EngineReading, 'ttft' | 'interToken' | 'e2e' | 'queueTime'>

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
  if (sequence.firstTokenAtMs === null || sequence.lastTokenAtMs === null) return
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
    if (sequence.lastTokenAtMs !== null) this.#e2e.add(sequence.lastTokenAtMs - sentAtMs)
  }

  /** It ended, by itself or not: its tokens are complete. */
  left(call: ActiveCall): void {
    addGaps(this.#interToken, call)
  }

  read(underWay: Iterable<ActiveCall>): Latencies {
    const interToken = new Sum()
    interToken.add(this.#interToken.sumMs, this.#interToken.count)
    for (const call of underWay) addGaps(interToken, call)
    return {
      ttft: this.#ttft.toSumCount(),
      interToken: interToken.toSumCount(),
      e2e: this.#e2e.toSumCount(),
      queueTime: this.#queueTime.toSumCount(),
    }
  }
}
