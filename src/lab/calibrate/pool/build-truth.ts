/**
 * @file The truth that a twin of the measured pool plays: accuracies and lengths under plain chain of thought, and what a
 * depth changes in them.
 *
 * Plain is seldom asked for in a collection; it then rests on the base's differences between plain and the depths, and
 * what a depth gives (the sum of both) is what was measured. What no call shows (how difficulty spreads, reviews,
 * aggregation) stays the base's, tagged assumed.
 */
import {
  clamp,
  type Domain,
  type ModelId,
  mean,
  type ProfileTruth,
  type StrategyId,
  strategyIds,
} from '../../../core/index.ts'
import { complianceOf, deltaOf } from './fit-quality.ts'
import type { FittedPool } from './fitted-pool.ts'
import { benchmarksOf, truthDomain } from './pool-base.ts'
import { carried, fitted } from './provenance.ts'

type AnswerFit = Pick<FittedPool, 'base' | 'lengths' | 'quality' | 'graded'>

const round = (value: number, digits: number): number => Number(value.toFixed(digits))
const significant = (value: number): number => Number(value.toPrecision(4))

/** The truth of the measured pool. */
export function truthOf(fit: AnswerFit): ProfileTruth {
  const { truth, id } = fit.base
  const models = Object.keys(fit.base.models)
  const compliance: Readonly<Record<ModelId, number>> = {
    ...truth.flash.value.complies,
    ...Object.fromEntries(fit.lengths.flash.complies),
  }
  return {
    ...truth,
    ...carriedTruth(truth, id),
    cotAccuracy: {
      ...(fit.graded.length > 0
        ? fitted(
            `graded answers by set and depth; sets without any are ${id}, moved by what the model showed elsewhere`,
          )
        : { tag: 'assumed', source: `nothing was graded; from ${id}` }),
      unit: truth.cotAccuracy.unit,
      value: byBenchmark(fit, (set, model) =>
        round(fit.quality.of({ model, domain: domainOf(set, fit), set, strategy: null }).value, 4),
      ),
    },
    strategyDelta: {
      ...(fit.graded.length > 0
        ? fitted(`as cotAccuracy; depths without graded answers as in ${id}`)
        : { tag: 'assumed', source: `nothing was graded; from ${id}` }),
      unit: truth.strategyDelta.unit,
      value: deltas(fit, compliance),
    },
    ...lengthTables(fit),
    flash: {
      ...fitted('Flash answers, split into those that comply and those that do not'),
      unit: truth.flash.unit,
      value: {
        complies: Object.fromEntries(models.map((model) => [model, round(clamp(compliance[model]!, 0, 1), 3)])),
        tokens: Object.fromEntries(
          Object.entries(truth.flash.value.tokens).map(([set, tokens]) => [
            set,
            significant(tokens * (fit.lengths.flash.factors.get(domainOf(set, fit)) ?? 1)),
          ]),
        ),
        sigma: round(fit.lengths.flash.sigma, 3),
      },
    },
  }
}

/** What measured calls cannot show. */
function carriedTruth(truth: ProfileTruth, from: string) {
  return {
    sigmaB: carried(truth.sigmaB, from),
    sigmaU: carried(truth.sigmaU, from),
    lengthSlopePerSd: carried(truth.lengthSlopePerSd, from),
    maxOutputTokens: carried(truth.maxOutputTokens, from),
    unusableLabelShare: carried(truth.unusableLabelShare, from),
    promptTokens: carried(truth.promptTokens, from),
    difficultyFromTextR2: carried(truth.difficultyFromTextR2, from),
    review: carried(truth.review, from),
    aggregator: carried(truth.aggregator, from),
    sameWrongAnswer: carried(truth.sameWrongAnswer, from),
  }
}

