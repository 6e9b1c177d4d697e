/** @file What is done about time at the end of a run: time kept back for the last step, and who is cut at the deadline. */
import type { Attempt } from './attempt.ts'
import { leftOutRecord } from './left-out.ts'
import type { RunState } from './run-state.ts'
import type { StepProgress } from './step-progress.ts'
import { fastestArm, priceShallowArms } from './time-plan.ts'

/** Tokens that an input adds to the last step's prompt, before it is known. */
const assumedInputTokens = 200

/** Time to keep back for the last step: its fastest arm's 95 % quantile. 0 where no step comes before it. ms. */
export function reservedForLast({ plan, query, start, context }: RunState): number {
  const last = plan.steps.find(({ isLast }) => isLast)
  if (last === undefined || plan.steps.length === 1) return 0
  const promptTokens = query.promptTokens + last.reads.length * assumedInputTokens
  const fastest = fastestArm(
    priceShallowArms({ query, kind: last.kind, promptTokens }, start.state(), context.predictor),
  )
  // Never more than half of the budget: the steps before need some time to be worth merging.
  return Math.min(fastest?.surelyMs ?? 0, query.budgetMs / 2)
}

/** The last step, where it still waits for others; null where it has begun or there is none. */
export function waitingLastStep(run: RunState): StepProgress | null {
  for (const progress of run.progress.values()) {
    if (progress.step.isLast) return progress.status === 'waiting' ? progress : null
  }
  return null
}

/** Gives up every step before the last, so that it can run on what has arrived. */
export function dropLateSteps(run: RunState, last: StepProgress): void {
  const seen = run.stepContext(last, run.start.state())
  for (const progress of run.progress.values()) {
    if (progress === last || progress.status === 'settled') continue
    if (progress.status === 'open') progress.attempt?.abandon('aborted')
    else run.leftOut.push(leftOutRecord(progress, seen, { outcome: 'dropped', reason: 'no-time' }))
    progress.status = 'settled'
    run.degraded.add('steps-dropped')
  }
}

/** The call whose text goes out as far as it has come: the last step's, else insurance's, else any. Null: none is sent. */
export function callToCut(run: RunState): Attempt | null {
  const open = run.attempts.filter((attempt) => attempt.isOpen && attempt.isUnderWay)
  return (
    open.find(({ init }) => init.step.isLast && !init.isInsurance) ??
    open.find(({ init }) => init.isInsurance) ??
    open[0] ??
    null
  )
}
