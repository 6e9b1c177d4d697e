/** @file What each model is good for at best: the line of most quality, by model. */
import type { ModelId } from '../../core/index.ts'
import type { PricedArm, PriceList } from '../predict/index.ts'

/** The first of equals. */
export function bestOfModels(lines: PriceList): ReadonlyMap<ModelId, PricedArm> {
  const best = new Map<ModelId, PricedArm>()
  for (const line of lines) {
    const known = best.get(line.arm.model)
    if (!known || line.quality > known.quality) best.set(line.arm.model, line)
  }
  return best
}
