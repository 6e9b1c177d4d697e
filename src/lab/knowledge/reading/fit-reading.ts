/**
 * @file Fits a reading: how quality and length of every arm go with the features of a question, domain by domain.
 *
 * The slopes come from the graded questions alone (hierarchical ridge regressions, penalties by leaving questions out); the
 * level comes from what is known of the domain as a whole. Intercepts are such that the mean over the graded questions is
 * the known quality, so a reading spreads that figure over the questions and never moves it: under `biased` it is as
 * wrong as the figure, under `exact` as right. Lengths likewise: the known log-mean, and of the known spread what the
 * features leave. Questions of other sets (kin) are not used: how they differ from these is not how these differ.
 * Cost: one to two seconds for 500 questions and fifteen arms.
 */
import {
  clamp,
  type Domain,
  type DomainReading,
  domains,
  logistic,
  logit,
  type ModelId,
  mean,
  type ProfilePrior,
  type QuestionReading,
  readingSchemaId,
  type StrategyId,
  strategyIds,
} from '../../../core/index.ts'
import { handFeatureNames } from '../../../policy/index.ts'
import type { Question } from '../../questions/index.ts'
import type { ArmKnowledge, Knowledge, Origin } from '../arm-knowledge.ts'
import type { Grader } from '../estimated.ts'
import { choosePenalties } from './choose-penalties.ts'
import { createDesign } from './design.ts'
import { fitArms, weigh } from './fit-arms.ts'
import { type GradedAnswers, gradeQuestions } from './graded-answers.ts'

/** A domain with fewer graded questions is not read. */
const fewestQuestions = 40
/** Of the known variance of a log-length at least this part is left to chance. */
const leastLeftVariance = 0.25

export interface ReadingInput {
  /** The graded questions of the sets themselves. */
  readonly questions: readonly Question[]
  readonly domainOf: (question: Question) => Domain
  readonly models: readonly ModelId[]
  readonly grade: Grader
  readonly knowledge: Knowledge
  readonly origin: Pick<Origin, 'source'>
}

export function fitReading(input: ReadingInput): NonNullable<ProfilePrior['reading']> {
  const { questions, domainOf, models, grade, knowledge, origin } = input
  const readings: Partial<Record<Domain, DomainReading>> = {}
  for (const domain of domains) {
    const own = questions.filter((question) => domainOf(question) === domain)
    const known = knowledge.get(domain)
    if (own.length < fewestQuestions || known === undefined) continue
    const graded = gradeQuestions(own, { domain, models, grade })
    readings[domain] = domainReading(graded, (model, strategy) => known.get(model)?.get(strategy) as ArmKnowledge)
  }
  const value: QuestionReading = { schema: readingSchemaId, featureNames: [...handFeatureNames], domains: readings }
  const source = `slopes over features of the text: ridge regressions on graded training questions; levels: ${origin.source}`
  return { value, unit: 'logits, ln tokens', tag: 'fitted', source }
}

type KnownArm = (model: ModelId, strategy: StrategyId) => ArmKnowledge

/** The reading of one domain, its levels by what is known of each arm. */
export function domainReading(graded: GradedAnswers, knownOf: KnownArm): DomainReading {
  const quality = slopesOf(graded, 'right')
  const length = slopesOf(graded, 'logTokens')
  const features = graded.mean.length
  const armReading = (index: number, known: ArmKnowledge) => {
    const scores = graded.rows.map((row) => weigh(quality, index, row))
    const logs = graded.rows.map((row) => weigh(length, index, row))
    const variance = known.sigma ** 2
    const centre = mean(logs)
    const explained = mean(logs.map((log) => (log - centre) ** 2))
    return {
      intercept: interceptFor(known.quality, scores),
      weights: [...quality.subarray(index * features, (index + 1) * features)],
      logTokens: Math.log(known.meanTokens) - variance / 2 - centre,
      lengthWeights: [...length.subarray(index * features, (index + 1) * features)],
      lengthSigma: Math.sqrt(Math.max(leastLeftVariance * variance, variance - explained)),
    }
  }
  const models = graded.models.map((model, row) => {
    const arms = strategyIds.map(
      (strategy, column) =>
        [strategy, armReading(row * strategyIds.length + column, knownOf(model, strategy))] as const,
    )
    return [model, Object.fromEntries(arms) as Record<StrategyId, (typeof arms)[number][1]>] as const
  })
  return { mean: [...graded.mean], scale: [...graded.scale], models: Object.fromEntries(models) }
}

/** Weights of every arm, [arms, features]. */
function slopesOf(graded: GradedAnswers, what: 'right' | 'logTokens'): Float64Array {
  const table = { models: graded.models.length, strategies: strategyIds.length }
  const kind = what === 'right' ? 'logistic' : 'linear'
  const penalties = choosePenalties(graded.rows, graded[what], { table, kind })
  return fitArms(createDesign(graded.rows), graded[what], { table, kind, penalties }).weights
}

/** The intercept under which the mean of logistic(intercept + score) is `quality`, by Newton's steps held in a bracket. */
export function interceptFor(quality: number, scores: readonly number[]): number {
  const target = clamp(quality, 0.002, 0.998)
  let low = logit(target) - Math.max(...scores)
  let high = logit(target) - Math.min(...scores)
  let intercept = clamp(logit(target) - mean(scores), low, high)
  for (let step = 0; step < 60; step += 1) {
    const chances = scores.map((score) => logistic(intercept + score))
    const excess = mean(chances) - target
    if (Math.abs(excess) < 1e-12) break
    if (excess > 0) high = intercept
    else low = intercept
    const next = intercept - excess / mean(chances.map((p) => p * (1 - p)))
    intercept = next > low && next < high ? next : (low + high) / 2
  }
  return intercept
}
