/** @file Whether a waiting call should change its arm: only for something clearly better, so that choices do not flap. */
import type { ClusterState, StepContext } from '../../core/index.ts'
import type { ArmChoice, Attempt } from './attempt.ts'
import type { RunContext } from './context.ts'

/** Better: another arm that is a fifth faster than staying, or 5 points likelier to be in time. */
export function isBetterThanWaiting(
  context: RunContext,
  choice: ArmChoice,
  { attempt, seen, state }: { readonly attempt: Attempt; readonly seen: StepContext; readonly state: ClusterState },
): boolean {
  const old = attempt.init.choice.arm
  if (old.model === choice.arm.model && old.strategy === choice.arm.strategy) return false
  const shape = { query: seen.query, kind: seen.step.kind, promptTokens: seen.promptTokens }
  const stay = context.predictor.predict(old, shape, state).latencyMs
  const leftMs = seen.remainingMs - seen.reservedMs
  const { latencyMs } = choice.estimate
  return latencyMs.mean < 0.8 * stay.mean || latencyMs.cdf(leftMs) > stay.cdf(leftMs) + 0.05
}
