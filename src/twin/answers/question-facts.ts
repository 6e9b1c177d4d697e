/**
 * @file One question as the twin knows it: how hard it is, what an able model answers, which mistakes are common, and
 * how each model stands to it.
 *
 * Everything here is a property of the question (and of a model on it), drawn by its id alone: the same in every run,
 * under every seed and policy. Only luck of a single call is drawn elsewhere, by the call's id.
 */
import { hashText, keyedRandom, logistic, type ModelId, type ProfileTruth } from '../../core/index.ts'
import { readAnswer, sameAnswer } from './read-answer.ts'
import type { BenchmarkFacts, Depth, DepthFacts } from './truth-tables.ts'
import type { TwinQuestion } from './twin-question.ts'
import { popularity } from './wrong-answers.ts'

/** Part of the frozen truth: another number would be other questions. */
const truthSeed = 20_261_120

/** A model on this question under one depth. */
export interface Standing {
  /** Probability of a right answer if the instruction is followed. */
  readonly ability: number
  /** The same under plain chain of thought: what a model does that does not comply. */
  readonly plainAbility: number
  /** ln tokens: mean and spread, at this question's difficulty. */
  readonly mu: number
  readonly sigma: number
  readonly plainMu: number
  readonly plainSigma: number
  readonly complies: number
}

/** A model on this question. */
export interface ModelFacts {
  /** Seeds the luck of its calls, together with the run's seed and the call's id. */
  readonly luckSeed: number
  at(depth: Depth): Standing
}

export interface QuestionFacts {
  readonly question: TwinQuestion
  readonly benchmark: BenchmarkFacts
  /** Standardised: mean 0, deviation 1 over the set. */
  readonly difficulty: number
  /** False: the label is wrong, so that nothing a model says is counted right. */
  readonly isLabelUsable: boolean
  /** What an able model answers: the key, unless the label is unusable. */
  readonly solution: string
  /** Mistakes, commonest first, with their cumulative shares. */
  readonly wrong: readonly string[]
  readonly wrongShares: Float64Array
  of(model: ModelId): ModelFacts
  /** Whether `text` gives the solution. */
  isSolution(text: string): boolean
}

/** Difficulty in standard deviations: the set's own, else what the text shows and a part that it does not. */
function difficultyOf(question: TwinQuestion, textR2: number): number {
  if (question.difficulty !== null) return question.difficulty
  const noise = keyedRandom(truthSeed, `difficulty|${question.id}`).normal()
  if (question.textScore === null) return noise
  return Math.sqrt(textR2) * question.textScore + Math.sqrt(1 - textR2) * noise
}

/** The distractors in an order of this question's own: no letter or position is commoner than another. */
function rankWrong(question: TwinQuestion): string[] {
  const random = keyedRandom(truthSeed, `distractors|${question.id}`)
  const wrong = [...question.wrongAnswers]
  for (let last = wrong.length - 1; last > 0; last -= 1) {
    const other = random.below(last + 1)
    ;[wrong[last], wrong[other]] = [wrong[other] as string, wrong[last] as string]
  }
  return wrong
}

/** The facts of `question`; `benchmark` is the one that its set resolves to. */
export function createQuestionFacts(
  truth: ProfileTruth,
  { question, benchmark }: { readonly question: TwinQuestion; readonly benchmark: BenchmarkFacts },
): QuestionFacts {
  const difficulty = difficultyOf(question, truth.difficultyFromTextR2.value)
  const isLabelUsable = keyedRandom(truthSeed, `label|${question.id}`).uniform() >= benchmark.unusableShare
  const ranked = rankWrong(question)
  // The sensible answer to a broken question is one that its label calls wrong; able models agree on it.
  const solution = isLabelUsable ? question.key : (ranked[0] as string)
  const wrong = isLabelUsable ? ranked : ranked.slice(1)
  const readSolution = readAnswer(question.format, solution)
  const models = new Map<ModelId, ModelFacts>()
  const of = (model: ModelId): ModelFacts => {
    const known = models.get(model) ?? modelFacts({ question, benchmark, difficulty }, model)
    models.set(model, known)
    return known
  }
  return {
    question,
    benchmark,
    difficulty,
    isLabelUsable,
    solution,
    wrong,
    wrongShares: popularity(wrong.length, truth.sameWrongAnswer.value),
    of,
    isSolution: (text) => {
      const answer = readAnswer(question.format, text)
      return answer !== null && readSolution !== null && sameAnswer(question.format, answer, readSolution)
    },
  }
}

type Placed = Pick<QuestionFacts, 'question' | 'benchmark' | 'difficulty'>

function modelFacts({ question, benchmark, difficulty }: Placed, model: ModelId): ModelFacts {
  const own = keyedRandom(truthSeed, `ability|${question.id}|${model}`).normal()
  const base = benchmark.theta(model) - benchmark.sigmaB * difficulty - benchmark.sigmaU * own
  const plain = benchmark.depth(model, null)
  const muOf = ({ length }: DepthFacts) => length.mu + length.slope * difficulty
  const standings = new Map<Depth, Standing>()
  const at = (depth: Depth): Standing => {
    let standing = standings.get(depth)
    if (standing) return standing
    const asked = benchmark.depth(model, depth)
    standing = {
      ability: logistic(base + asked.delta),
      plainAbility: logistic(base),
      mu: muOf(asked),
      sigma: asked.length.sigma,
      plainMu: muOf(plain),
      plainSigma: plain.length.sigma,
      complies: asked.complies,
    }
    standings.set(depth, standing)
    return standing
  }
  return { luckSeed: hashText(`${question.id}|${model}`), at }
}
