/**
 * @file A run in plain sentences: what was asked, seen, planned, chosen and not chosen, and what happened.
 *
 * Every number is one of the record, rounded, or the difference of two of its instants; every reason is the one recorded or
 * follows from such numbers. Where the record does not tell, nothing is said.
 */
import type { RunRecord } from '../../core/index.ts'
import { explainEnd, explainOutcome } from './explain-outcome.ts'
import { explainPlan, explainSeen } from './explain-plan.ts'
import { explainStep } from './explain-step.ts'

/** Sentences in the order in which things happened, the outcome first. */
export function explainRun(record: RunRecord): readonly string[] {
  if (record.outcome === 'refused') return [explainOutcome(record)]
  return [
    explainOutcome(record),
    ...explainSeen(record),
    ...explainPlan(record),
    ...record.steps.flatMap((step) => explainStep(step, record)),
    ...explainEnd(record),
  ]
}
