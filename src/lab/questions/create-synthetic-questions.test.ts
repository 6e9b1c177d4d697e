import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { paperTruth } from '../../../test/paper-profile.ts'
import { mean } from '../../core/index.ts'
import { handFeatures } from '../../policy/embed/index.ts'
import { createQuestionFacts } from '../../twin/answers/question-facts.ts'
import { createBenchmarkFacts, resolveBenchmark } from '../../twin/answers/truth-tables.ts'
import { createAnswerModel } from '../../twin/index.ts'
import { createSyntheticQuestions } from './create-synthetic-questions.ts'
import { type Question, type SyntheticDataset, syntheticDatasets } from './question.ts'

const truth = paperTruth()

const sets = new Map<SyntheticDataset, readonly Question[]>()
const manyOf = (dataset: SyntheticDataset): readonly Question[] => {
  const known = sets.get(dataset) ?? createSyntheticQuestions({ dataset, count: 4000, seed: 21 })
  sets.set(dataset, known)
  return known
}

/** How hard the twin takes a question to be. */
const difficultyOf = (question: Question): number => {
  const benchmark = createBenchmarkFacts(truth, resolveBenchmark(truth, question.benchmark))
  return createQuestionFacts(truth, { question, benchmark }).difficulty
}

interface Fit {
  /** [questions][features] */
  readonly features: readonly (readonly number[])[]
  readonly target: readonly number[]
  /** Questions of a group are in one fold. */
  readonly groups: readonly string[]
}

const folds = 5

/** Share of the target's variance that ridge regression explains on groups that it was not fitted on. */
function heldOutR2({ features, target, groups }: Fit): number {
  const rows = features.map((row) => [1, ...row])
  const order = [...new Set(groups)]
  const foldOf = new Map(order.map((group, index) => [group, index % folds]))
  const centre = mean(target)
  let [left, total] = [0, 0]
  for (let fold = 0; fold < folds; fold += 1) {
    const isHeldOut = (index: number) => foldOf.get(groups[index] as string) === fold
    const weights = ridge(
      rows.filter((_, index) => !isHeldOut(index)),
      target.filter((_, index) => !isHeldOut(index)),
    )
    for (const [index, row] of rows.entries()) {
      if (!isHeldOut(index)) continue
      const guess = row.reduce((sum, value, place) => sum + value * (weights[place] as number), 0)
      left += ((target[index] as number) - guess) ** 2
      total += ((target[index] as number) - centre) ** 2
    }
  }
  return 1 - left / total
}

/** Weights of ridge regression: (X'X + I) w = X'y, by Gaussian elimination. */
function ridge(rows: readonly (readonly number[])[], target: readonly number[]): number[] {
  const size = rows[0]?.length ?? 0
  const system = Array.from({ length: size }, (_, a) => [
    ...Array.from({ length: size }, (_, b) =>
      rows.reduce((sum, row) => sum + (row[a] ?? 0) * (row[b] ?? 0), a === b ? 1 : 0),
    ),
    rows.reduce((sum, row, index) => sum + (row[a] ?? 0) * (target[index] ?? 0), 0),
  ])
  for (let pivot = 0; pivot < size; pivot += 1) {
    for (let other = 0; other < size; other += 1) {
      if (other === pivot) continue
      const factor = (system[other]?.[pivot] ?? 0) / (system[pivot]?.[pivot] ?? 1)
      system[other] = (system[other] ?? []).map((value, place) => value - factor * (system[pivot]?.[place] ?? 0))
    }
  }
  return system.map((row, index) => (row[size] ?? 0) / (row[index] ?? 1))
}

describe.each(syntheticDatasets)('%s', (dataset) => {
  it('is the same for a seed, begins alike for another count, and differs for another seed', () => {
    const questions = createSyntheticQuestions({ dataset, count: 60, seed: 3 })
    expect(createSyntheticQuestions({ dataset, count: 60, seed: 3 })).toEqual(questions)
    expect(createSyntheticQuestions({ dataset, count: 20, seed: 3 })).toEqual(questions.slice(0, 20))
    expect(createSyntheticQuestions({ dataset, count: 60, seed: 4 })).not.toEqual(questions)
  })

  it('has distinct texts, ids that follow the text, and all levels about equally often', () => {
    const questions = manyOf(dataset)
    expect(new Set(questions.map(({ text }) => text)).size).toBe(questions.length)
    expect(new Set(questions.map(({ id }) => id)).size).toBe(questions.length)
    const byText = new Map(questions.map((question) => [question.text, question.id]))
    for (const { text, id } of createSyntheticQuestions({ dataset, count: 500, seed: 22 })) {
      if (byText.has(text)) expect(id).toBe(byText.get(text))
    }
    for (const level of [1, 2, 3, 4, 5]) {
      const share = questions.filter((question) => question.level === level).length / questions.length
      // 4,000 draws at 0.2: a deviation of 0.0063; 4 of them.
      expect(Math.abs(share - 0.2)).toBeLessThan(0.026)
    }
  })

  it('is accepted by the answer model: distractors distinct from the key and from each other, at any seed', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const questions = createSyntheticQuestions({ dataset, count: 40, seed })
        const model = createAnswerModel({ truth, questions, seed: 1, text: 'compact' })
        for (const question of questions) {
          expect(model.find(question.text)?.id).toBe(question.id)
          expect(model.isRight(question, question.key)).toBe(true)
        }
      }),
      { numRuns: 20 },
    )
  })

  it('carries a text score of mean 0 and deviation 1', () => {
    const scores = manyOf(dataset).map(({ textScore }) => textScore as number)
    expect(Math.abs(mean(scores))).toBeLessThan(0.08)
    expect(mean(scores.map((score) => score ** 2))).toBeCloseTo(1, 0)
  })

  it('shows its difficulty about as little as real questions do: R2 of 0.1 to 0.3', () => {
    const questions = manyOf(dataset)
    const difficulty = questions.map(difficultyOf)
    const byLevel = heldOutR2({
      features: questions.map(({ level }) => [level ?? 0]),
      target: difficulty,
      groups: questions.map(({ id }) => id),
    })
    const byText = heldOutR2({
      features: questions.map(({ text }) => [...handFeatures(text)]),
      target: difficulty,
      groups: questions.map(({ group }) => group),
    })
    expect(byLevel).toBeGreaterThan(0.1)
    expect(byLevel).toBeLessThan(0.3)
    // Templates held out, as whoever trains on these questions must do.
    expect(byText).toBeGreaterThan(0.05)
    expect(byText).toBeLessThan(0.3)
  })
})
