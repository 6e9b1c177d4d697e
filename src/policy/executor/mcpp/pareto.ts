/** @file Arms that no other arm beats in everything that a rollout looks at: the rest need not be tried. */
import { latencyQuantile, type PricedArm, type PriceList } from '../../predict/index.ts'

const cautiousQuantile = 0.9

interface Point {
  readonly line: PricedArm
  readonly worth: number
  readonly cautiousMs: number
}

/** At least as good in worth, mean and tail, and better in one. */
function beats(one: Point, other: Point): boolean {
  if (one.worth < other.worth || one.line.meanMs > other.line.meanMs || one.cautiousMs > other.cautiousMs) return false
  return one.worth > other.worth || one.line.meanMs < other.line.meanMs || one.cautiousMs < other.cautiousMs
}

/** The lines that none beats, in their order. `worthOf`: quality less price, in points. O(lines^2), some fifteen of them. */
export function paretoLines(lines: PriceList, worthOf: (line: PricedArm) => number): PriceList {
  const points = lines.map((line) => ({
    line,
    worth: worthOf(line),
    cautiousMs: latencyQuantile(line, cautiousQuantile),
  }))
  return points.filter((point) => !points.some((other) => beats(other, point))).map(({ line }) => line)
}
