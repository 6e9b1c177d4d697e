/**
 * @file A circuit breaker: keeps calls away from a replica that fails, and lets one through now and then to see.
 *
 * Closed: calls pass. Open, after three failures in a row, or at once when it cannot be reached: none passes. Half-open,
 * 2 s later, doubling to 30 s with every failed trial: one call may try; its success closes the breaker, its failure opens
 * it again. A good reading closes a breaker that unreachability opened; it does not excuse failed calls, for an engine
 * whose metrics answer may still fail every request. Without jitter: a run in virtual time must repeat.
 *
 * Source: Nygard 2007, "Release It!", the circuit breaker pattern.
 */

const failuresToOpen = 3
const firstWaitMs = 2_000
const longestWaitMs = 30_000

export type BreakerState = 'closed' | 'open' | 'half-open'

export class Breaker {
  #failures = 0
  #missedPolls = 0
  /** Null: closed. */
  #openUntilMs: number | null = null
  #waitMs = firstWaitMs
  #wasUnreachable = false
  #trialCallId: string | null = null

  state(nowMs: number): BreakerState {
    if (this.#openUntilMs === null) return 'closed'
    return nowMs < this.#openUntilMs ? 'open' : 'half-open'
  }

  /** When it becomes half-open; null: it is closed. */
  get retryAtMs(): number | null {
    return this.#openUntilMs
  }

  /** Whether a call may be sent: closed, or half-open with no trial under way. */
  allows(nowMs: number): boolean {
    const state = this.state(nowMs)
    return state === 'closed' || (state === 'half-open' && this.#trialCallId === null)
  }

  /** A call was sent: in the half-open state it is the trial. */
  callStarted(callId: string, nowMs: number): void {
    if (this.state(nowMs) === 'half-open') this.#trialCallId ??= callId
  }

  /** A call ended in a way that says nothing of the replica (aborted, or our own fault). */
  callReleased(callId: string): void {
    if (this.#trialCallId === callId) this.#trialCallId = null
  }

  success(): void {
    this.#close()
  }

  /** A call failed. */
  failure(nowMs: number): void {
    this.#failures += 1
    this.#trialCallId = null
    if (this.state(nowMs) === 'half-open') this.#reopen(nowMs)
    else if (this.#openUntilMs === null && this.#failures >= failuresToOpen) this.#open(nowMs)
  }

  /** It cannot be reached: opens at once. */
  unreachable(nowMs: number): void {
    this.#trialCallId = null
    if (this.state(nowMs) === 'half-open') this.#reopen(nowMs)
    else if (this.#openUntilMs === null) this.#open(nowMs)
    this.#wasUnreachable = true
  }

  /** A poll had no answer in time: three in a row count as unreachable. */
  pollMissed(nowMs: number): void {
    this.#missedPolls += 1
    if (this.#missedPolls >= failuresToOpen) this.unreachable(nowMs)
  }

  /** It answered a poll in good health. */
  goodReading(): void {
    this.#missedPolls = 0
    if (this.#wasUnreachable) this.#close()
  }

  #open(nowMs: number): void {
    this.#openUntilMs = nowMs + this.#waitMs
  }

  #reopen(nowMs: number): void {
    this.#waitMs = Math.min(longestWaitMs, this.#waitMs * 2)
    this.#open(nowMs)
  }

  #close(): void {
    this.#failures = 0
    this.#openUntilMs = null
    this.#waitMs = firstWaitMs
    this.#wasUnreachable = false
    this.#trialCallId = null
  }
}
