/**
 * @file `--know estimated`: what at most 500 graded training questions show, each answered a few times by every arm.
 *
 * The set's own questions come first; where it has few, the room left is filled with questions of the same domain from the
 * other sets at hand. Those tell which models are good at it, not how hard this set is: an arm's figure is its share of
 * right answers on the set itself, shrunk to the set's mean plus the arm's standing (in logits) on its kin. Lengths are the
 * mean and spread of the logarithms on the set itself. Answers are drawn from the twin under a seed of their own, so that
 * no luck of the calibration comes back in the measured runs; they are let finish (as the profile's priors are), since the
 * predictor accounts for caps.
 */
import {
  clamp,
  type Domain,
  type EngineCall,
  keyedRandom,
  logistic,
  logit,
  type ModelId,
  type Profile,
  type StrategyId,
  strategyIds,
} from '../../core/index.ts'
import { createAnswerModel } from '../../twin/index.ts'
import { requireTruth } from '../profile-file.ts'
import type { Question } from '../questions/index.ts'
import type { ArmKnowledge, Knowledge } from './arm-knowledge.ts'

export const mostGraded = 500
/** Times that every arm answers a graded question: luck averages out, which costs answers and no questions. */
const repeats = 3
/** Questions of the set itself that an arm's standing on its kin is worth. */
const kinWorth = 40
/** Questions that the mean over all arms is worth where there are no kin. */
const meanWorth = 8
const uncappedTokens = 1_000_000

class Seen {
  #count = 0
  #right = 0
  #logSum = 0
  #logSquares = 0

  add({ outputTokens, isRight }: GradedAnswer): void {
    const logTokens = Math.log(outputTokens)
    this.#count += 1
    this.#right += isRight ? 1 : 0
    this.#logSum += logTokens
    this.#logSquares += logTokens * logTokens
  }

  /** Share of right answers, kept off 0 and 1. */
  get rightShare(): number {
    return (this.#right + 0.5) / (this.#count + 1)
  }

  get questions(): number {
    return this.#count / repeats
  }

  get length(): { readonly meanTokens: number; readonly sigma: number } {
    const mean = this.#logSum / this.#count
    const variance = Math.max(0.01, this.#logSquares / this.#count - mean * mean)
    return { meanTokens: Math.exp(mean + variance / 2), sigma: Math.sqrt(variance) }
  }
}

export interface Graded {
  /** Of the set itself. */
  readonly own: readonly Question[]
  /** Of other sets. */
  readonly kin: readonly Question[]
}

function draw(questions: readonly Question[], count: number, key: string, seed: number): readonly Question[] {
  const random = keyedRandom(seed, key)
  const left = [...questions]
  return Array.from({ length: Math.min(count, left.length) }, () => {
    const [taken] = left.splice(random.below(left.length), 1)
    return taken as Question
  })
}

/** The questions that are graded: an equal share of each of `sets`, then of `kin`, drawn under `seed`. */
export function pickGraded(
  sets: readonly (readonly Question[])[],
  kin: readonly (readonly Question[])[],
  seed: number,
): Graded {
  const own = sets.flatMap((questions, index) =>
    draw(questions, Math.floor(mostGraded / sets.length), `own|${index}`, seed),
  )
  const room = kin.length === 0 ? 0 : Math.floor((mostGraded - own.length) / kin.length)
  return { own, kin: kin.flatMap((questions, index) => draw(questions, room, `kin|${index}`, seed)) }
}

export interface EstimateOptions {
  readonly seed: number
  readonly domainOf: (question: Question) => Domain
}

interface GradedArm {
  readonly model: ModelId
  readonly strategy: StrategyId
  readonly own: Seen
  readonly kin: Seen
}

/** Grades every arm on `graded`, domain by domain. */
export function estimate(profile: Profile, graded: Graded, options: EstimateOptions): Knowledge {
  const { seed, domainOf } = options
  const grade = createGrader(profile, [...graded.own, ...graded.kin], seed)
  const models = Object.keys(profile.prior.models)
  const domains = [...new Set(graded.own.map(domainOf))]
  return new Map(
    domains.map((domain) => {
      const own = graded.own.filter((question) => domainOf(question) === domain)
      const kin = graded.kin.filter((question) => domainOf(question) === domain)
      const arms = models.flatMap((model) =>
        strategyIds.map((strategy): GradedArm => {
          const arm = { model, strategy }
          return { ...arm, own: seeArm(grade, own, arm), kin: seeArm(grade, kin, arm) }
        }),
      )
      return [domain, knowledgeOf(arms)] as const
    }),
  )
}

function knowledgeOf(arms: readonly GradedArm[]): ReadonlyMap<ModelId, ReadonlyMap<StrategyId, ArmKnowledge>> {
  const meanLogit = (part: 'own' | 'kin') =>
    arms.reduce((sum, arm) => sum + logit(arm[part].rightShare), 0) / arms.length
  const [ownMean, kinMean] = [meanLogit('own'), meanLogit('kin')]
  const knowledge = new Map<ModelId, Map<StrategyId, ArmKnowledge>>()
  for (const { model, strategy, own, kin } of arms) {
    const hasKin = kin.questions > 0
    const expected = logistic(ownMean + (hasKin ? logit(kin.rightShare) - kinMean : 0))
    // Few kin tell little more than their own number.
    const worth = hasKin ? Math.min(kinWorth, kin.questions) : meanWorth
    const quality = (own.questions * own.rightShare + worth * expected) / (own.questions + worth)
    const ofModel = knowledge.get(model) ?? new Map<StrategyId, ArmKnowledge>()
    knowledge.set(model, ofModel)
    ofModel.set(strategy, { quality: clamp(quality, 0.005, 0.995), ...own.length })
  }
  return knowledge
}

export interface ArmName {
  readonly model: ModelId
  readonly strategy: StrategyId
}

export interface GradedAnswer {
  readonly outputTokens: number
  readonly isRight: boolean
}

/** The answers that an arm gives to a question, uncapped, graded. The same whenever asked. */
export type Grader = (question: Question, arm: ArmName) => readonly GradedAnswer[]

/** `questions`: all that may be asked for. `seed`: luck of the answers. */
export function createGrader(profile: Profile, questions: readonly Question[], seed: number): Grader {
  const answers = createAnswerModel({ truth: requireTruth(profile), questions, seed, text: 'compact' })
  return (question, arm) =>
    Array.from({ length: repeats }, (_, repeat) => {
      const { outputTokens, text } = answers.answer(callOf(question, arm, repeat), arm.model)
      return { outputTokens, isRight: answers.isRight(question, text) }
    })
}

function seeArm(grade: Grader, questions: readonly Question[], arm: ArmName): Seen {
  const seen = new Seen()
  for (const question of questions) for (const answer of grade(question, arm)) seen.add(answer)
  return seen
}

const callOf = (question: Question, { model, strategy }: ArmName, repeat: number): EngineCall => ({
  id: `calibration|${question.id}|${model}|${strategy}|${repeat}`,
  messages: () => [{ role: 'user', content: question.text }],
  meaning: { questionText: question.text, strategy, role: null, kind: 'solve', inputs: [] },
  promptTokens: 200,
  maxOutputTokens: uncappedTokens,
  deadlineAtMs: Infinity,
  body: {},
})
