/**
 * @file What a second try is worth: an answer that its cap cuts off unread is asked for again on another model.
 *
 * The runtime does so for the call that the answer hangs on, where time is left. An arm that is often cut (a model that
 * thinks at length) is then worth more than its own finished answers: its cut share earns what the best model that still
 * fits behind its longest answer is expected to earn on such a question.
 */
import type { PricedArm, PriceList } from './priced-arm.ts'

/** Cut answers come with harder questions: part of another model's usual quality that it keeps there. Derived: length grows by 0.1 per standard deviation of difficulty. */
const keptQuality = 0.92
/** Below this share of cut answers nothing changes. */
const rareCut = 0.01

/** Time that a try behind `line` has, after the longest that `line` may take. */
const leftBehind = (line: PricedArm, leftMs: number): number => leftMs - line.queueMs - line.longestServiceMs

/** `lines` for the call that the answer hangs on, `leftMs` before its deadline: qualities with their second tries. */
export function withRescue(lines: PriceList, leftMs: number, safety: number): PriceList {
  if (!lines.some(({ length }) => length.cutShare > rareCut)) return lines
  return lines.map((line) => {
    if (line.length.cutShare <= rareCut) return line
    const roomMs = leftBehind(line, leftMs)
    let other = 0
    for (const candidate of lines) {
      if (candidate.arm.model === line.arm.model || candidate.quality <= other) continue
      if (candidate.isUsable && safety * candidate.meanMs <= roomMs) other = candidate.quality
    }
    return other === 0 ? line : { ...line, quality: line.quality + line.length.cutShare * keptQuality * other }
  })
}
