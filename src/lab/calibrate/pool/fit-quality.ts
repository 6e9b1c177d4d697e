/**
 * @file Share of right answers by model, domain, set and depth, from graded questions.
 *
 * A cell's logit is the base profile's plus effects of its model, its domain, its set and its depth (`additive-model.ts`):
 * with many answers the cell says what was measured, with few what its kin says, with none what the base says, moved by
 * what the model showed elsewhere. Fitted by iterated ridge regression (penalised likelihood of the binomial). Answers
 * that were cut do not count: quality is that of answers let finish. Where the base says that a share of a set's labels is
 * unusable, only the others can be right.
 *
 * Few questions asked of everybody are easy or hard for everybody: a set's own luck with its questions is one more effect,
 * with a deviation that falls with their number, and no part of any estimate. Repeats of an arm on one question count as
 * alike as measured models' are (intraclass correlation about 0.5).
 */
import {
  clamp,
  type Domain,
  logistic,
  logit,
  type ModelId,
  type ProfileTruth,
  type StrategyId,
} from '../../../core/index.ts'
import { type AdditiveModel, type CellOffset, fitAdditive } from './additive-model.ts'
import type { GradedAnswer } from './graded.ts'
import { truthDomain } from './pool-base.ts'
import { byKey } from './traffic.ts'

export interface QualityCell {
  readonly model: ModelId
  readonly domain: Domain
  readonly set: string
  readonly strategy: StrategyId | null
}

export interface QualityEstimate {
  /** Posterior P(right), 0-1, and its 95 % interval. */
  readonly value: number
  readonly interval: readonly [number, number]
}

export interface QualityFit {
  of(cell: QualityCell): QualityEstimate
  /** Graded answers that were not cut, and right ones among them, of a model at a depth of a domain. */
  counts(arm: Omit<QualityCell, 'set'>): { readonly graded: number; readonly right: number }
}

const deviations: Readonly<Record<string, number>> = { model: 0.7, domain: 0.4, set: 0.4, depth: 0.4 }
const rounds = 12

/** Depths at which a set's accuracy is asked for; null is plain. */
type Depth = StrategyId | null

/** P(right) that the truth's tables give a cell, before anything was graded. */
export function baseQuality(truth: ProfileTruth, { model, domain, set, strategy }: QualityCell): number {
  const usable = usableFraction(truth, set)
  const plain = clamp(truth.cotAccuracy.value[set]![model]! / usable, 0.001, 0.999)
  return usable * atDepth(truth, { model, domain, strategy }, plain)
}

/** Accuracy on usable labels at a depth, given the plain one; a Flash that may be ignored is a mixture. */
function atDepth(truth: ProfileTruth, { model, domain, strategy }: Omit<QualityCell, 'set'>, plain: number): number {
  if (strategy === null) return plain
  const delta = truth.strategyDelta.value[truthDomain(domain)]![strategy][model]!
  const asked = logistic(logit(plain) + delta)
  const complies = complianceOf(truth, model, strategy)
  return complies * asked + (1 - complies) * plain
}

/** 1 where the depth shows in a token ratio instead. */
export const complianceOf = (truth: ProfileTruth, model: ModelId, strategy: StrategyId): number =>
  truth.strategyTokenRatio.value[strategy][model] === null ? truth.flash.value.complies[model]! : 1

const keysOf = ({ model, domain, set, strategy }: QualityCell): readonly string[] => [
  `model|${model}`,
  `domain|${model}|${domain}`,
  `set|${model}|${set}`,
  ...(strategy === null ? [] : [`depth|${model}|${domain}|${strategy}`]),
]

/** Deviation over questions of the marginal logit: the luck of a set of one question. */
const questionDeviation = 1.3
/** Intraclass correlation of one arm's repeats on a question. */
const alike = 0.5

interface GradedCell {
  readonly cell: QualityCell
  /** Answers that they are worth, those with a usable label. */
  readonly worth: number
  readonly rightFraction: number
}

