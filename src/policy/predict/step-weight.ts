/**
 * @file How the time of a run is divided among its steps, before anything is known of their arms.
 *
 * Weights are expected seconds in units of a solution: a review reads more and writes less, and an escalation gets twice
 * the time of the probes before it, since it is the one that must not fail. Assumed; slack is divided afresh at each step.
 */
import type { PlannedStep, RoleImportance, StepKind } from '../../core/index.ts'

const secondsByKind: Readonly<Record<StepKind, number>> = { solve: 1, revise: 1, review: 0.8, aggregate: 0.8 }
const escalationFactor = 2

/** Expected seconds of a step against those of a plain solution. */
export const timeWeight = (step: Pick<PlannedStep, 'kind' | 'isEscalation'>): number =>
  secondsByKind[step.kind] * (step.isEscalation ? escalationFactor : 1)

/** Share of the answer's worth that hangs on a role: a support role's error is often mended by a later step. Assumed. */
export const roleWeight: Readonly<Record<RoleImportance, number>> = { critical: 1, support: 0.75, simple: 0.4 }

const pathWeights = new WeakMap<readonly PlannedStep[], ReadonlyMap<string, number>>()

function measurePaths(steps: readonly PlannedStep[]): ReadonlyMap<string, number> {
  const toEnd = new Map<string, number>()
  for (const step of steps.toReversed()) {
    let after = 0
    for (const other of steps) if (other.dependsOn.includes(step.id)) after = Math.max(after, toEnd.get(other.id) ?? 0)
    toEnd.set(step.id, timeWeight(step) + after)
  }
  return toEnd
}

/** Weight of the heaviest chain from `step` to the end of the plan, itself included. Kept per laid-out graph. */
export function pathWeight(steps: readonly PlannedStep[], step: PlannedStep): number {
  let weights = pathWeights.get(steps)
  if (!weights) {
    weights = measurePaths(steps)
    pathWeights.set(steps, weights)
  }
  return weights.get(step.id) ?? timeWeight(step)
}
