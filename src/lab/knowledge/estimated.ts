/**
 * @file `--know estimated`: what at most 500 graded training questions show, each answered once by every arm.
 *
 * Quality is the share of right answers, shrunk a little to the arm's mean over all domains. Lengths are the mean and the
 * spread of the logarithms. Answers are drawn from the twin under a seed of their own, so that no luck of the calibration
 * comes back in the measured runs; they are let finish (as the profile's priors are), since the predictor accounts for caps.
 */
import {
  type Domain,
  type EngineCall,
  keyedRandom,
  type ModelId,
  type Profile,
  type StrategyId,
  strategyIds,
} from '../../core/index.ts'
import { type AnswerModel, createAnswerModel } from '../../twin/index.ts'
import { requireTruth } from '../profile-file.ts'
import type { Question } from '../questions/index.ts'
import type { ArmKnowledge, Knowledge } from './arm-knowledge.ts'

export const mostGraded = 500
/** Graded questions that the mean over all domains is worth. */
const shrinkage = 10
const uncappedTokens = 1_000_000

class Seen {
  #count = 0
  #right = 0
  #logSum = 0
  #logSquares = 0

  add({ outputTokens, isRight }: { readonly outputTokens: number; readonly isRight: boolean }): void {
    const logTokens = Math.log(outputTokens)
    this.#count += 1
    this.#right += isRight ? 1 : 0
    this.#logSum += logTokens
    this.#logSquares += logTokens * logTokens
  }

  get rightShare(): number {
    return (this.#right + 1) / (this.#count + 2)
  }

  knowledge(overallShare: number): ArmKnowledge {
    const mean = this.#logSum / this.#count
    const variance = Math.max(0.01, this.#logSquares / this.#count - mean * mean)
    return {
      quality: (this.#right + shrinkage * overallShare) / (this.#count + shrinkage),
      meanTokens: Math.exp(mean + variance / 2),
      sigma: Math.sqrt(variance),
    }
  }
}

/** The questions that are graded: an equal share of each set, drawn under `seed`. */
export function pickGraded(sets: readonly (readonly Question[])[], seed: number): readonly Question[] {
  const share = Math.floor(mostGraded / sets.length)
  return sets.flatMap((questions, index) => {
    const random = keyedRandom(seed, `graded|${index}`)
    const left = [...questions]
    const count = Math.min(share, left.length)
    return Array.from({ length: count }, () => left.splice(random.below(left.length), 1)[0] as Question)
  })
}

export interface EstimateOptions {
  readonly seed: number
  readonly domainOf: (question: Question) => Domain
}

/** Grades every arm on `graded`. */
export function estimate(profile: Profile, graded: readonly Question[], options: EstimateOptions): Knowledge {
  const { seed, domainOf } = options
  const answers = createAnswerModel({ truth: requireTruth(profile), questions: graded, seed, text: 'compact' })
  const byDomain = groupBy(graded, domainOf)
  const models = Object.keys(profile.prior.models)
  const knowledge = new Map(
    [...byDomain.keys()].map((domain) => [domain, new Map<ModelId, Map<StrategyId, ArmKnowledge>>()]),
  )
  for (const model of models) {
    for (const ofModel of knowledge.values()) ofModel.set(model, new Map())
    for (const strategy of strategyIds) {
      const graded = gradeArm(answers, byDomain, { model, strategy })
      for (const [domain, known] of graded) knowledge.get(domain)?.get(model)?.set(strategy, known)
    }
  }
  return knowledge
}

function groupBy(questions: readonly Question[], domainOf: (question: Question) => Domain): Map<Domain, Question[]> {
  const groups = new Map<Domain, Question[]>()
  for (const question of questions) {
    const domain = domainOf(question)
    groups.set(domain, [...(groups.get(domain) ?? []), question])
  }
  return groups
}

function gradeArm(
  answers: AnswerModel,
  byDomain: ReadonlyMap<Domain, readonly Question[]>,
  arm: { readonly model: ModelId; readonly strategy: StrategyId },
): ReadonlyMap<Domain, ArmKnowledge> {
  const all = new Seen()
  const seen = new Map<Domain, Seen>()
  for (const [domain, questions] of byDomain) {
    const ofDomain = new Seen()
    seen.set(domain, ofDomain)
    for (const question of questions) {
      const { outputTokens, text } = answers.answer(callOf(question, arm), arm.model)
      const graded = { outputTokens, isRight: answers.isRight(question, text) }
      ofDomain.add(graded)
      all.add(graded)
    }
  }
  return new Map([...seen].map(([domain, ofDomain]) => [domain, ofDomain.knowledge(all.rightShare)]))
}

const callOf = (
  question: Question,
  { model, strategy }: { readonly model: ModelId; readonly strategy: StrategyId },
): EngineCall => ({
  id: `calibration|${question.id}|${model}|${strategy}`,
  messages: () => [{ role: 'user', content: question.text }],
  meaning: { questionText: question.text, strategy, role: 'Solver', kind: 'solve', inputs: [] },
  promptTokens: 200,
  maxOutputTokens: uncappedTokens,
  deadlineAtMs: Infinity,
  body: {},
})