/** `truth`: the base's tables for the pool's models and sets. */
export function fitQuality(graded: readonly GradedAnswer[], truth: ProfileTruth): QualityFit {
  const whole = graded.filter(({ isCut, model }) => !isCut && hasModel(truth, model))
  const cells = [
    ...byKey(whole, ({ model, domain, set, strategy }) => `${model}|${domain}|${set}|${strategy}`).values(),
  ].map((answers) => gradedCell(answers, truth))
  const questions = new Map(
    [...byKey(whole, ({ set }) => set)].map(([set, its]) => [set, new Set(its.map(({ id }) => id)).size] as const),
  )
  const model = fitOffsets(cells, {
    baseLogit: (cell) => baseLogit(truth, cell),
    deviationOf: (key) => {
      const [kind, set] = key.split('|') as [string, string]
      return kind === 'questions' ? questionDeviation / Math.sqrt(questions.get(set)!) : deviations[kind]!
    },
  })
  const armKey = (arm: Omit<QualityCell, 'set'>) => `${arm.model}|${arm.domain}|${arm.strategy}`
  const byArm = byKey(whole, armKey)
  return {
    of: (cell) => estimate(cell, model.of(keysOf(cell)), truth),
    counts: (arm) => {
      const answers = byArm.get(armKey(arm)) ?? []
      return { graded: answers.length, right: answers.filter(({ isCorrect }) => isCorrect).length }
    },
  }
}

/** The share of a set's labels that can be answered rightly. */
const usableFraction = (truth: ProfileTruth, set: string): number => 1 - (truth.unusableLabelShare.value[set] ?? 0)

const baseLogit = (truth: ProfileTruth, cell: QualityCell): number =>
  logit(clamp(baseQuality(truth, cell) / usableFraction(truth, cell.set), 0.001, 0.999))

function gradedCell(answers: readonly GradedAnswer[], truth: ProfileTruth): GradedCell {
  const cell: QualityCell = answers[0]!
  const repeats = answers.length / new Set(answers.map(({ id }) => id)).size
  const usable = usableFraction(truth, cell.set)
  const right = answers.filter(({ isCorrect }) => isCorrect).length
  return {
    cell,
    worth: (answers.length * usable) / (1 + (repeats - 1) * alike),
    rightFraction: clamp(right / (answers.length * usable), 0, 1),
  }
}

interface OffsetOptions {
  readonly baseLogit: (cell: QualityCell) => number
  readonly deviationOf: (key: string) => number
}

/** Newton's method on the penalised likelihood. */
function fitOffsets(cells: readonly GradedCell[], { baseLogit: baseOf, deviationOf }: OffsetOptions): AdditiveModel {
  let model = fitAdditive([], deviationOf)
  for (let round = 0; round < rounds; round += 1) {
    const before = model
    const observations = cells.map(({ cell, worth, rightFraction }) => {
      const keys = [...keysOf(cell), `questions|${cell.set}`]
      const offset = round === 0 ? 0 : before.of(keys).offset
      const chance = clamp(logistic(baseOf(cell) + offset), 0.005, 0.995)
      const slope = chance * (1 - chance)
      return { keys, offset: offset + (rightFraction - chance) / slope, precision: worth * slope }
    })
    model = fitAdditive(observations, deviationOf)
  }
  return model
}

const hasModel = (truth: ProfileTruth, model: ModelId): boolean => model in truth.outputSigma.value

function estimate(cell: QualityCell, { offset, deviation }: CellOffset, truth: ProfileTruth): QualityEstimate {
  const base = baseLogit(truth, cell)
  const at = (z: number) => usableFraction(truth, cell.set) * logistic(base + offset + z * deviation)
  return { value: at(0), interval: [at(-1.96), at(1.96)] }
}

/** Difference of logits against plain that gives a depth's accuracy where part of the answers ignore it. */
export function deltaOf(
  depth: Depth,
  { plain, asked, complies }: { plain: number; asked: number; complies: number },
): number {
  if (depth === null || complies <= 0.02) return 0
  const following = clamp((asked - (1 - complies) * plain) / complies, 0.005, 0.995)
  return logit(following) - logit(clamp(plain, 0.005, 0.995))
}
