/** @file Why a collection ends before it is complete; the first reason counts. */
import type { BudgetEnd } from './budget.ts'

/** `interrupted`: by the user. */
export type StopReason = 'interrupted' | 'time' | BudgetEnd

export class Stop {
  readonly #controller = new AbortController()
  #reason: StopReason | null = null
  #fault: { readonly error: unknown } | null = null

  /** Aborts what is under way. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Null: it has not been stopped. */
  get reason(): StopReason | null {
    return this.#reason
  }

  get isStopped(): boolean {
    return this.signal.aborted
  }

  now(reason: StopReason): void {
    this.#reason ??= reason
    this.#controller.abort()
  }

  /** Ends everything for an error, which `rethrow` throws. */
  fail(error: unknown): void {
    this.#fault ??= { error }
    this.#controller.abort()
  }

  rethrow(): void {
    if (this.#fault !== null) throw this.#fault.error
  }
}
