/**
 * @file The mean of what ended between two polls: change of the sum over change of the count.
 *
 * No completion between two polls keeps the old average. A counter that went backwards means that the engine restarted:
 * what was known is forgotten, and whatever it has counted since its start ended since the last poll.
 */
import type { SumCount } from '../../core/index.ts'

export class DeltaAverage {
  #last: SumCount | null = null
  #averageMs: number | null = null

  /** In ms; null: nothing has ended between two polls yet. */
  get averageMs(): number | null {
    return this.#averageMs
  }

  /** Takes a poll's counters; null (the engine does not publish them) changes nothing. */
  update(now: SumCount | null): void {
    if (now === null) return
    const hasRestarted = this.#last !== null && (now.count < this.#last.count || now.sumMs < this.#last.sumMs)
    if (hasRestarted) this.#averageMs = null
    const before = hasRestarted ? { sumMs: 0, count: 0 } : this.#last
    this.#last = now
    if (before !== null && now.count > before.count)
      this.#averageMs = (now.sumMs - before.sumMs) / (now.count - before.count)
  }
}
