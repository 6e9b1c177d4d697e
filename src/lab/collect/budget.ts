/**
 * @file What one call of `collect` may spend: requests, tokens, time. Counted afresh each time it is started.
 *
 * A call is begun only if its prompt and its whole output cap still fit beside what the calls under way may come to, so a
 * limit on tokens is never passed (up to the estimate of prompt tokens); it ends short of it by at most that.
 */

export interface BudgetLimits {
  /** Prompt and output tokens together. Infinity: no limit. */
  readonly maxTokens: number
  readonly maxRequests: number
}

export type BudgetEnd = 'tokens' | 'requests'

export class Budget {
  readonly #limits: BudgetLimits
  #tokens = 0
  #reservedTokens = 0
  #requests = 0
  #end: BudgetEnd | null = null

  constructor(limits: BudgetLimits) {
    this.#limits = limits
  }

  /** Used by calls that have settled. */
  get tokens(): number {
    return this.#tokens
  }

  get requests(): number {
    return this.#requests
  }

  /** What ran out first; null: a call was never turned away. */
  get end(): BudgetEnd | null {
    return this.#end
  }

  /** Takes room for a request of at most `tokens`. False: there is none, and from now on never will be. */
  take(tokens: number): boolean {
    const { maxTokens, maxRequests } = this.#limits
    if (this.#requests >= maxRequests) this.#end ??= 'requests'
    if (this.#tokens + this.#reservedTokens + tokens > maxTokens) this.#end ??= 'tokens'
    if (this.#end !== null) return false
    this.#requests += 1
    this.#reservedTokens += tokens
    return true
  }

  /** A call that took `tokens` has used `usedTokens`. */
  settle(tokens: number, usedTokens: number): void {
    this.#reservedTokens -= tokens
    this.#tokens += usedTokens
  }
}
