/**
 * @file How many requests a replica runs at once: configured, else reported, else learned from its plateau, else a fallback.
 *
 * The plateau is the number running while others wait: seen the same in three readings in a row with KV room to spare, it
 * is the engine's limit. One reading is not enough: a request that has just come in counts as waiting until the next
 * step. And without KV room it is memory that limits, not slots. Running more than that raises it.
 */
import type { EngineReading } from '../../core/index.ts'

const readingsToLearn = 3
const kvFull = 0.9

export class SlotCount {
  readonly #configured: number | null
  readonly #fallback: number
  #reported: number | null = null
  #learned: number | null = null
  #candidate = 0
  #timesSeen = 0

  constructor(configured: number | null, fallback: number) {
    this.#configured = configured
    this.#fallback = fallback
  }

  get value(): number {
    return this.#configured ?? this.#reported ?? this.#learned ?? this.#fallback
  }

  update({ slots, running, waiting, kvUsage }: Pick<EngineReading, 'slots' | 'running' | 'waiting' | 'kvUsage'>): void {
    this.#reported = slots ?? this.#reported
    if (running === null) return
    if (this.#learned !== null && running > this.#learned) this.#learned = running
    const isSaturated = running > 0 && (waiting ?? 0) > 0 && (kvUsage ?? 0) < kvFull
    this.#timesSeen = isSaturated ? (running === this.#candidate ? this.#timesSeen + 1 : 1) : 0
    this.#candidate = running
    if (this.#timesSeen >= readingsToLearn) this.#learned = running
  }
}
