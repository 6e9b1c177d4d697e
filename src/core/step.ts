/** @file One agent's step at the moment of its decision, what was predicted, and how it came out. */

import type { Distribution } from './distribution.ts'
import type { CallResult } from './engine.ts'
import type { ModelId, ReplicaId, RoleId, StepId } from './ids.ts'
import type { Plan, PlannedStep, StepKind } from './plan.ts'
import type { Domain, Query } from './query.ts'
import type { Arm, StrategyId } from './strategy.ts'

/** An answer that a step of this run has given. */
export interface AnswerInHand {
  readonly stepId: StepId
  readonly role: RoleId
  readonly arm: Arm
  readonly text: string
  /** The final answer in normal form; null where none could be read or the format cannot be compared. */
  readonly answer: string | null
  readonly isTruncated: boolean
  readonly outputTokens: number
}

/** What the executor sees before a step: the step, the time, and what has happened so far. */
export interface StepContext {
  readonly query: Query
  readonly plan: Plan
  readonly step: PlannedStep
  readonly nowMs: number
  /** Deadline minus now. May be negative. */
  readonly remainingMs: number
  /** Time kept back for the last step, 0 when this is the last. */
  readonly reservedMs: number
  /** Estimated prompt tokens of this step, messages from other agents included. */
  readonly promptTokens: number
  readonly answers: readonly AnswerInHand[]
  /** Share of the commonest answer among the comparable ones; null with fewer than two. */
  readonly agreement: number | null
  readonly testsPassed: boolean | null
  readonly rolesBefore: readonly RoleId[]
  readonly tokensUsed: number
  readonly callsUsed: number
  /** Arms given to sibling steps of the same wave that were decided before this one. */
  readonly siblingArms: readonly Arm[]
  /** Models to leave out: they failed this step already. */
  readonly excludedModels: readonly ModelId[]
  /** Whether `stop` is an allowed choice here. */
  readonly mayStop: boolean
}

/** The price of an action: what an arm is expected to take and to be worth at this step, under this load. */
export interface ArmEstimate {
  readonly arm: Arm
  /** From now to the last token: wait in the gateway and the engine, prefill, decoding. ms. */
  readonly latencyMs: Distribution
  /** The mean that decisions go by, where it is not `latencyMs.mean`: tracked errors widen the interval, not the expectation. ms. */
  readonly expectedMs?: number
  /** Its parts, as means. ms. */
  readonly queueMs: number
  readonly ttftMs: number
  readonly tpotMs: number
  readonly outputTokens: Distribution
  /** Time that the call holds a slot, mean. ms. */
  readonly serviceMs: number
  /** Probability of a right answer by the prior, 0-1. */
  readonly quality: number
  /** The parts as distributions, where they are predicted so: time to the first token from now on (waiting in it), time per further token. */
  readonly parts?: { readonly ttftMs: Distribution; readonly tpotMs: Distribution }
  /** What another predictor said of the same action, where this one stands in its place: both learn from the outcome. */
  readonly basis?: ArmEstimate
}

/** An arm that was weighed. */
export interface ArmAlternative {
  readonly arm: Arm
  readonly predictedMs: number
  readonly quality: number
  /** Congestion price charged, in quality points. */
  readonly price: number
  readonly score: number
  /** Of an executor that learnt: what it gives this arm, 0-1. */
  readonly probability?: number
}

/** What an executor that only looks on would have done at the same step. */
export interface ShadowChoice {
  readonly executor: string
  /** Null: it would have stopped. */
  readonly arm: Arm | null
  /** That it gives to its own choice; 1 where it draws or weighs nothing. 0-1. */
  readonly probability: number
  /** The same arm, or both stop. */
  readonly agrees: boolean
}

/** A second call that was planned with the first: made beside it where nothing is in hand when the deadline comes near. */
export interface Backup {
  readonly arm: Arm
  /** How long before the answer is due it must start. ms. */
  readonly leadMs: number
}

export type Choice =
  | {
      readonly kind: 'arm'
      readonly arm: Arm
      readonly estimate: ArmEstimate
      /** A stable word: `best-within-share`, `fastest-nothing-fits`, `only-arm`, `fixed`, `turn`, `least-loaded` ... */
      readonly reason: string
      /** Time this step may take, by the executor's division of the slack; null where it does not divide. ms. */
      readonly shareMs: number | null
      /** Congestion price charged, in quality points. Absent, as `score`: the executor does not weigh. */
      readonly price?: number
      /** What the executor maximised, on the scale of its alternatives' scores. */
      readonly score?: number
      /** Of an executor that learnt: what it gives this arm, 0-1. */
      readonly probability?: number
      readonly backup?: Backup
      readonly alternatives: readonly ArmAlternative[]
      /** Present where another policy looks on. */
      readonly shadow?: ShadowChoice
    }
  | {
      readonly kind: 'stop'
      readonly reason: string
      readonly probability?: number
      readonly shadow?: ShadowChoice
    }

/** A finished call as policies learn from it. */
export interface StepOutcome {
  readonly arm: Arm
  readonly replica: ReplicaId
  readonly stepKind: StepKind
  readonly domain: Domain
  /** The query that the call was made for; absent: not known any more. */
  readonly query?: Query
  readonly promptTokens: number
  readonly estimate: ArmEstimate
  /** sentAt - queuedAt. */
  readonly queueMs: number
  readonly result: CallResult
}

/** A finished run as policies learn from it. */
export interface RunOutcome {
  readonly domain: Domain
  readonly budgetMs: number
  readonly latencyMs: number
  readonly isAnswered: boolean
  readonly isOnTime: boolean
  readonly isDegraded: boolean
  /** The answer was a fall-back's (insurance, best so far, cut): in time only because the plan was given up. */
  readonly isFallback: boolean
  readonly strategy: StrategyId | null
}