/** A table by benchmark, then model. */
const byBenchmark = <T>({ base }: AnswerFit, fn: (benchmark: string, model: ModelId) => T) =>
  Object.fromEntries(
    Object.keys(base.truth.cotAccuracy.value).map((benchmark) => [
      benchmark,
      Object.fromEntries(Object.keys(base.models).map((model) => [model, fn(benchmark, model)])),
    ]),
  )

/** Domain by which a benchmark's answers were graded; the truth's own where none were. */
const domainOf = (benchmark: string, { graded, base }: AnswerFit): Domain =>
  graded.find(({ set }) => set === benchmark)?.domain ?? base.truth.domainOfBenchmark[benchmark]!

function lengthTables(fit: AnswerFit) {
  const { base, lengths } = fit
  const { truth } = base
  const models = Object.keys(base.models)
  const provenance = fitted(`measured lengths; plain rests on the ratios of ${base.id} where it was not asked for`)
  const slope = truth.lengthSlopePerSd.value
  const meanTokens = (set: string, model: ModelId) =>
    truth.cotMeanOutputTokens.value[set]![model]! *
    truth.lengthMultiplier.value[model]! *
    lengths.plainFactor({ model, domain: domainOf(set, fit), set })
  const sigma = (model: ModelId) =>
    lengths.counts.has(model)
      ? round(Math.sqrt(Math.max(0.01, lengths.sigmaOf(model) ** 2 - slope ** 2)), 4)
      : truth.outputSigma.value[model]!
  const ratio = (strategy: StrategyId, model: ModelId) => {
    const before = truth.strategyTokenRatio.value[strategy][model] ?? null
    return before === null ? null : significant(before * lengths.ratioFactor(model, strategy))
  }
  const ratios = (strategy: StrategyId) => Object.fromEntries(models.map((model) => [model, ratio(strategy, model)]))
  return {
    cotMeanOutputTokens: {
      ...provenance,
      unit: 'tokens',
      value: byBenchmark(fit, (set, model) => round(meanTokens(set, model), 1)),
    },
    lengthMultiplier: {
      value: Object.fromEntries(models.map((model) => [model, 1])),
      unit: truth.lengthMultiplier.unit,
      ...fitted('contained in the mean lengths'),
    },
    outputSigma: {
      ...provenance,
      unit: truth.outputSigma.unit,
      value: Object.fromEntries(models.map((model) => [model, sigma(model)])),
    },
    strategyTokenRatio: {
      ...provenance,
      unit: truth.strategyTokenRatio.unit,
      value: { Flash: ratios('Flash'), Concise: ratios('Concise'), DeepThink: ratios('DeepThink') },
    },
  }
}

/** Marginal logits of the depths against plain, at the mean accuracy of a domain. */
function deltas(fit: AnswerFit, compliance: Readonly<Record<ModelId, number>>): ProfileTruth['strategyDelta']['value'] {
  const { base, quality, graded } = fit
  const { truth } = base
  const models = Object.keys(base.models)
  const weighed = benchmarksOf(truth, graded)
  return Object.fromEntries(
    Object.keys(truth.strategyDelta.value).map((name) => {
      const domain = name as Domain
      const benchmarks = [...weighed.get(domain)!.keys()]
      const usable = (set: string) => 1 - (truth.unusableLabelShare.value[set] ?? 0)
      const accuracy = (model: ModelId, strategy: StrategyId | null) =>
        mean(benchmarks.map((set) => quality.of({ model, domain, set, strategy }).value / usable(set)))
      const row = (strategy: StrategyId) =>
        Object.fromEntries(
          models.map((model) => {
            const complies = complianceOf(truth, model, strategy) === 1 ? 1 : compliance[model]!
            return [
              model,
              round(deltaOf(strategy, { plain: accuracy(model, null), asked: accuracy(model, strategy), complies }), 3),
            ]
          }),
        )
      return [truthDomain(domain), Object.fromEntries(strategyIds.map((strategy) => [strategy, row(strategy)]))]
    }),
  ) as ProfileTruth['strategyDelta']['value']
}
