/** @file What is told of decisions that a policy has learnt, and of one that looks on. */
import { describe, expect, it } from 'vitest'
import { aRunRecord, aStepRecord } from '../../testing/index.ts'
import { explainRun } from './explain-run.ts'

describe('a learned policy', () => {
  const likely = { topology: 'io', agents: 1, predictedMs: 1_000, quality: 0.7, score: -0.4, probability: 0.21 }
  const chosen = {
    model: 'small',
    strategy: 'Concise',
    reason: 'learned',
    price: 0.05,
    score: 2.7,
    probability: 0.62,
  } as const
  const arm = {
    arm: { model: 'large', strategy: 'DeepThink' },
    predictedMs: 900,
    quality: 0.8,
    price: 0,
    score: 1.1,
    probability: 0.3,
  } as const

  it('speaks of probabilities, not of scores that mean something only against each other', () => {
    const plan = { ...aRunRecord().plan, reason: 'learned', score: 3.2, probability: 0.55, alternatives: [likely] }
    const text = explainRun(aRunRecord({ plan, steps: [aStepRecord({ choice: chosen, alternatives: [arm] })] })).join(
      '\n',
    )
    expect(text).toContain('by what the policy has learnt (probability 0.55 against 0.21 of the next plan).')
    expect(text).toContain('the likeliest choice, by what the policy has learnt')
    expect(text).toContain('quality 0.70, congestion price 0.050, probability 0.62.')
    expect(text).toContain('large with DeepThink (on average 900 ms, quality 0.80, probability 0.30); what the policy')
    expect(text).not.toContain('score')
  })

  it('says why it stopped', () => {
    const stopped = aStepRecord({ choice: { stop: 'learned' }, outcome: 'stopped', predicted: null })
    expect(explainRun(aRunRecord({ steps: [stopped] })).join('\n')).toContain('the answers in hand were enough.')
  })
})

describe('a policy that looks on', () => {
  const shadow = {
    planner: 'learned',
    topology: 'debate',
    agents: 3,
    merge: 'vote',
    probability: 0.8,
    agrees: false,
  } as const
  const other = {
    executor: 'learned',
    arm: { model: 'large', strategy: 'Flash' },
    probability: 0.6,
    agrees: false,
  } as const
  const told = (plan: object, step: object) =>
    explainRun(aRunRecord({ plan: { ...aRunRecord().plan, ...plan }, steps: [aStepRecord(step)] })).join('\n')

  it('has its word after the decision that was served', () => {
    const text = told({ shadow }, { shadow: other })
    expect(text).toContain(
      'The planner that looks on (learned) would have taken debate with 3 agents, merged by vote (probability 0.80).',
    )
    expect(text).toContain('The executor that looks on (learned) would have taken large with Flash (probability 0.60).')
  })

  it('agrees, or would have stopped; one that is certain says no probability', () => {
    const same = told({ shadow: { ...shadow, agrees: true, probability: 1 } }, { shadow: { ...other, arm: null } })
    expect(same).toContain('The planner that looks on (learned) would have taken the same.')
    expect(same).toContain('The executor that looks on (learned) would have stopped here (probability 0.60).')
    const stopped = { choice: { stop: 'answers-agree' }, shadow: { ...other, agrees: true }, predicted: null } as const
    expect(told({}, { ...stopped, outcome: 'stopped' })).toContain('would have done the same (probability 0.60).')
  })
})
