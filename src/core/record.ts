/**
 * @file The run record: what was seen, predicted, chosen and what happened, for every step of a run.
 *
 * Written once per run as a line of JSON. It is what `explain` speaks from and what policies are trained on, so it
 * carries alternatives and predictions from the first day. Metadata only: it holds no texts.
 */
import type { Usage } from './chat.ts'
import type { ErrorCode } from './errors.ts'
import type { ModelId, ReplicaId, RoleId, RunId, StepId, TopologyId } from './ids.ts'
import type { MergeKind, PlanAlternative, ShadowPlan, StepKind } from './plan.ts'
import type { AnswerFormat, AutoBudget, Domain } from './query.ts'
import type { ArmAlternative, ShadowChoice } from './step.ts'
import type { StrategyId } from './strategy.ts'

export const runRecordSchema = 'inframind.run/1'

/**
 * How an answer fell short of its plan, worst last:
 * `steps-dropped`: steps left out for lack of time; `steps-failed`: steps that failed for good while the answer needed them; `insurance`: the insurance call's answer; `best-so-far`: an earlier
 * step's answer instead of the last step's; `cut`: ended mid-answer at the deadline.
 */
export type Degradation = 'steps-dropped' | 'steps-failed' | 'insurance' | 'best-so-far' | 'cut'

/** Load of one model at the instant of a decision. */
export interface SeenModel {
  readonly model: ModelId
  readonly running: number
  readonly waiting: number
  readonly gatewayWaiting: number
  readonly slots: number
  readonly kvUsage: number | null
  readonly readingAgeMs: number | null
}

/** One attempt at a step. Instants in ms of the world's clock; null: never got there. */
export interface StepRecord {
  readonly stepId: StepId
  /** From 0; a re-choice or a retry is a new attempt. */
  readonly attempt: number
  readonly kind: StepKind | 'insurance'
  readonly role: RoleId
  readonly seen: readonly SeenModel[]
  readonly remainingMs: number
  readonly shareMs: number | null
  readonly agreement: number | null
  readonly choice:
    | {
        readonly model: ModelId
        readonly strategy: StrategyId
        readonly reason: string
        /** Congestion price charged, in quality points; null, as `score`: the executor did not weigh. */
        readonly price: number | null
        /** What was maximised, as in `alternatives`. */
        readonly score: number | null
        /** Of an executor that learnt: what it gave this arm, 0-1. */
        readonly probability?: number
      }
    | { readonly stop: string }
  readonly alternatives: readonly ArmAlternative[]
  readonly predicted: {
    readonly latencyMs: number
    readonly p90Ms: number
    readonly queueMs: number
    readonly ttftMs: number
    readonly outputTokens: number
    readonly quality: number
  } | null
  readonly replica: ReplicaId | null
  readonly queuedAtMs: number | null
  readonly sentAtMs: number | null
  readonly firstTokenAtMs: number | null
  readonly finishedAtMs: number | null
  readonly usage: Usage
  /**
   * `done`, `cut` (output cap), `failed`, `aborted` (no longer mattered), `rechosen` (given up while waiting),
   * `stopped` (left out: answers agree), `dropped` (left out: no time), `rejected` (could not be sent).
   */
  readonly outcome: 'done' | 'cut' | 'failed' | 'aborted' | 'rechosen' | 'stopped' | 'dropped' | 'rejected'
  readonly errorCode: ErrorCode | null
  /** The comparable final answer, where one was read. */
  readonly answer: string | null
  /** What another policy would have chosen, where one looks on. */
  readonly shadow?: ShadowChoice
}

export interface RunRecord {
  readonly schema: typeof runRecordSchema
  readonly runId: RunId
  readonly arrivedAtMs: number
  readonly plannedAtMs: number
  readonly firstByteAtMs: number | null
  readonly finishedAtMs: number
  readonly deadlineAtMs: number
  readonly budgetMs: number
  /** Present where the budget was predicted and not given. */
  readonly autoBudget?: AutoBudget
  readonly query: {
    /** Hash of the question's text. */
    readonly hash: string
    readonly domain: Domain
    readonly answerFormat: AnswerFormat
    readonly tokens: number
    readonly soloReason: string | null
  }
  /** At the instant of planning. `hash`: their fingerprint, where they can change while serving. */
  readonly policy: { readonly planner: string; readonly executor: string; readonly hash?: string }
  readonly plan: {
    readonly topology: TopologyId
    readonly agents: number
    readonly merge: MergeKind
    readonly steps: number
    readonly predictedMs: number
    readonly quality: number
    /** What was maximised, as in `alternatives`; null: nothing was weighed. */
    readonly score: number | null
    /** Of a planner that learnt: what it gave this plan, 0-1. */
    readonly probability?: number
    readonly reason: string
    readonly load: number
    readonly alternatives: readonly PlanAlternative[]
    /** What another policy would have planned, where one looks on. */
    readonly shadow?: ShadowPlan
  }
  readonly steps: readonly StepRecord[]
  readonly outcome: 'answered' | 'failed' | 'refused' | 'aborted'
  readonly isOnTime: boolean
  readonly degraded: readonly Degradation[]
  readonly errorCode: ErrorCode | null
  /** Which step's answer went out; `vote` where answers were counted; null: none. */
  readonly answeredBy: StepId | 'vote' | 'insurance' | null
  /** The comparable answer that went out, where one was read. */
  readonly answer: string | null
  readonly usage: Usage
  /** Usage of the call that wrote the answer. */
  readonly finalUsage: Usage
  readonly calls: number
}
