/** @file Counts what is under way, so that a gateway can drain before it stops. */
import type { Clock } from '../../core/index.ts'

export class InFlight {
  readonly #clock: Clock
  readonly #whenIdle = new Set<() => void>()
  #count = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get count(): number {
    return this.#count
  }

  enter(): void {
    this.#count += 1
  }

  leave(): void {
    this.#count -= 1
    if (this.#count > 0) return
    for (const tell of this.#whenIdle) tell()
    this.#whenIdle.clear()
  }

  /** True once nothing is under way; false if that takes longer than `timeoutMs`. */
  drained(timeoutMs: number): Promise<boolean> {
    if (this.#count === 0) return Promise.resolve(true)
    return new Promise((resolve) => {
      const idle = () => {
        cancel()
        resolve(true)
      }
      const cancel = this.#clock.at(this.#clock.nowMs() + timeoutMs, () => {
        this.#whenIdle.delete(idle)
        resolve(false)
      })
      this.#whenIdle.add(idle)
    })
  }
}
