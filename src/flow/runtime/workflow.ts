/**
 * @file One run: the control loop from a plan to an answer.
 *
 * The plan is a graph of steps. A step starts when all that it depends on has settled; the executor picks its arm from
 * the freshest state, the dispatch store says when and where it is sent. Three clocks run beside it, all counted back
 * from the one deadline: the instant at which the last step must start, the insurance timer, and the deadline itself.
 * Whatever happens first (an answer, agreement, a decided vote, the deadline, the client leaving) ends the run once;
 * calls that no longer matter are abandoned at that instant.
 *
 * Invariants: the result is given exactly once; after it no attempt is open; every attempt gives its room back itself.
 */
import {
  type ArmEstimate,
  type Backup,
  type CallResult,
  type Cancel,
  type Choice,
  type ClusterState,
  type Delta,
  type ErrorCode,
  InframindError,
  type StepContext,
} from '../../core/index.ts'
import { extractAnswer } from '../../team/index.ts'
import { AnswerOut } from './answer-out.ts'
import type { ArmChoice, Attempt, AttemptOwner } from './attempt.ts'
import { backupNow, mayCallBeside, wishBeside } from './beside.ts'
import type { RunContext } from './context.ts'
import { engineFailure, lateError } from './failures.ts'
import { fallback, finalAnswer, isUnread } from './final-answer.ts'
import type { HeldAnswer } from './hand.ts'
import { chanceNoneEnds, hasLostCall, Insurance } from './insurance.ts'
import { callToCut, dropLateSteps, reservedForLast, waitingLastStep } from './late-steps.ts'
import { leftOutRecord } from './left-out.ts'
import { makeAttempt } from './make-attempt.ts'
import { isBetterThanWaiting } from './rechoice.ts'
import { mayRetry, retryDelayMs, wasRefused } from './retry.ts'
import { type RunEnding, resultOf, writeWhenQuiet } from './run-end.ts'
import { type RunStart, RunState } from './run-state.ts'
import type { AnswerSink, RunResult, StepEvent } from './runtime-port.ts'
import { stepEvent } from './step-event.ts'
import type { StepProgress } from './step-progress.ts'

export class Workflow implements AttemptOwner {
  readonly #context: RunContext
  readonly #run: RunState
  readonly #sink: AnswerSink
  readonly #out: AnswerOut
  readonly #insurance: Insurance
  readonly #timers: Cancel[] = []
  #insuranceAttempt: Attempt | null = null
  #isOver = false
  #hasLeft = false
  #isLastDue = false
  /** Why the last call that failed did: told where no step gave an answer. */
  #lastError: CallResult['error'] = null
  /** The deadline has come with nothing in hand: the text of the call under way is fetched. */
  #isCutting = false
  #resolve: ((result: RunResult) => void) | null = null

  constructor(context: RunContext, start: RunStart, sink: AnswerSink) {
    this.#context = context
    this.#run = new RunState(context, start)
    this.#sink = sink
    this.#out = new AnswerOut(sink, context.clock)
    this.#insurance = new Insurance(context, {
      query: start.query,
      state: start.state,
      needsHelp: () => this.#needsHelp(),
      chanceOfLate: (leftMs) => chanceNoneEnds(this.#run.attempts, context.clock.nowMs(), leftMs),
      isLost: (model) => hasLostCall(this.#run.attempts, context.clock.nowMs(), model),
      insure: ({ estimate }) => this.#callBeside(estimate, 'insurance'),
    })
  }

