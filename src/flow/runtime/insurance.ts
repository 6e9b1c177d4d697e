/**
 * @file The insurance call: a shallow answer from the model that is surely fast enough, started while it can still arrive.
 *
 * A timer wakes at the last instant at which such a call would surely be done. If nothing is in hand by then, and the
 * chance that the work under way is late, times the worth of an answer, exceeds the call's price, it is made; a bucket
 * caps how many runs may be insured. Source: the slack-greedy checks of the calibration (99.4 to 99.9 % on time).
 */
import type { Cancel, ClusterState, ModelId, Query } from '../../core/index.ts'
import type { Attempt } from './attempt.ts'
import type { RunContext } from './context.ts'
import { chanceOfLate, fastestArm, type PricedArm, priceShallowArms, safestArm } from './time-plan.ts'

/** Quality points below which an extra call is not worth the tokens, however idle the pool. */
const leastWorth = 0.03

/** Quality that `call` is expected to earn by arriving where the rest may be late, less its price. */
function isWorthwhile(call: PricedArm, lateChance: number, price: number): boolean {
  return lateChance * call.estimate.quality > leastWorth + price * (call.estimate.serviceMs / 1000)
}

/** Chance that no open call ends within `leftMs`; 1 where there is none. */
export function chanceNoneEnds(attempts: readonly Attempt[], nowMs: number, leftMs: number): number {
  let chance = 1
  for (const attempt of attempts) {
    if (attempt.isOpen) chance *= chanceOfLate(attempt.init.choice.estimate, nowMs - attempt.enqueuedAtMs, leftMs)
  }
  return chance
}

/** Share of a call's predicted latencies that it has outlived when its engine is taken to hang. */
const lostFrom = 0.99

/** Whether a call to `model` is under way for longer than was predicted of nearly all its like. */
export function hasLostCall(attempts: readonly Attempt[], nowMs: number, model: ModelId): boolean {
  return attempts.some(
    (attempt) =>
      attempt.model === model &&
      attempt.isOpen &&
      attempt.isUnderWay &&
      attempt.init.choice.estimate.latencyMs.cdf(nowMs - attempt.enqueuedAtMs) > lostFrom,
  )
}

/** What the run under way looks like to the insurer. */
export interface Insured {
  readonly query: Query
  /** Every usable arm that the run may use, at the present load. */
  readonly state: () => ClusterState
  /** Nothing to send yet, and no byte of the answer out. */
  needsHelp(): boolean
  /** Chance that the work under way does not end within `leftMs`. */
  chanceOfLate(leftMs: number): number
  /** A call of the run to this model seems to hang. */
  isLost(model: ModelId): boolean
  insure(call: PricedArm): void
}

/** From this budget on, half of it is more than any insurance call needs. */
const unhurriedBudgetMs = 10_000

export class Insurance {
  readonly #context: RunContext
  readonly #run: Insured
  #cancel: Cancel | null = null

  constructor(context: RunContext, run: Insured) {
    this.#context = context
    this.#run = run
  }

  /** Sets the timer. Does nothing where insurance is off or no model is usable. */
  arm(): void {
    const { query } = this.#run
    if (!this.#context.settings.insures) return
    // Most runs with time to spare are over by then: they need not be priced twice.
    if (query.budgetMs > unhurriedBudgetMs) return this.#wakeAt(this.#replyByMs - query.budgetMs / 2)
    const fastest = fastestArm(this.#price())
    if (fastest !== null) this.#wakeAt(this.#replyByMs - fastest.surelyMs * 1.1)
  }

  disarm(): void {
    this.#cancel?.()
    this.#cancel = null
  }

  get #replyByMs(): number {
    return this.#run.query.deadlineAtMs - this.#context.settings.replyMarginMs
  }

  #price(): readonly PricedArm[] {
    const { query, state } = this.#run
    return priceShallowArms(
      { query, kind: 'solve', promptTokens: query.promptTokens },
      state(),
      this.#context.predictor,
    )
  }

  /** A second call where the first one hangs would hang beside it: such models only where there is no other. */
  #priceSound(): readonly PricedArm[] {
    const arms = this.#price()
    const sound = arms.filter(({ estimate }) => !this.#run.isLost(estimate.arm.model))
    return sound.length > 0 ? sound : arms
  }

  #wakeAt(ms: number): void {
    this.disarm()
    this.#cancel = this.#context.clock.at(Math.max(ms, this.#context.clock.nowMs()), () => this.#look())
  }

  #look(): void {
    if (!this.#run.needsHelp()) return
    const leftMs = this.#replyByMs - this.#context.clock.nowMs()
    const arms = this.#priceSound()
    const fastest = fastestArm(arms)
    if (fastest === null || leftMs <= 0) return
    // The pool got faster since the timer was set: there is still time to wait for the work under way.
    if (leftMs > fastest.surelyMs * 1.5 + 1) return this.#wakeAt(this.#replyByMs - fastest.surelyMs * 1.1)
    const call = safestArm(arms, leftMs)
    if (call === null || !isWorthwhile(call, this.#run.chanceOfLate(leftMs), this.#context.settings.insurancePrice)) {
      return
    }
    if (this.#context.insurance.take()) this.#run.insure(call)
  }
}
