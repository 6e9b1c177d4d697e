/**
 * @file Faults of a server, for tests and demonstrations of failure: what goes wrong, for how many requests.
 *
 * `down`, `refuse` and `no-metrics` last until taken back; the others hit completions, `times` of them, or all.
 */

export type Fault =
  /** The process answers, and says that it is dead: 503 everywhere. Answers under way break off. */
  | { readonly kind: 'down' }
  /** Nothing listens on the port. Answers under way break off. */
  | { readonly kind: 'refuse' }
  | { readonly kind: 'no-metrics' }
  /** 503 with Retry-After, where given. */
  | { readonly kind: 'overloaded'; readonly retryAfterSeconds?: number; readonly times?: number }
  /** The connection breaks after so many pieces of the answer (default 1; plain answers: before the first byte). */
  | { readonly kind: 'die-mid-stream'; readonly afterPieces?: number; readonly times?: number }
  /** Nothing more comes after so many pieces (default 1), and the connection stays open. */
  | { readonly kind: 'stall'; readonly afterPieces?: number; readonly times?: number }
  /** A 200 that is neither JSON nor events. */
  | { readonly kind: 'garbage'; readonly times?: number }

/** The present fault of one server. */
export class FaultState {
  #fault: Fault | null = null
  #left = Infinity

  /** Null: all is well again. */
  set(fault: Fault | null): void {
    this.#fault = fault
    this.#left = fault && 'times' in fault ? (fault.times ?? Infinity) : Infinity
  }

  is(kind: Fault['kind']): boolean {
    return this.#fault?.kind === kind
  }

  /** The fault that this completion meets; uses up one of `times`. */
  takeForCompletion(): Fault | null {
    if (this.#fault === null || this.#left <= 0) return null
    this.#left -= 1
    return this.#fault
  }
}
