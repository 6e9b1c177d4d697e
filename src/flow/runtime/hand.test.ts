import { describe, expect, it } from 'vitest'
import { aCallResult, anAnswerInHand, anEstimate } from '../../testing/index.ts'
import type { Attempt } from './attempt.ts'
import { Hand, type HeldAnswer } from './hand.ts'

interface Given {
  readonly stepId?: string
  readonly answer?: string | null
  readonly quality?: number
  readonly isTruncated?: boolean
  readonly isInsurance?: boolean
}

/** Of an attempt, the hand looks only at what it was chosen for. */
const held = ({
  stepId = '0/0',
  answer = null,
  quality = 0.5,
  isTruncated = false,
  isInsurance = false,
}: Given): HeldAnswer => ({
  attempt: { init: { isInsurance, choice: { estimate: anEstimate({ quality }) } } } as unknown as Attempt,
  result: aCallResult(),
  answer: anAnswerInHand({ stepId, answer, isTruncated }),
})

const handOf = (...given: readonly Given[]) => {
  const hand = new Hand('number')
  const all = given.map(held)
  for (const one of all) hand.add(one)
  return { hand, all }
}

describe('the best answer in hand', () => {
  it('is nothing in an empty hand', () => {
    const { hand } = handOf()
    expect([hand.best(), hand.isEmpty, hand.agreement, hand.vote()]).toEqual([null, true, null, null])
  })

  it('is that of most steps, whatever single steps promised', () => {
    const { hand, all } = handOf(
      { stepId: '0/0', answer: '7', quality: 0.9 },
      { stepId: '0/1', answer: '8', quality: 0.1 },
      { stepId: '0/2', answer: '8', quality: 0.1 },
    )
    expect(hand.best()).toBe(all[1])
    expect(hand.agreement).toBeCloseTo(2 / 3)
  })

  it('is the one expected to be best where none can be compared, the later of equals', () => {
    const better = handOf({ stepId: '0/0', quality: 0.9 }, { stepId: '0/1', quality: 0.6 })
    expect(better.hand.best()).toBe(better.all[0])
    const equal = handOf({ stepId: '0/0', quality: 0.6 }, { stepId: '1/0', quality: 0.6 })
    expect(equal.hand.best()).toBe(equal.all[1])
  })

  it('is a whole one before a truncated one, and the insurance call’s between them', () => {
    const whole = handOf({ quality: 0.9, isTruncated: true }, { stepId: '0/1', quality: 0.2 }, { isInsurance: true })
    expect(whole.hand.best()).toBe(whole.all[1])
    const insured = handOf({ quality: 0.9, isTruncated: true }, { isInsurance: true })
    expect(insured.hand.best()).toBe(insured.all[1])
    const truncated = handOf({ quality: 0.9, isTruncated: true })
    expect(truncated.hand.best()).toBe(truncated.all[0])
  })

  it('never counts the insurance call as a vote, nor as an output', () => {
    const { hand } = handOf({ answer: '7' }, { answer: '8', isInsurance: true }, { answer: '8', isInsurance: true })
    expect(hand.answers.map(({ answer }) => answer)).toEqual(['7'])
    expect(hand.best()?.answer.answer).toBe('7')
    expect(hand.isDecided(0)).toBe(false)
    expect(handOf({ isInsurance: true }).hand.isEmpty).toBe(false)
  })

  it('of a step that was tried again is the later one', () => {
    const { hand, all } = handOf({ stepId: '0/0', isTruncated: true }, { stepId: '0/0', answer: '7' })
    expect(hand.output('0/0')).toBe(all[1])
    expect(hand.output('0/9')).toBeUndefined()
  })
})

describe('a vote', () => {
  it.each([
    [['7', '7'], 1, true],
    [['7', '7'], 2, false],
    [['7', '7', '8'], 1, false],
    [['7', '7', '8'], 0, true],
    [['7'], 0, false],
    [['7', '8'], 0, false],
    [['7', null, '7'], 1, true],
  ])('of %j with %i to come: decided is %s', (answers, outstanding, isDecided) => {
    const { hand } = handOf(...answers.map((answer, index) => ({ stepId: `0/${index}`, answer })))
    expect(hand.isDecided(outstanding)).toBe(isDecided)
  })
})