  /** Runs to the end. Never rejects. */
  run(): Promise<RunResult> {
    return new Promise((resolve) => {
      this.#resolve = resolve
      if (this.#hasLeft) return this.#end({ outcome: 'aborted' })
      if (this.#context.settings.enforcesDeadline) this.#keepDeadline()
      this.#startReady()
    })
  }

  /** Sets the clocks that run beside the steps. */
  #keepDeadline(): void {
    this.#timers.push(this.#context.clock.at(this.#run.replyByMs, () => this.#deadlinePassed()))
    this.#run.reservedMs = reservedForLast(this.#run)
    if (this.#run.reservedMs > 0) {
      const lastStartsAtMs = this.#run.replyByMs - this.#run.reservedMs
      this.#timers.push(this.#context.clock.at(lastStartsAtMs, () => this.#lastStepIsDue()))
    }
    if (this.#run.query.limits.onDeadline !== 'fail') this.#insurance.arm()
  }

  /** The client left: everything stops now. */
  leave(): void {
    this.#hasLeft = true
    if (this.#resolve !== null) this.#end({ outcome: 'aborted' })
  }

  attemptSent(attempt: Attempt): void {
    // Held until now, so that a refusal while waiting keeps its HTTP status.
    if (this.#run.callsUsed === 0) this.#sink.planned?.(this.#run.query.runId, this.#run.plan)
    this.#run.callsUsed += 1
    this.#tell('step-started', attempt)
  }

  attemptDelta(attempt: Attempt, delta: Delta): void | Promise<void> {
    if (!this.#isAnswering(attempt)) return this.#out.forwardStep(attempt.stepId, delta)
    this.#insuranceAttempt?.abandon('aborted')
    return this.#out.forward(delta)
  }

  /** Like every word of an attempt, this comes only while the run lasts: at its end all attempts are abandoned. */
  attemptSettled(attempt: Attempt, result: CallResult): void {
    const isComplete = result.status === 'done' || result.status === 'cut'
    this.#lastError = result.error ?? this.#lastError
    const held = isComplete ? this.#take(attempt, result) : null
    this.#tell('step-finished', attempt)
    if (this.#isCutting) return this.#finishCut(attempt, result)
    if (attempt.init.isInsurance) return
    const progress = this.#run.progressOf(attempt)
    if (this.#isUseful(held)) return this.#settle(progress)
    if (!isComplete && this.#isAnswering(attempt) && this.#out.hasBegun) return this.#fail(result.error)
    if (isComplete) progress.uselessModels.push(attempt.model)
    else if (attempt.replica !== null) progress.failedReplicas.push(attempt.replica)
    if (!this.#out.hasBegun && mayRetry(this.#run, progress, result)) return this.#retry(progress, result)
    if (!isComplete && this.#run.hand.isEmpty && this.#run.isOnlyHope(progress)) return this.#fail(result.error)
    this.#settleFailed(progress)
  }

  attemptRejected(attempt: Attempt, code: ErrorCode, message: string): void {
    if (attempt.init.isInsurance) return
    const progress = this.#run.progressOf(attempt)
    progress.uselessModels.push(attempt.model)
    if (code !== 'QUEUE_FULL' && this.#run.hasOtherModel(progress)) return this.#decide(progress)
    if (this.#run.hand.isEmpty && this.#run.isOnlyHope(progress)) {
      return this.#end({ outcome: 'refused', error: new InframindError(code, message, { retryAfterMs: 1000 }) })
    }
    this.#settleFailed(progress)
  }

  attemptAbandoned(attempt: Attempt): void {
    this.#tell('step-finished', attempt)
  }

  /** A waiting call has used up its slack: choose again, and change only for something better. */
  attemptWaits(attempt: Attempt): void {
    if (attempt.init.isInsurance) return
    const progress = this.#run.progressOf(attempt)
    if (progress.attempt !== attempt || progress.rechoices >= this.#context.settings.maxRechoices) return
    const state = this.#run.start.state()
    const seen = this.#run.stepContext(progress, state)
    const choice = this.#context.executor.choose(seen, state)
    if (choice.kind === 'stop' || !isBetterThanWaiting(this.#context, choice, { attempt, seen, state })) return
    progress.rechoices += 1
    attempt.abandon('rechosen')
    this.#launch(progress, choice, seen, state)
  }

  #isAnswering(attempt: Attempt): boolean {
    return attempt.init.step.isLast && !attempt.init.isInsurance
  }

  #startReady(): void {
    for (const progress of this.#run.progress.values()) {
      if (this.#isOver) return
      if (progress.status !== 'waiting') continue
      if (progress.step.dependsOn.every((id) => this.#run.progress.get(id)?.status === 'settled')) {
        this.#decide(progress)
      }
    }
    if (!this.#isOver && this.#run.outstandingAnswers() === 0) this.#conclude()
  }

  #decide(progress: StepProgress): void {
    const state = this.#run.start.state()
    const seen = this.#run.stepContext(progress, state)
    const { hand } = this.#run
    if (progress.step.kind === 'revise' && hand.isEmpty) return this.#leaveOut(progress, seen, 'nothing-to-revise')
    if (!this.#run.mayCall()) return this.#leaveOut(progress, seen, 'limit-reached')
    const choice = this.#context.executor.choose(seen, state)
    if (choice.kind === 'stop') return this.#stop(progress, seen, choice)
    const isTimed = this.#context.settings.enforcesDeadline && !hand.isEmpty
    if (isTimed && choice.estimate.latencyMs.cdf(seen.remainingMs - seen.reservedMs) < 0.05) {
      this.#run.degraded.add('steps-dropped')
      return this.#leaveOut(progress, seen, 'no-time')
    }
    this.#launch(progress, choice, seen, state)
  }

  #launch(progress: StepProgress, choice: ArmChoice, seen: StepContext, state: ClusterState): void {
    // An answer that a second call may have to replace is not sent on as it comes.
    const backup = mayCallBeside(this.#run) ? choice.backup : undefined
    const streams = progress.step.isLast ? this.#out.streamsAnswer && !backup : this.#out.streamsSteps
    const attempt = makeAttempt(this.#run, this, {
      choice,
      seenAtChoice: seen,
      state,
      attempt: progress.attempts,
      isInsurance: false,
      streams,
    })
    progress.attempts += 1
    progress.attempt = attempt
    progress.status = 'open'
    this.#tell('step-queued', attempt)
    if (backup) {
      const startsAtMs = this.#run.replyByMs - backup.leadMs
      this.#timers.push(this.#context.clock.at(startsAtMs, () => this.#backUp(backup)))
    }
    attempt.enqueue()
  }

  #needsHelp(): boolean {
    const { hand } = this.#run
    const isHelped = this.#insuranceAttempt?.isOpen ?? false
    return !this.#isOver && !isHelped && hand.isEmpty && !this.#out.hasBegun && this.#run.mayCall()
  }

  /** The second call that was planned with the first: now or never, if nothing is in hand. */
  #backUp(backup: Backup): void {
    const estimate = this.#needsHelp() ? backupNow(this.#run, backup) : null
    if (estimate !== null) this.#callBeside(estimate, 'backup')
  }

  #retry(progress: StepProgress, result: CallResult): void {
    if (!wasRefused(result)) progress.retries += 1
    const delayMs = retryDelayMs(this.#run, progress, result) ?? 0
    if (delayMs === 0) return this.#decide(progress)
    progress.failedReplicas.length = 0
    this.#timers.push(
      this.#context.clock.at(this.#context.clock.nowMs() + delayMs, () => {
        if (progress.status !== 'settled') this.#decide(progress)
      }),
    )
  }

  /** Keeps a complete answer in hand. */
  #take(attempt: Attempt, result: CallResult): HeldAnswer {
    const answer = extractAnswer(result.text, this.#run.query.answerFormat)
    const held = { attempt, result, answer: attempt.remember(answer) }
    this.#run.hand.add(held)
    return held
  }

  #isUseful(held: HeldAnswer | null): boolean {
    return held !== null && (this.#out.hasBegun || !isUnread(this.#run, held))
  }

  #settle(progress: StepProgress): void {
    progress.status = 'settled'
    const { plan, hand } = this.#run
    if (plan.merge === 'vote' && hand.isDecided(this.#run.outstandingAnswers())) return this.#conclude()
    if (this.#isLastDue) this.#lastStepIsDue()
    this.#startReady()
  }

  /** No more comes of this step: the others go on without it. */
  #settleFailed(progress: StepProgress): void {
    this.#run.failedSteps += 1
    this.#run.degraded.add('steps-failed')
    this.#settle(progress)
  }

  #leaveOut(progress: StepProgress, seen: StepContext, reason: string): void {
    const { step } = progress
    this.#run.leftOut.push(leftOutRecord(progress, seen, { outcome: 'dropped', reason }))
    const atMs = this.#context.clock.nowMs()
    this.#sink.step?.({ type: 'step-dropped', stepId: step.id, role: step.role, arm: null, atMs })
    this.#settle(progress)
  }

  /** The executor is content with the answers in hand: all that has not begun is left out. */
  #stop(progress: StepProgress, seen: StepContext, { reason, shadow }: Extract<Choice, { kind: 'stop' }>): void {
    for (const other of this.#run.progress.values()) {
      if (other.status !== 'waiting' && other !== progress) continue
      // The decision was made at one step, for all that follow.
      const asked = other === progress ? shadow : undefined
      this.#run.leftOut.push(leftOutRecord(other, seen, { outcome: 'stopped', reason, shadow: asked }))
    }
    this.#answer(this.#run.hand.best())
  }

  /** Every step has settled, or the rest cannot change the answer. */
  #conclude(): void {
    const { held, degradation } = finalAnswer(this.#run, this.#out.hasBegun)
    if (degradation !== null) this.#run.degraded.add(degradation)
    this.#answer(held)
  }

  #answer(held: HeldAnswer | null): void {
    if (held === null) return this.#fail(null)
    // Answers that agree against every vote that could still have come are as good as planned; a merger's input is missed.
    const isByCount = this.#run.plan.merge === 'vote' || !this.#isAnswering(held.attempt)
    if (isByCount && this.#run.hand.isDecided(this.#run.failedSteps)) this.#run.degraded.delete('steps-failed')
    const { text, toolCalls, reasoning } = held.result
    if (this.#sink.delta) {
      this.#out.whole({ text, ...(reasoning ? { reasoning } : {}), ...(toolCalls === null ? {} : { toolCalls }) })
    }
    const isVote = this.#run.plan.merge === 'vote' && !held.attempt.init.isInsurance
    this.#end({
      outcome: 'answered',
      by: held.attempt,
      result: held.result,
      isVote,
      answer: held.answer.answer,
      finishReason: held.result.finishReason || 'stop',
    })
  }

  /** No more time for the steps before the last: it runs on what has arrived, as soon as anything has. */
  #lastStepIsDue(): void {
    this.#isLastDue = true
    const last = waitingLastStep(this.#run)
    if (last === null || this.#run.hand.isEmpty) return
    dropLateSteps(this.#run, last)
    this.#startReady()
  }

  #deadlinePassed(): void {
    if (this.#run.query.limits.onDeadline === 'fail') return this.#late()
    if (this.#out.hasBegun) return this.#cut()
    const best = this.#run.hand.best()
    if (best === null) return this.#cut()
    this.#run.degraded.add(fallback(best))
    this.#answer(best)
  }

  /** Ends the answer where it stands: asks the engine for what it has written. */
  #cut(): void {
    const writing = callToCut(this.#run)
    const { soloReason } = this.#run.query
    const isPartOfUse = this.#out.hasBegun || soloReason === null || soloReason === 'chat'
    if (writing === null || !isPartOfUse) return this.#late()
    this.#isCutting = true
    for (const attempt of this.#run.attempts) if (attempt !== writing) attempt.abandon('aborted')
    this.#timers.push(this.#context.clock.at(this.#run.query.deadlineAtMs, () => this.#late()))
    writing.interrupt()
  }

  #finishCut(attempt: Attempt, result: CallResult): void {
    if (result.status === 'done' || result.status === 'cut') return this.#answer(this.#run.hand.best())
    if (result.text === '' && !this.#out.hasBegun) return this.#late()
    this.#run.degraded.add('cut')
    if (this.#sink.delta) this.#out.whole({ text: result.text })
    this.#end({ outcome: 'answered', by: attempt, result, finishReason: 'length' })
  }

  #late(): void {
    this.#end({ outcome: 'failed', error: lateError(this.#run.query.budgetMs) })
  }

  #fail(error: CallResult['error']): void {
    this.#end({ outcome: 'failed', error: engineFailure(error ?? this.#lastError) })
  }

  #callBeside(estimate: ArmEstimate, reason: 'insurance' | 'backup'): void {
    this.#insuranceAttempt = makeAttempt(this.#run, this, wishBeside(this.#run, estimate, reason))
    this.#tell('step-queued', this.#insuranceAttempt)
    this.#insuranceAttempt.enqueue()
  }

  #tell(type: StepEvent['type'], attempt: Attempt): void {
    this.#sink.step?.(stepEvent(type, attempt, this.#context.clock.nowMs()))
  }

  #end(end: Pick<RunEnding, 'outcome'> & Partial<RunEnding>): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#insurance.disarm()
    for (const cancel of this.#timers) cancel()
    for (const attempt of this.#run.attempts) attempt.abandon('aborted')
    const ending: RunEnding = {
      error: null,
      by: null,
      result: null,
      isVote: false,
      answer: null,
      finishReason: '',
      finishedAtMs: this.#context.clock.nowMs(),
      firstByteAtMs: this.#out.firstByteAtMs,
      ...end,
    }
    const result = resultOf(this.#run, ending)
    this.#resolve?.(result)
    writeWhenQuiet(this.#run, ending, result.record)
  }
}
