import { describe, expect, it } from 'vitest'
import type { AnswerInHand } from '../../core/index.ts'
import { agreementOf, voteOn } from './vote.ts'

const given = (answer: string | null, more: Partial<AnswerInHand> = {}): AnswerInHand => ({
  stepId: '0/0',
  role: 'MathSolver',
  arm: { model: 'small', strategy: 'Flash' },
  text: `The answer is ${answer}`,
  answer,
  isTruncated: false,
  outputTokens: 10,
  ...more,
})

describe('agreement', () => {
  it.each([
    [[], null],
    [['7'], null],
    [['7', null], null],
    [['7', '7'], 1],
    [['7', '8'], 0.5],
    [['7', '8', '7', null], 2 / 3],
    [['1', '2', '3', '4'], 0.25],
  ])('of %j is %j', (answers, expected) => {
    expect(agreementOf(answers.map((answer) => ({ answer })))).toBe(expected)
  })
})

describe('vote', () => {
  it('goes to the commonest answer and hands out the first text that gave it', () => {
    const answers = [given('8'), given('7', { stepId: '0/1' }), given(null), given('7', { stepId: '0/3' })]
    expect(voteOn(answers)).toEqual({ winner: answers[1], share: 2 / 3 })
  })

  it('goes to the first group where equal', () => {
    const answers = [given('8'), given('7'), given('7', { stepId: '0/2' }), given('8', { stepId: '0/3' })]
    expect(voteOn(answers)).toEqual({ winner: answers[0], share: 0.5 })
  })

  it('hands out a text that was not cut where the winning group has one', () => {
    const answers = [given('7', { isTruncated: true }), given('7', { stepId: '0/1' }), given('7', { stepId: '0/2' })]
    expect(voteOn(answers)?.winner).toBe(answers[1])
    expect(voteOn([given('7', { isTruncated: true })])?.winner.answer).toBe('7')
  })

  it('weighs voters where asked to', () => {
    const answers = [given('7'), given('7'), given('8', { arm: { model: 'large', strategy: 'DeepThink' } })]
    const vote = voteOn(answers, ({ arm }) => (arm.model === 'large' ? 3 : 1))
    expect(vote).toEqual({ winner: answers[2], share: 3 / 5 })
  })

  it('has no outcome where nothing can be compared', () => {
    expect(voteOn([])).toBeNull()
    expect(voteOn([given(null), given(null)])).toBeNull()
  })
})
