/**
 * @file A bucket that caps extra calls (retries, insurance) to a share of the ordinary ones.
 *
 * Filled by work instead of time: every run or call earns a fraction of a token, so the cap holds at any load and
 * the same run spends the same tokens in virtual and in real time.
 */
export class TokenBucket {
  readonly #capacity: number
  readonly #earned: number
  #tokens: number

  /** `earnedPerUse`: tokens that each call of `earn` adds; `capacity`: most that can be saved up (and the start). */
  constructor(options: { readonly earnedPerUse: number; readonly capacity: number }) {
    this.#capacity = options.capacity
    this.#earned = options.earnedPerUse
    this.#tokens = options.capacity
  }

  earn(): void {
    this.#tokens = Math.min(this.#capacity, this.#tokens + this.#earned)
  }

  /** Takes one token. False: none is left, so the extra call must not be made. */
  take(): boolean {
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }
}
