/**
 * @file Which side of the pool a learned policy is shown, for ablation: what engines report, what is predicted from it, or both.
 *
 * `raw` hides every prediction of time and what is made of it (prices, scores); `estimates` hides queues, caches and ages.
 * What an arm is worth, what it is, and what was asked is always shown. A policy over a base still gets the base's scores:
 * the ablation says most of one from scratch.
 */

export const featureViews = ['both', 'raw', 'estimates'] as const
export type FeatureView = (typeof featureViews)[number]

const reported =
  /^(pool\.(load|pressure|kv)(\.|$)|bottleneckPressure$|(pressure|running|waiting|kv|slowdown|readingAge)$)/
const predicted =
  /^(pool\.latency\.|(price|score|behindBestScore|fits|chanceInShare|chanceInTime|meanOfShare|p90OfLeft|sigma|latency|queue|ttft|tpot|service|predicted|predictedOfLeft)$)/

const hiddenBy: Readonly<Record<FeatureView, RegExp | null>> = { both: null, raw: predicted, estimates: reported }

/** Writes 0 over what `view` hides, in the first `rows` rows of as many numbers as there are names. */
export function createFeatureMask(
  names: readonly string[],
  view: FeatureView,
): (numbers: Float32Array, rows: number) => void {
  const pattern = hiddenBy[view]
  if (pattern === null) return () => {}
  const places = names.flatMap((name, place) => (pattern.test(name) ? [place] : []))
  return (numbers, rows) => {
    for (let row = 0; row < rows; row += 1) for (const place of places) numbers[row * names.length + place] = 0
  }
}
