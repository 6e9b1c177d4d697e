/**
 * @file Two-way bootstrap: how far a paired difference may be from what other questions and other seeds would give.
 *
 * Queries that ask the same question fail together, and so do the queries of one seed; resampling single queries would
 * call luck a finding. A replicate draws the question set anew (with replacement, all queries of a question together) and
 * the seeds anew, independently, and takes the ratio of sums. The draws depend on the name of the question set alone, so
 * replicate r means the same world in every cell and for every method: replicates of cells may be averaged, and the
 * interval of the mean is right although the cells share their questions and seeds.
 *
 * One fewer of each is drawn than there are, which makes the replicates' variance unbiased (McCarthy and Snowden 1985).
 * The noise of single queries is counted in both directions, so the interval is rather wide; where the seeds alone make
 * the difference and there are only five of them, it is narrow: it then holds the truth in about 84 % of cases (the
 * test beside measures it). Cost: sums per (question, seed) first, then replicates x non-zero sums.
 * Source: Owen 2007, Annals of Applied Statistics 1 ("The pigeonhole bootstrap").
 */
import { invariant, keyedRandom, mean, normalCdf, quantileSorted } from '../../../core/index.ts'

export const replicateCount = 1000
const bootstrapSeed = 1

/** How often each question, and each seed, stands in each replicate. */
export interface Resampling {
  readonly questionCount: number
  readonly seedCount: number
  /** [replicates, questions] and [replicates, seeds], row-major. */
  readonly questionWeights: Uint16Array
  readonly seedWeights: Uint16Array
}

export interface Sizes {
  /** Questions of each set, in order; one set or several that are mixed. */
  readonly setSizes: readonly number[]
  readonly seedCount: number
}

/** `name`: with the sizes, all that the draws depend on. The same seeds drive every set of questions. */
export function createResampling(name: string, { setSizes, seedCount }: Sizes): Resampling {
  return {
    questionCount: setSizes.reduce((sum, size) => sum + size, 0),
    seedCount,
    questionWeights: drawWeights(`bootstrap/questions/${name}`, setSizes),
    seedWeights: drawWeights('bootstrap/seeds', [seedCount]),
  }
}

/** Each set on its own: how the sets are mixed is the grid's design, not chance. */
function drawWeights(key: string, sizes: readonly number[]): Uint16Array {
  const random = keyedRandom(bootstrapSeed, key)
  const weights = new Uint16Array(replicateCount * sizes.reduce((sum, size) => sum + size, 0))
  let start = 0
  for (let replicate = 0; replicate < replicateCount; replicate += 1) {
    for (const size of sizes) {
      for (let draw = 0; draw < Math.max(1, size - 1); draw += 1) {
        const at = start + random.below(size)
        weights[at] = (weights[at] as number) + 1
      }
      start += size
    }
  }
  return weights
}

/** Sums per question, one array per seed: [seeds][questions]. */
export type SumsByQuestion = readonly Int32Array[]

/** Sum over questions of weight x value, per replicate and seed: [replicates, seeds]. */
function weigh(sums: SumsByQuestion, { questionCount, seedCount, questionWeights }: Resampling): Float64Array {
  const weighed = new Float64Array(replicateCount * seedCount)
  for (const [seed, values] of sums.entries()) {
    invariant(values.length === questionCount, `${values.length} sums for ${questionCount} questions`)
    const asked: number[] = []
    for (const [question, value] of values.entries()) if (value !== 0) asked.push(question)
    for (let replicate = 0; replicate < replicateCount; replicate += 1) {
      const row = replicate * questionCount
      let sum = 0
      for (const question of asked) sum += (questionWeights[row + question] as number) * (values[question] as number)
      weighed[replicate * seedCount + seed] = sum
    }
  }
  return weighed
}

const totalOf = (sums: SumsByQuestion): number =>
  sums.reduce((sum, values) => sum + values.reduce((inner, value) => inner + value, 0), 0)

/** A denominator that many numerators share: the queries asked, per question and seed. */
export interface Denominator {
  readonly total: number
  /** [replicates, seeds]. */
  readonly weighed: Float64Array
}

export const createDenominator = (asked: SumsByQuestion, resampling: Resampling): Denominator => ({
  total: totalOf(asked),
  weighed: weigh(asked, resampling),
})

/** An estimate with what the resampled worlds made of it. */
export interface Replicated {
  readonly estimate: number
  readonly replicates: Float64Array
}

interface Sampled {
  readonly denominator: Denominator
  readonly resampling: Resampling
}

/** The ratio of sums, `numerator` over the denominator. */
export function bootstrapRatio(numerator: SumsByQuestion, { denominator, resampling }: Sampled): Replicated {
  const { seedCount, seedWeights } = resampling
  const estimate = denominator.total === 0 ? 0 : totalOf(numerator) / denominator.total
  const weighed = weigh(numerator, resampling)
  const replicates = new Float64Array(replicateCount)
  for (let replicate = 0; replicate < replicateCount; replicate += 1) {
    let [above, below] = [0, 0]
    for (let at = replicate * seedCount; at < (replicate + 1) * seedCount; at += 1) {
      const weight = seedWeights[at] as number
      above += weight * (weighed[at] as number)
      below += weight * (denominator.weighed[at] as number)
    }
    // A world that asks nothing says nothing new.
    replicates[replicate] = below === 0 ? estimate : above / below
  }
  return { estimate, replicates }
}

/** The mean of several estimates, replicate by replicate. `parts` must not be empty. */
export function meanOf(parts: readonly Replicated[]): Replicated {
  const replicates = new Float64Array(replicateCount)
  for (const part of parts) {
    for (const [index, value] of part.replicates.entries()) {
      replicates[index] = (replicates[index] as number) + value / parts.length
    }
  }
  return { estimate: mean(parts.map(({ estimate }) => estimate)), replicates }
}

export interface Interval {
  readonly estimate: number
  /** Bounds of the 95 % interval: quantiles of the replicates. */
  readonly low: number
  readonly high: number
  /**
   * Two-sided, from the replicates' spread by the normal distribution: a thousand replicates cannot count the small
   * shares that a correction over many cells asks for.
   */
  readonly pValue: number
}

export function intervalOf({ estimate, replicates }: Replicated): Interval {
  const sorted = Float64Array.from(replicates).sort()
  const centre = sorted.reduce((sum, value) => sum + value, 0) / sorted.length
  const variance = sorted.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (sorted.length - 1)
  const pValue = estimate === 0 ? 1 : Math.min(1, 2 * normalCdf(-Math.abs(estimate) / Math.sqrt(variance)))
  return { estimate, low: quantileSorted(sorted, 0.025), high: quantileSorted(sorted, 0.975), pValue }
}

export type Verdict = 'better' | 'none' | 'worse'

/** A difference whose interval holds 0 is called none. */
export function verdictOf({ low, high }: Pick<Interval, 'low' | 'high'>): Verdict {
  if (low > 0) return 'better'
  return high < 0 ? 'worse' : 'none'
}

/** Non-inferiority: the whole interval lies above -`margin`, in the estimate's unit. */
export const isNotWorse = ({ low }: Pick<Interval, 'low'>, margin: number): boolean => low > -margin
