/**
 * @file Sequential halving: the best of many noisy candidates within a budget of samples.
 *
 * All candidates get a few samples, the best quarter three times as many, and so on; a field of four or fewer shares
 * what is left. The k-th sample of every candidate is taken under the same draw k, so that differences carry less noise
 * than means do. Deterministic; O(budget) samples.
 *
 * Source: sequential halving, Karnin, Koren and Somekh 2013; ours keeps a quarter and reuses earlier samples.
 */
const firstSamples = 4
const keptShare = 0.25
const growth = 3
/** A field of this size needs no further cut. */
const lastField = 4

export interface HalvingOptions {
  /** >= 1. */
  readonly candidates: number
  /** Samples in all; each candidate gets one at least. */
  readonly budget: number
  /** The value of a candidate under draw `draw` (0, 1, 2 ...). Asked in order, once per pair. */
  sample(candidate: number, draw: number): number
}

export interface Halving {
  /** The candidate with the largest mean; of equal ones the first. */
  readonly best: number
  readonly bestMean: number
  /** By candidate: how far its mean was below the best one's over the draws that both had. >= 0. */
  readonly behind: readonly number[]
  readonly samples: number
}

/** What has been seen of the candidates: means over the draws so far, after each round. */
class Field {
  readonly #sums: Float64Array
  readonly #means: Float64Array[] = []
  /** By candidate: the last round that it was in. */
  readonly #lastRound: Int32Array
  #draws = 0
  samples = 0
  /** In their own order. */
  left: readonly number[]

  constructor(candidates: number) {
    this.#sums = new Float64Array(candidates)
    this.#lastRound = new Int32Array(candidates)
    this.left = Array.from({ length: candidates }, (_, index) => index)
  }

  /** `count` more samples of each that is left. */
  play(count: number, sample: HalvingOptions['sample']): void {
    const sums = this.#sums
    for (const candidate of this.left) {
      this.#lastRound[candidate] = this.#means.length
      for (let draw = this.#draws; draw < this.#draws + count; draw += 1)
        sums[candidate] = (sums[candidate] as number) + sample(candidate, draw)
    }
    this.#draws += count
    this.samples += count * this.left.length
    this.#means.push(sums.map((sum) => sum / this.#draws))
  }

  /** Keeps the best `count`; of equal ones the first. */
  cut(count: number): void {
    const worth = (candidate: number) => this.#sums[candidate] as number
    const ranked = [...this.left].sort((a, b) => worth(b) - worth(a))
    this.left = ranked.slice(0, count).sort((a, b) => a - b)
  }

  result(): Halving {
    const best = this.left[0] as number
    const meanAt = (candidate: number, round: number) => this.#means[round]?.[candidate] as number
    const behind = Array.from(this.#lastRound, (round, candidate) => meanAt(best, round) - meanAt(candidate, round))
    return { best, bestMean: meanAt(best, this.#means.length - 1), behind, samples: this.samples }
  }
}

export function sequentialHalving({ candidates, budget, sample }: HalvingOptions): Halving {
  const field = new Field(candidates)
  for (let wanted = firstSamples; ; wanted *= growth) {
    const affordable = Math.floor((budget - field.samples) / field.left.length)
    const isLast = field.left.length <= lastField || affordable <= wanted
    const count = isLast ? affordable : wanted
    if (count > 0 || field.samples === 0) field.play(Math.max(1, count), sample)
    field.cut(isLast ? 1 : Math.ceil(field.left.length * keptShare))
    if (isLast) return field.result()
  }
}
