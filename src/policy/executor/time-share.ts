/** @file The part of the remaining time that one step may take: by its weight on the way to the end of the plan. */
import type { StepContext } from '../../core/index.ts'
import { pathWeight, timeWeight } from '../predict/index.ts'

/**
 * Share of the unreserved time for this step, in ms; negative when time is up. The last step's own time is kept back by
 * the runtime, so its weight is taken off the way.
 */
export function timeShareMs(step: StepContext): number {
  const { steps } = step.plan
  const own = timeWeight(step.step)
  const last = step.reservedMs > 0 ? steps.find(({ isLast }) => isLast) : undefined
  const way = pathWeight(steps, step.step) - (last ? timeWeight(last) : 0)
  return ((step.remainingMs - step.reservedMs) * own) / Math.max(own, way)
}
