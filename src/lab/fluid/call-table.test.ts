import { describe, expect, it } from 'vitest'
import { paperProfile, paperTruth } from '../../../test/paper-profile.ts'
import { createBenchmarkFacts, createQuestionFacts } from '../../twin/index.ts'
import { createSyntheticQuestions } from '../questions/index.ts'
import { createCallTable } from './call-table.ts'
import { classify } from './information.ts'
import { PlanScorer } from './plan-scorer.ts'
import type { FluidPlan } from './plans.ts'

const truth = paperTruth()
const benchmark = createBenchmarkFacts(truth, 'math')
const questions = createSyntheticQuestions({ dataset: 'synthetic-math', count: 40, seed: 5 }).map((question) =>
  createQuestionFacts(truth, { question, benchmark }),
)
const table = createCallTable({ profile: paperProfile(), truth, questions, seed: 1, draws: 4 })
const score = (row: number, plan: FluidPlan, scorer = createScorer()) => {
  scorer.score(row, plan)
  return scorer.value
}
const createScorer = () =>
  new PlanScorer(table, { truth, budgetMs: 20_000, switchAtMs: new Float64Array(table.arms.length) })

describe('the calls of a table', () => {
  it('cannot be read where a cap ended them, and end at one', () => {
    let cuts = 0
    for (const [call, ability] of table.ability.entries()) {
      if (ability === 0) cuts += 1
      expect(table.outputTokens[call]).toBeLessThanOrEqual(2048)
      if (ability === 0) expect([512, 768, 1024, 1280, 1536, 2048]).toContain(table.outputTokens[call])
      expect(table.timeMs[call]).toBeGreaterThanOrEqual(table.firstTokenMs[call]!)
    }
    // The model that always thinks is cut in a third or so of its calls on mathematics.
    expect(cuts / table.ability.length).toBeGreaterThan(0.04)
  })

  it('of one arm in a team differ in luck: a cut one does not mean three', () => {
    const arm = table.arms.findIndex(({ model, strategy }) => model.includes('R1') && strategy === 'Concise')
    const total = (plan: FluidPlan) => questions.reduce((sum, _, row) => sum + score(row, plan), 0)
    expect(total({ kind: 'vote', arms: [arm, arm, arm] })).toBeGreaterThan(1.1 * total({ kind: 'single', arm }))
  })

  it('are those of the question asked, for a team met before', () => {
    const scorer = createScorer()
    const plan = { kind: 'vote', arms: [3, 4, 5] } as const
    score(0, plan, scorer)
    for (const row of [1, 2, 3]) expect(score(row, plan, scorer)).toBe(score(row, plan))
  })
})

describe('information', () => {
  it('sorts questions into fifths, equal scores together', () => {
    const { difficulty } = classify(questions)
    const sizes = new Array<number>(5).fill(0)
    for (const at of difficulty.of) sizes[at]! += 1
    expect(sizes).toEqual([8, 8, 8, 8, 8])
    const byClass = [...difficulty.of.keys()].sort((a, b) => questions[a]!.difficulty - questions[b]!.difficulty)
    expect(byClass.map((index) => difficulty.of[index])).toEqual([...difficulty.of].sort())
    const alike = questions.map((facts) => ({ ...facts, question: { ...facts.question, textScore: null } }))
    expect(new Set(classify(alike).text.of)).toEqual(new Set([0]))
  })
})
