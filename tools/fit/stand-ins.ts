/**
 * @file Which cell of the twin stands beside a measured one: the effects were measured on models that the pool does not hold.
 *
 * By rule, not by choice: of the domain's benchmarks and the pool's models, the pair whose plain accuracy in the truth is
 * nearest to the measured accuracy under plain chain of thought. Left out are models that think at length whatever they
 * are told, and benchmarks with unusable labels.
 */
import type { ProfileTruth } from '../../src/core/index.ts'

export interface StandIn {
  readonly benchmark: string
  readonly model: string
  readonly accuracy: number
}

export interface Wanted {
  readonly domain: string
  /** Measured, under plain chain of thought. */
  readonly accuracy: number
  /** Where the measured benchmark is one of the truth's: no other will do. */
  readonly benchmark?: string
}

export function standInFor(truth: ProfileTruth, { domain, accuracy, benchmark: only }: Wanted): StandIn {
  const models = Object.keys(truth.lengthMultiplier.value).filter(
    (model) => truth.strategyTokenRatio.value.Flash[model] === null,
  )
  const benchmarks = Object.keys(truth.domainOfBenchmark).filter(
    (benchmark) =>
      (only === undefined || benchmark === only) &&
      truth.domainOfBenchmark[benchmark] === domain &&
      truth.unusableLabelShare.value[benchmark] === undefined,
  )
  const cells = benchmarks.flatMap((benchmark) =>
    models.map((model) => ({ benchmark, model, accuracy: truth.cotAccuracy.value[benchmark]![model]! })),
  )
  const distance = (cell: StandIn) => Math.abs(cell.accuracy - accuracy)
  return cells.reduce((best, cell) => (distance(cell) < distance(best) ? cell : best))
}
