/** @file Repeated answers: counted by hand where few, against limits and a naive count where many. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  accuracyOf,
  intraclassCorrelation,
  pairAgreement,
  type RepeatedAnswers,
  voteAccuracy,
} from './repeat-samples.ts'

const asked = (answers: string, key = 'A'): RepeatedAnswers => ({ answers: [...answers], key })
const question = fc
  .array(fc.constantFrom('A', 'B', 'C'), { minLength: 5, maxLength: 8 })
  .map((answers) => ({ answers, key: 'A' }))

describe('accuracyOf', () => {
  it('counts every answer alike', () => {
    expect(accuracyOf([asked('AAAA'), asked('BB')])).toBeCloseTo(4 / 6, 12)
  })
})

describe('intraclassCorrelation', () => {
  it('is 1 where a question is always or never answered rightly', () => {
    expect(intraclassCorrelation([asked('AAA'), asked('BCB')])).toBe(1)
  })

  it('is the analysis of variance, computed by hand', () => {
    // Shares 3/4 and 1/4 of 4: MSB = 2 x 4 x (1/4)^2 / 1 = 0.5, MSW = 2 x 4 x 3/16 / 6 = 0.25, n0 = 4.
    expect(intraclassCorrelation([asked('AAAB'), asked('ABBB')])).toBeCloseTo(0.25 / 1.25, 12)
  })

  it('is below 0 where questions are more alike than chance: two right of four, always', () => {
    expect(intraclassCorrelation([asked('AABB'), asked('ABAB')])).toBeCloseTo(-1 / 3, 12)
  })

  it('takes unequal numbers of answers', () => {
    // N = 6, n0 = 6 - 20/6, shares 1 and 0 around 2/3: MSW = 0.
    expect(intraclassCorrelation([asked('AAAA'), asked('BB')])).toBe(1)
  })
})

describe('voteAccuracy', () => {
  it('takes the plurality, and splits a tie among those that lead', () => {
    expect(voteAccuracy([asked('AAB')], 3)).toBe(1)
    expect(voteAccuracy([asked('ABB')], 3)).toBe(0)
    expect(voteAccuracy([asked('ABC')], 3)).toBeCloseTo(1 / 3, 12)
    expect(voteAccuracy([asked('AABBC')], 5)).toBe(0.5)
  })

  it('averages over every subset: of AAB + B, two of four votes of 3 are right', () => {
    expect(voteAccuracy([asked('AABB')], 3)).toBe(0.5)
  })

  it('leaves out questions with too few answers', () => {
    expect(voteAccuracy([asked('AAA'), asked('BB')], 3)).toBe(1)
  })

  it('is the accuracy itself for a vote of one', () => {
    fc.assert(
      fc.property(question, (one) => {
        expect(voteAccuracy([one], 1)).toBeCloseTo(accuracyOf([one]), 12)
      }),
    )
  })
})

describe('pairAgreement', () => {
  it('counts pairs: right together, wrong together, apart', () => {
    // AAB: one agreeing pair, right; two apart, one of each right. CC: one agreeing pair, wrong.
    const { agreeFraction, rightWhenAgreed, rightWhenNot } = pairAgreement([asked('AAB'), asked('CC')])
    expect(agreeFraction).toBe(0.5)
    expect(rightWhenAgreed).toBe(0.5)
    expect(rightWhenNot).toBe(0.5)
  })

  it('splits the accuracy of one of a pair', () => {
    fc.assert(
      fc.property(question, (one) => {
        const { agreeFraction, rightWhenAgreed, rightWhenNot } = pairAgreement([one])
        const parts = [agreeFraction * rightWhenAgreed || 0, (1 - agreeFraction) * rightWhenNot || 0]
        expect(parts[0]! + parts[1]!).toBeCloseTo(accuracyOf([one]), 9)
      }),
    )
  })
})
