import { describe, expect, it } from 'vitest'
import { paperProfile } from '../../../../../test/paper-profile.ts'
import type { Arm } from '../../../../core/index.ts'
import { assumedTeamRules, type Candidate, toCandidate } from '../../../../policy/index.ts'
import { createTopologyBook } from '../../../../team/index.ts'
import { createAnswerModel } from '../../../../twin/index.ts'
import { createSyntheticQuestions } from '../../../questions/index.ts'
import { poolsOf } from './asked-question.ts'
import { diversityGrid, fitStaffing, staffGreedily, withDiversity } from './fit-staffing.ts'

const offer = (model: string, quality: number, price = 0) => ({
  arm: { model, strategy: 'Concise' } as Arm,
  quality,
  price,
})
const key = { domain: 'math', answerFormat: 'number' } as const
const three: Candidate = toCandidate(createTopologyBook().get('io'), 3, key, 'model')
const models = (offers: Parameters<typeof staffGreedily>[1], diversity: number) =>
  staffGreedily(three, offers, diversity).map(({ model }) => model)

describe('staffing', () => {
  const offers = [offer('best', 0.8), offer('second', 0.76), offer('third', 0.7)]

  it('repeats the best arm where another model is worth nothing', () => {
    expect(models(offers, 0)).toEqual(['best', 'best', 'best', 'best'])
  })

  it('takes another model while the bonus makes up for its quality, in each wave anew', () => {
    expect(models(offers, 0.06)).toEqual(['best', 'second', 'best', 'best'])
    expect(models(offers, 0.2)).toEqual(['best', 'second', 'third', 'best'])
  })

  it('counts what arms are charged', () => {
    expect(models([offer('dear', 0.8, 0.1), offer('cheap', 0.76)], 0)).toEqual(Array(4).fill('cheap'))
  })
})

describe('the learnt bonus', () => {
  const profile = paperProfile()
  const questions = createSyntheticQuestions({ dataset: 'synthetic-choice', count: 60, seed: 2 })
  const answers = createAnswerModel({ truth: profile.truth!, questions, seed: 3, text: 'compact' })
  const staff = () =>
    fitStaffing({ profile, ground: { answers, prior: profile.prior }, pools: poolsOf(questions), states: 2, seed: 1 })

  it('is one of the grid, for the domains that were played, and the same again', () => {
    const { curves, diversity } = staff()
    expect(Object.keys(diversity)).toEqual(['knowledge'])
    expect(diversityGrid).toContain(diversity.knowledge)
    expect(curves.knowledge).toHaveLength(diversityGrid.length)
    expect(curves.math).toBeNull()
    expect(staff()).toEqual({ curves, diversity })
  })

  it('joins the rules of its domain alone', () => {
    const { math, knowledge } = withDiversity(assumedTeamRules, { knowledge: 0.05 })
    expect(math).toEqual(assumedTeamRules.math)
    expect(knowledge).toEqual({ ...assumedTeamRules.knowledge, diversity: 0.05 })
  })
})
