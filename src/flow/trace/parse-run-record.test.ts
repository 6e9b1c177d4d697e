import { describe, expect, it } from 'vitest'
import { aRunRecord, aStepRecord } from '../../testing/index.ts'
import { parseRunRecord } from './parse-run-record.ts'

const roundTrip = (data: unknown) => parseRunRecord(JSON.parse(JSON.stringify(data)), 'runs.jsonl:3')
const alternative = {
  arm: { model: 'large', strategy: 'DeepThink' },
  predictedMs: 9_000,
  quality: 0.8,
  price: 0.1,
} as const

describe('parseRunRecord', () => {
  it('gives back what was written', () => {
    const record = aRunRecord({
      steps: [
        aStepRecord({ alternatives: [{ ...alternative, score: 0.7 }] }),
        aStepRecord({ choice: { stop: 'answers-agree' }, outcome: 'stopped', predicted: null, replica: null }),
        aStepRecord({ outcome: 'failed', errorCode: 'ENGINE_TIMEOUT' }),
      ],
    })
    expect(roundTrip(record)).toEqual(record)
  })

  it('reads a score that was minus infinity', () => {
    const record = aRunRecord({ steps: [aStepRecord({ alternatives: [{ ...alternative, score: -Infinity }] })] })
    expect(roundTrip(record)).toEqual(record)
  })

  it('reads what was maximised, and null where that was not recorded yet', () => {
    const weighed = {
      model: 'small',
      strategy: 'Concise',
      reason: 'best-within-share',
      price: 0.01,
      score: 0.69,
    } as const
    const plan = { ...aRunRecord().plan, score: 0.731 }
    const record = aRunRecord({ plan, steps: [aStepRecord({ choice: weighed })] })
    expect(roundTrip(record)).toEqual(record)
    const { score: _plan, ...oldPlan } = plan
    const { price: _price, score: _arm, ...oldChoice } = weighed
    const old = { ...record, plan: oldPlan, steps: [{ ...aStepRecord(), choice: oldChoice }] }
    const read = roundTrip(old)
    expect(read.plan.score).toBeNull()
    expect(read.steps[0]?.choice).toEqual({ ...oldChoice, price: null, score: null })
  })

  it('passes unknown fields on', () => {
    const newer = { ...aRunRecord(), tenant: 'x', steps: [{ ...aStepRecord(), joules: 3 }] }
    expect(roundTrip(newer)).toEqual(newer)
  })

  it.each([
    [
      'another version',
      { ...aRunRecord(), schema: 'inframind.run/2' },
      /runs.jsonl:3.*\n.*schema: expected "inframind.run\/1", got "inframind.run\/2"/,
    ],
    ['no record', { level: 30, msg: 'hello' }, /expected "inframind.run\/1", got nothing/],
    ['null', null, /got nothing/],
    ['a list', [1], /got nothing/],
    ['a wrong type', { ...aRunRecord(), budgetMs: 'long' }, /budgetMs: .*number/],
    ['a missing field', { ...aRunRecord(), plan: undefined }, /plan: /],
    ['a fault deep inside', aRunRecord({ steps: [aStepRecord({ role: 3 as unknown as string })] }), /steps\.0\.role: /],
  ])('refuses %s, saying where and why', (_name, data, message) => {
    expect(() => roundTrip(data)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringMatching(message) }),
    )
  })
})
