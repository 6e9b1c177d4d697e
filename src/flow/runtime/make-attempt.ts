/** @file Makes an attempt from a choice: its prompt, its caps, its place in the queue's order. */
import type { AnswerInHand, Arm, ClusterState, PlannedStep, StepContext } from '../../core/index.ts'
import { composeMessages, meaningOf } from '../../team/index.ts'
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
  const asked = isInsurance ? { ...step, kind: 'solve' as const } : step
  const terms = callTerms(query, {
    arm,
    step,
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
      meaning: meaningOf({ query, step: asked, strategy: arm.strategy, inputs }),
      messages: () => compose(run, arm, { step: asked, inputs }),
      maxOutputTokens: terms.maxOutputTokens,
      body: terms.body,
      afterwardsMs: isInsurance ? 0 : seenAtChoice.reservedMs + estimate.serviceMs * followers,
      // Insurance goes where the run is not: the replica that has its prefix may be the one that hangs.
      affinity: isInsurance
        ? null
        : (run.attempts.find(({ model, replica }) => model === arm.model && replica !== null)?.replica ?? null),
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
function compose(
  run: RunState,
  arm: Arm,
  { step, inputs }: { readonly step: PlannedStep; readonly inputs: readonly AnswerInHand[] },
) {
  return composeMessages({
    query: run.query,
    step,
    strategy: arm.strategy,
    inputs,
    remainingMs: run.remainingMs,
    edgeTokens: run.context.settings.edgeTokens,
    stepByStep: run.context.topologies.find(run.plan.topology)?.stepByStep ?? false,
  })
}
