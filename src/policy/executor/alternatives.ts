/** @file The arms that were weighed and not taken, as records carry them: the best few. */
import type { ArmAlternative } from '../../core/index.ts'
import { type GreedyTerms, type PricedArm, type PriceList, scoreOf } from '../predict/index.ts'

const mostAlternatives = 5

/** The best of `lines` beside `chosen`, best first; equal scores in the order of the list. */
export function alternativesTo(
  chosen: PricedArm,
  lines: PriceList,
  terms: Pick<GreedyTerms, 'weight' | 'siblings'>,
): readonly ArmAlternative[] {
  const best: ArmAlternative[] = []
  for (const line of lines) {
    if (line === chosen) continue
    const score = scoreOf(line, terms)
    let place = best.length
    while (place > 0 && (best[place - 1] as ArmAlternative).score < score) place -= 1
    if (place >= mostAlternatives) continue
    const { arm, meanMs: predictedMs, quality, price } = line
    best.splice(place, 0, { arm, predictedMs, quality, price, score })
    if (best.length > mostAlternatives) best.pop()
  }
  return best
}
