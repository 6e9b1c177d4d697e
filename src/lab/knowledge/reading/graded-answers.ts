/** @file What the graded questions of one domain show, as numbers: features of each question, and every arm's answers to it. */
import { type Domain, type ModelId, mean, strategyIds } from '../../../core/index.ts'
import { handFeatures } from '../../../policy/index.ts'
import type { Question } from '../../questions/index.ts'
import type { Grader } from '../estimated.ts'
import { meansOf } from './design.ts'

export interface GradedAnswers {
  readonly domain: Domain
  readonly models: readonly ModelId[]
  /** Of the features as they come. */
  readonly mean: Float64Array
  /** Their deviations; 0 where a feature is the same in all questions. */
  readonly scale: Float64Array
  /** Standardised features by question, held within `mostDeviations`. */
  readonly rows: readonly Float64Array[]
  /** [questions, arms], row-major, arms model by model: share of right answers, 0-1. */
  readonly right: Float64Array
  /** [questions, arms]: mean ln output tokens. */
  readonly logTokens: Float64Array
}

/** As the reader of the policies holds them. */
const mostDeviations = 3
/** Features that vary less are taken for constant. */
const leastDeviation = 1e-6

export interface GradeTerms {
  readonly domain: Domain
  readonly models: readonly ModelId[]
  readonly grade: Grader
}

/** `questions`: all of `domain`, at least one. */
export function gradeQuestions(questions: readonly Question[], { domain, models, grade }: GradeTerms): GradedAnswers {
  const raw = questions.map(({ text }) => Float64Array.from(handFeatures(text)))
  const means = meansOf(raw)
  const scale = means.map((centre, k) => {
    const deviation = Math.sqrt(mean(raw.map((row) => (row[k]! - centre) ** 2)))
    return deviation < leastDeviation ? 0 : deviation
  })
  const rows = raw.map((row) =>
    row.map((value, k) => {
      const standardised = scale[k]! > 0 ? (value - means[k]!) / scale[k]! : 0
      return Math.min(mostDeviations, Math.max(-mostDeviations, standardised))
    }),
  )
  const arms = models.flatMap((model) => strategyIds.map((strategy) => ({ model, strategy })))
  const right = new Float64Array(questions.length * arms.length)
  const logTokens = new Float64Array(right.length)
  for (const [row, question] of questions.entries()) {
    for (const [column, arm] of arms.entries()) {
      const answers = grade(question, arm)
      const place = row * arms.length + column
      right[place] = mean(answers.map(({ isRight }) => (isRight ? 1 : 0)))
      logTokens[place] = mean(answers.map(({ outputTokens }) => Math.log(outputTokens)))
    }
  }
  return { domain, models, mean: means, scale, rows, right, logTokens }
}
