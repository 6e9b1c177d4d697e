/**
 * @file What is left of a plan from one step on: that step, all that follows from it, and what those steps wait for beside it.
 *
 * Steps that nothing of this follows from (other votes, other debaters whose word is in) are left out: they are the same
 * whatever arm this step takes. A step that is still out is taken to start now, since nobody says when it began.
 */
import type { PlannedStep, StepContext, StepId } from '../../../core/index.ts'
import { pathWeight, timeWeight } from '../../predict/index.ts'

export interface RestStep {
  readonly step: PlannedStep
  /** Places in the rest of the steps that it waits for: all before its own. */
  readonly after: readonly number[]
  /** Nothing in the rest waits for it. */
  readonly isEnd: boolean
  /** Its part of the time from its start to the end, by expected seconds. 0-1. */
  readonly timeShare: number
}

/** Ids of all that `step` waits for, however far back. */
function ancestors(steps: readonly PlannedStep[], step: PlannedStep): ReadonlySet<StepId> {
  const found = new Set(step.dependsOn)
  for (const earlier of steps.toReversed()) if (found.has(earlier.id)) for (const id of earlier.dependsOn) found.add(id)
  return found
}

/** The rest of `context.plan`, the step itself first; in an order that respects what waits for what. */
export function restOfPlan(context: StepContext): readonly RestStep[] {
  const { step, plan, answers } = context
  const settled = new Set([...ancestors(plan.steps, step), ...answers.map(({ stepId }) => stepId)])
  settled.delete(step.id)
  const following = new Set([step.id])
  for (const { id, dependsOn } of plan.steps) if (dependsOn.some((before) => following.has(before))) following.add(id)
  const needed = new Set(following)
  for (const { id, dependsOn } of plan.steps.toReversed())
    if (needed.has(id)) for (const before of dependsOn) if (!settled.has(before)) needed.add(before)
  const rest = [step, ...plan.steps.filter(({ id }) => id !== step.id && needed.has(id) && !settled.has(id))]
  const places = new Map(rest.map(({ id }, place) => [id, place]))
  const waitedFor = new Set(rest.flatMap(({ dependsOn }) => dependsOn))
  return rest.map((each) => ({
    step: each,
    after: each.dependsOn.flatMap((id) => places.get(id) ?? []),
    isEnd: !waitedFor.has(each.id),
    timeShare: timeWeight(each) / pathWeight(plan.steps, each),
  }))
}
