/**
 * @file Which arms may be taken at a step: limits of the caller, state of the pool, room in the context, a chance in time.
 *
 * Masks are laid on from the outside in. One that would leave nothing is lifted again, the mildest first, so that as long
 * as any model can be called there is a choice: a late or cut answer may still be the best there is. Models that failed
 * this step, and models that cannot be called, come back only when nothing else is left.
 */
import type { QueryLimits, StepContext } from '../../core/index.ts'
import { strategiesUpTo } from '../../team/index.ts'
import { chanceWithin, type PricedArm, type PriceList } from '../predict/index.ts'

/** Arms less likely than this to be in time are not worth their slot. */
const leastChance = 0.05

export interface AllowedArms {
  /** In the order of the price list; at least one if the list has any. */
  readonly lines: PriceList
  /** What had to be lifted: `late`: none has a chance in time; `room`: none fits; `failed`; `unusable`. */
  readonly lifted: 'late' | 'room' | 'failed' | 'unusable' | null
}

/** Whether `limits` allow this depth. */
function allowsStrategy(limits: QueryLimits, line: PricedArm): boolean {
  const { strategy } = line.arm
  if (limits.strategy !== undefined) return strategy === limits.strategy
  return limits.deepestStrategy === undefined || strategiesUpTo(limits.deepestStrategy).includes(strategy)
}

/** The arms of `list` that may be taken at `step`, by depth, pool, room and time. */
export function allowedArms(list: PriceList, step: StepContext): AllowedArms {
  const { limits } = step.query
  const deep = list.filter((line) => allowsStrategy(limits, line))
  const usable = deep.filter((line) => line.isUsable)
  if (usable.length === 0) return { lines: deep, lifted: 'unusable' }
  const fresh = usable.filter((line) => !step.excludedModels.includes(line.arm.model))
  if (fresh.length === 0) return { lines: usable, lifted: 'failed' }
  const tokensLeft = (limits.maxTotalTokens ?? Infinity) - step.tokensUsed - step.promptTokens
  const fitting = fresh.filter((line) => line.fitsContext && line.length.mean <= tokensLeft)
  if (fitting.length === 0) return { lines: fresh, lifted: 'room' }
  const leftMs = step.remainingMs - step.reservedMs
  const timely = fitting.filter((line) => chanceWithin(line, leftMs) >= leastChance)
  return timely.length === 0 ? { lines: fitting, lifted: 'late' } : { lines: timely, lifted: null }
}
