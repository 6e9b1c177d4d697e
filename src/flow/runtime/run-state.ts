/**
 * @file What a run has done so far: the one place that steps, insurance and ending read from.
 *
 * Holds facts only (progress of the steps, attempts made, answers in hand, what was left out); the transitions are the
 * workflow's.
 */
import type { ClusterState, Degradation, Plan, Query, StepContext, StepId, StepRecord } from '../../core/index.ts'
import { estimateStepPromptTokens } from '../../team/index.ts'
import type { Attempt } from './attempt.ts'
import type { RunContext } from './context.ts'
import { Hand } from './hand.ts'
import { createProgress, excludedModels, type StepProgress, siblingArms } from './step-progress.ts'

/** What a run starts from. */
export interface RunStart {
  readonly query: Query
  readonly plan: Plan
  /** Load of the pool when the plan was made. */
  readonly load: number
  readonly plannedAtMs: number
  /** Names of the policies that planned: others may have taken their place by the end. */
  readonly policy: { readonly planner: string; readonly executor: string }
  /** The pool as this run's caller may use it. */
  readonly state: () => ClusterState
}

export class RunState {
  readonly context: RunContext
  readonly start: RunStart
  readonly query: Query
  readonly plan: Plan
  readonly progress = new Map<StepId, StepProgress>()
  readonly attempts: Attempt[] = []
  /** Steps that were never sent, and why. */
  readonly leftOut: StepRecord[] = []
  readonly degraded = new Set<Degradation>()
  readonly hand: Hand
  /** Time kept back for the last step. ms. */
  reservedMs = 0
  callsUsed = 0
  /** Steps that failed for good. */
  failedSteps = 0
  /** Prompt and output tokens that calls so far may use at most. */
  tokensClaimed = 0

  constructor(context: RunContext, start: RunStart) {
    this.context = context
    this.start = start
    this.query = start.query
    this.plan = start.plan
    this.hand = new Hand(start.query.answerFormat)
    for (const step of start.plan.steps) this.progress.set(step.id, createProgress(step))
  }

  get remainingMs(): number {
    return this.query.deadlineAtMs - this.context.clock.nowMs()
  }

  /** By when the answer must be handed over so that its last byte is out in time. */
  get replyByMs(): number {
    return this.query.deadlineAtMs - this.context.settings.replyMarginMs
  }

  progressOf(attempt: Attempt): StepProgress {
    return this.progress.get(attempt.init.step.id) as StepProgress
  }

  /** Whether the caller's limits allow one more call. */
  mayCall(): boolean {
    const { maxCalls, maxTotalTokens } = this.query.limits
    return (
      this.attempts.length < (maxCalls ?? Infinity) &&
      this.tokensClaimed + this.query.promptTokens < (maxTotalTokens ?? Infinity)
    )
  }

  /** Whether a usable model is left that has not failed this step. */
  hasOtherModel(progress: StepProgress): boolean {
    const state = this.start.state()
    const excluded = excludedModels(progress, state)
    return state.models.some(({ model, isUsable }) => isUsable && !excluded.includes(model))
  }

  /** Whether no other step can still bring an answer. */
  isOnlyHope(progress: StepProgress): boolean {
    for (const other of this.progress.values()) if (other !== progress && other.status !== 'settled') return false
    return true
  }

  /** Answering steps that are queued or running. */
  outstandingAnswers(): number {
    let outstanding = 0
    for (const { status } of this.progress.values()) if (status !== 'settled') outstanding += 1
    return outstanding
  }

  stepContext(progress: StepProgress, state: ClusterState): StepContext {
    const { step } = progress
    const inputTokens = step.reads.flatMap((id) => this.hand.output(id)?.answer.outputTokens ?? [])
    const { edgeTokens } = this.context.settings
    return {
      query: this.query,
      plan: this.plan,
      step,
      nowMs: state.atMs,
      remainingMs: this.replyByMs - this.context.clock.nowMs(),
      reservedMs: step.isLast ? 0 : this.reservedMs,
      promptTokens: estimateStepPromptTokens({ query: this.query, step, inputTokens, edgeTokens }),
      answers: this.hand.answers,
      agreement: this.hand.agreement,
      testsPassed: null,
      rolesBefore: this.hand.answers.map(({ role }) => role),
      tokensUsed: this.tokensClaimed,
      callsUsed: this.callsUsed,
      siblingArms: siblingArms(this.progress, progress),
      excludedModels: excludedModels(progress, state),
      mayStop: this.plan.stopsOnAgreement && this.hand.answers.length > 0,
    }
  }
}
