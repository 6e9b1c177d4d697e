/** @file Makes an attempt from a choice: its prompt, its caps, its place in the queue's order. */
import type { AnswerInHand, ClusterState, StepContext } from '../../core/index.ts'
import { composeMessages } from '../../team/index.ts'
import { type ArmChoice, Attempt, type AttemptOwner } from './attempt.ts'
import { callTerms, mayAnswer } from './call-terms.ts'
import type { RunState } from './run-state.ts'
import { seenModels } from './seen.ts'

export interface AttemptWish {
  readonly choice: ArmChoice
  readonly seenAtChoice: StepContext
  readonly state: ClusterState
  readonly attempt: number
  readonly isInsurance: boolean
  /** Whether somebody wants its text as it comes. */
  readonly streams: boolean
}

/** The attempt, not yet queued. Claims its tokens of the caller's limit. */
export function makeAttempt(run: RunState, owner: AttemptOwner, wish: AttemptWish): Attempt {
  const { choice, seenAtChoice, isInsurance } = wish
  const { query, plan, context } = run
  const { step, promptTokens } = seenAtChoice
  const { arm, estimate } = choice
  const inputs = isInsurance ? [] : step.reads.flatMap((id) => run.hand.output(id)?.answer ?? [])
  const terms = callTerms(query, {
    arm,
    stepId: step.id,
    answers: isInsurance || mayAnswer(plan, step),
    isReasoningModel: context.settings.isReasoningModel(arm.model),
    tokensLeft: (query.limits.maxTotalTokens ?? Infinity) - run.tokensClaimed - promptTokens,
  })
  run.tokensClaimed += promptTokens + terms.maxOutputTokens
  const followers = Math.max(0, step.stepsToEnd - 2)
  const attempt = new Attempt(
    {
      runId: query.runId,
      step,
      attempt: wish.attempt,
      isInsurance,
      choice,
      seenAtChoice,
      seen: seenModels(wish.state),
      meaning: {
        questionText: query.text,
        strategy: arm.strategy,
        kind: isInsurance ? 'solve' : step.kind,
        role: step.role,
        inputs: inputs.map(({ answer, text }) => answer ?? text),
      },
      messages: () => compose(run, wish, inputs),
      maxOutputTokens: terms.maxOutputTokens,
      body: terms.body,
      afterwardsMs: isInsurance ? 0 : seenAtChoice.reservedMs + estimate.serviceMs * followers,
      affinity: run.attempts.find(({ model, replica }) => model === arm.model && replica !== null)?.replica ?? null,
      excludedReplicas: isInsurance ? [] : (run.progress.get(step.id)?.failedReplicas ?? []),
      streams: wish.streams,
    },
    context,
    owner,
  )
  run.attempts.push(attempt)
  return attempt
}

/** The prompt, composed at the instant of sending, so that it tells the time that is really left. */
function compose(run: RunState, wish: AttemptWish, inputs: readonly AnswerInHand[]) {
  const { step } = wish.seenAtChoice
  return composeMessages({
    query: run.query,
    step: wish.isInsurance ? { ...step, kind: 'solve', reads: [] } : step,
    strategy: wish.choice.arm.strategy,
    inputs,
    remainingMs: run.remainingMs,
    edgeTokens: run.context.settings.edgeTokens,
  })
}
