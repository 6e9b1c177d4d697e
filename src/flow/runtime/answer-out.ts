/** @file The answer on its way to the caller: forwarded as it is written, or whole at the end. Knows when the first byte left. */
import type { Clock, Delta, StepId } from '../../core/index.ts'
import type { AnswerSink } from './runtime-port.ts'

export class AnswerOut {
  readonly #sink: AnswerSink
  readonly #clock: Clock
  #firstByteAtMs: number | null = null

  constructor(sink: AnswerSink, clock: Clock) {
    this.#sink = sink
    this.#clock = clock
  }

  get firstByteAtMs(): number | null {
    return this.#firstByteAtMs
  }

  /** From here on the caller has part of one answer: no other may follow. */
  get hasBegun(): boolean {
    return this.#firstByteAtMs !== null
  }

  get streamsAnswer(): boolean {
    return this.#sink.delta !== undefined
  }

  get streamsSteps(): boolean {
    return this.#sink.stepDelta !== undefined
  }

  forward(delta: Delta): void | Promise<void> {
    this.#firstByteAtMs ??= this.#clock.nowMs()
    return this.#sink.delta?.(delta)
  }

  forwardStep(stepId: StepId, delta: Delta): void | Promise<void> {
    return this.#sink.stepDelta?.(stepId, delta)
  }

  /** Sends an answer that was not forwarded while it was written. */
  whole(delta: Delta): void {
    if (this.hasBegun) return
    this.#firstByteAtMs = this.#clock.nowMs()
    void this.#sink.delta?.(delta)
  }
}
