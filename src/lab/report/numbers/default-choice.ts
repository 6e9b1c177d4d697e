/**
 * @file Which policy is the default, and why.
 *
 * A learned policy becomes the default only while it beats the training-free one on correct goodput: above it, outside
 * the interval, on more than half of the cells, and below it, outside the interval, on none.
 */
import { isGranted } from '../results/method-facts.ts'
import { type Comparison, type ComparisonOptions, compare } from './comparison.ts'

const trainingFree = 'greedy'
const learned: readonly string[] = ['dual', 'residual', 'ppo']

export interface DefaultChoice {
  readonly default: string
  /** Each learned policy against the training-free one; empty: none was run. */
  readonly candidates: readonly { readonly comparison: Comparison; readonly qualifies: boolean }[]
  readonly why: string
}

export function chooseDefault(options: ComparisonOptions): DefaultChoice {
  const { methods } = options.results
  const reference = methods.find(({ base }) => base === trainingFree)
  const rivals = methods.filter((method) => learned.includes(method.base) && isGranted(method))
  if (reference === undefined || rivals.length === 0) {
    const why =
      'No learned policy was run beside `greedy`, so these results give no reason to leave the training-free one.'
    return { default: trainingFree, candidates: [], why }
  }
  const candidates = rivals.map((method) => {
    const comparison = compare(method, reference, options)
    const { all } = comparison
    return { method, comparison, qualifies: all !== null && all.wins > all.cells / 2 && all.losses === 0 }
  })
  const best = candidates
    .filter(({ qualifies }) => qualifies)
    .toSorted((a, b) => (b.comparison.all?.estimate ?? 0) - (a.comparison.all?.estimate ?? 0))[0]
  return {
    default: best?.method.name ?? trainingFree,
    candidates: candidates.map(({ comparison, qualifies, method }) => ({
      // `compare` names the rival; here the rival is the reference.
      comparison: { ...comparison, method: method.name },
      qualifies,
    })),
    why: best
      ? `\`${best.method.name}\` is above \`${trainingFree}\` outside the interval on most cells and below it on none.`
      : 'No learned policy is above `greedy` outside the interval on most cells without being below it on some.',
  }
}
