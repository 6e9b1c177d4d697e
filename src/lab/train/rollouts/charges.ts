/**
 * @file What a run's calls cost the others: congestion prices times what was really used of what was expected.
 *
 * A price was stated with every choice, for the expected time in a slot. A call that was given up early is charged for the
 * part that it used, one that ran on for more.
 */
import { clamp, type RunRecord, type StepRecord } from '../../../core/index.ts'

/** No call is charged for more than so many times its expected service. */
const mostOverrun = 3

export const chargesOf = (record: RunRecord): number => record.steps.reduce((sum, step) => sum + chargeOf(step), 0)

function chargeOf({ choice, predicted, sentAtMs, finishedAtMs }: StepRecord): number {
  if (!('model' in choice) || choice.price === null || !predicted || sentAtMs === null || finishedAtMs === null)
    return 0
  const expectedMs = Math.max(1, predicted.latencyMs - predicted.queueMs)
  return choice.price * clamp((finishedAtMs - sentAtMs) / expectedMs, 0, mostOverrun)
}
