/**
 * @file Hears every decision of an executor, and how its call came out.
 *
 * A decision and its outcome are joined by the estimate that the choice carries: the runtime hands the same object back.
 */
import type { ArmEstimate, ClusterState, StepContext, StepOutcome } from '../../../core/index.ts'
import type { PolicySet, PriceShape } from '../../../policy/index.ts'

/** What was decided on. */
export interface DecidedStep {
  readonly estimate: ArmEstimate
  readonly shape: PriceShape
  readonly state: ClusterState
}

export interface StepWatcher<Seen> {
  /** An arm was chosen; what is returned comes back with the outcome. */
  decided(step: DecidedStep): Seen
  /** Its call was answered in full, or up to its cap. */
  finished(outcome: StepOutcome, seen: Seen): void
}

/** `policies`, overheard. Calls that end early, and those that no executor chose (insurance), are passed over. */
export function watchSteps<Seen>(policies: PolicySet, watcher: StepWatcher<Seen>): PolicySet {
  const open = new Map<ArmEstimate, Seen>()
  const { executor } = policies
  const choose = (step: StepContext, state: ClusterState) => {
    const choice = executor.choose(step, state)
    if (choice.kind === 'arm') {
      const { estimate } = choice
      open.set(estimate, watcher.decided({ estimate, shape: shapeOf(step), state }))
    }
    return choice
  }
  const stepFinished = (outcome: StepOutcome) => {
    executor.stepFinished?.(outcome)
    const seen = open.get(outcome.estimate)
    if (seen === undefined) return
    open.delete(outcome.estimate)
    watcher.finished(outcome, seen)
  }
  return { ...policies, executor: { ...executor, choose, stepFinished } }
}

const shapeOf = ({ step, query, promptTokens }: StepContext): PriceShape => ({
  query,
  kind: step.kind,
  importance: step.importance,
  promptTokens,
  maxOutputTokens: step.isLast ? query.maxOutputTokens : null,
})
