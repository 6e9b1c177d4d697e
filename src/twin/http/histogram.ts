/**
 * @file A Prometheus histogram fed with growing sums and counts, as the engine keeps them.
 *
 * What came since the last look goes into the bucket of its mean. Looking after every call makes that exact for what
 * happens once a call, and a mean per call for gaps between tokens. Sum and count are the engine's own, to the digit.
 */
import type { SumCount } from '../../core/index.ts'

export class Histogram {
  readonly #boundsSeconds: readonly number[]
  /** Per bound, then beyond the last; not cumulative. */
  readonly #counts: number[]
  #last: SumCount = { sumMs: 0, count: 0 }

  /** Upper bounds in seconds, ascending. */
  constructor(boundsSeconds: readonly number[]) {
    this.#boundsSeconds = boundsSeconds
    this.#counts = new Array<number>(boundsSeconds.length + 1).fill(0)
  }

  /** Takes the engine's present totals. Older ones than seen before change nothing. */
  update(totals: SumCount): void {
    const count = totals.count - this.#last.count
    if (count <= 0) return
    const meanSeconds = (totals.sumMs - this.#last.sumMs) / count / 1000
    const index = this.#boundsSeconds.findIndex((bound) => meanSeconds <= bound)
    const bucket = index < 0 ? this.#boundsSeconds.length : index
    this.#counts[bucket] = (this.#counts[bucket] as number) + count
    this.#last = totals
  }

  /** Lines of the text format, `_bucket`, `_count` and `_sum`, the sum in seconds. `labels`: inside the braces. */
  lines(name: string, labels: string): string[] {
    let below = 0
    const buckets = this.#counts.map((count, index) => {
      below += count
      const bound = this.#boundsSeconds[index]
      return `${name}_bucket{${labels},le="${bound === undefined ? '+Inf' : floatText(bound)}"} ${floatText(below)}`
    })
    const { sumMs, count } = this.#last
    return [
      ...buckets,
      `${name}_count{${labels}} ${floatText(count)}`,
      `${name}_sum{${labels}} ${floatText(sumMs / 1000)}`,
    ]
  }
}

/** A number as Python's client writes it: whole ones with a trailing `.0`. */
export const floatText = (value: number): string => (Number.isInteger(value) ? `${value}.0` : String(value))
