/**
 * @file Calls beside the steps of the plan: the backup that was planned with a slow call, and the insurance call.
 *
 * Both answer the query from scratch, as its first step would. At most one of them is open at a time: where one fails, the
 * other may still be made.
 */
import type { ArmEstimate, Backup } from '../../core/index.ts'
import type { AttemptWish } from './make-attempt.ts'
import type { RunState } from './run-state.ts'
import type { StepProgress } from './step-progress.ts'

/** A planned backup less sure than this to be in time is left to the insurance call, which looks for what still fits. */
const leastChance = 0.5

/** Whether a call beside the plan may be made for this run at all. */
export function mayCallBeside({ context, query }: RunState): boolean {
  const { insures, enforcesDeadline } = context.settings
  return insures && enforcesDeadline && query.limits.onDeadline !== 'fail'
}

/** The backup as it looks now; null: the pool got too slow for it since it was planned. */
export function backupNow(run: RunState, { arm }: Backup): ArmEstimate | null {
  const { query, context } = run
  const state = run.start.state()
  if (!state.model(arm.model)?.isUsable) return null
  const shape = { query, kind: 'solve' as const, promptTokens: query.promptTokens }
  const estimate = context.predictor.predict(arm, shape, state)
  return estimate.latencyMs.cdf(run.replyByMs - context.clock.nowMs()) < leastChance ? null : estimate
}

/** The attempt to make beside the plan's. */
export function wishBeside(run: RunState, estimate: ArmEstimate, reason: 'insurance' | 'backup'): AttemptWish {
  const state = run.start.state()
  const first = [...run.progress.values()].find(({ step }) => step.reads.length === 0) as StepProgress
  return {
    choice: { kind: 'arm', arm: estimate.arm, estimate, reason, shareMs: null, alternatives: [] },
    seenAtChoice: run.stepContext(first, state),
    state,
    attempt: run.attempts.filter(({ init }) => init.isInsurance).length,
    isInsurance: true,
    streams: false,
  }
}
