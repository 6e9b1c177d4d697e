import { describe, expect, it } from 'vitest'
import { aRunRecord, aStepRecord } from '../../../testing/index.ts'
import { RunTally } from './run-tally.ts'

const plan = aRunRecord().plan
const arm = { model: 'small', strategy: 'Flash', reason: 'fixed', price: null, score: null } as const

function tallyOf(...records: readonly Parameters<RunTally['add']>[0][]) {
  const tally = new RunTally()
  for (const record of records) tally.add(record)
  return { tally, ...tally.result() }
}

describe('the tally of a run', () => {
  it('sums tokens and calls over all queries', () => {
    const { tally } = tallyOf(
      aRunRecord({ calls: 3, usage: { promptTokens: 1, outputTokens: 70 } }),
      aRunRecord({ calls: 2, usage: { promptTokens: 1, outputTokens: 30 }, outcome: 'failed' }),
    )
    expect([tally.calls, tally.outputTokens]).toEqual([5, 100])
  })

  it('counts plans by topology and agents, sent steps by model and depth, in order of name', () => {
    const steps = [aStepRecord(), aStepRecord({ choice: arm }), aStepRecord({ choice: arm, outcome: 'aborted' })]
    const { choices } = tallyOf(
      aRunRecord({ plan: { ...plan, topology: 'vote', agents: 3 }, steps }),
      aRunRecord({ plan: { ...plan, topology: 'io', agents: 1 } }),
      aRunRecord({ plan: { ...plan, topology: 'vote', agents: 3 }, steps: [] }),
    )
    expect(choices).toEqual({
      topology: { 'io:1': 1, 'vote:3': 2 },
      model: { small: 4 },
      strategy: { Concise: 2, Flash: 2 },
      insurance: 0,
    })
    expect(Object.keys(choices.topology)).toEqual(['io:1', 'vote:3'])
    expect(Object.keys(choices.strategy)).toEqual(['Concise', 'Flash'])
  })

  it('counts no step that stopped or was never sent', () => {
    const stopped = aStepRecord({ choice: { stop: 'answers-agree' }, sentAtMs: null })
    const { choices } = tallyOf(aRunRecord({ steps: [stopped, aStepRecord({ sentAtMs: null })] }))
    expect(choices).toMatchObject({ model: {}, strategy: {} })
  })

  it('counts answers by insurance', () => {
    expect(tallyOf(aRunRecord({ answeredBy: 'insurance' }), aRunRecord()).choices.insurance).toBe(1)
  })

  it('measures steps that came to their end against what was predicted of them', () => {
    const late = aStepRecord({ queuedAtMs: 100, finishedAtMs: 2700, predicted: { ...predicted, latencyMs: 1300 } })
    const { stepError } = tallyOf(
      aRunRecord({ steps: [late, aStepRecord()] }),
      aRunRecord({ steps: [aStepRecord({ outcome: 'aborted', finishedAtMs: 9000 })] }),
    )
    expect(stepError).toMatchObject({ count: 2, inside50: null, inside95: null })
    expect(stepError.sum).toBeCloseTo(Math.log(2), 12)
    expect(stepError.sumOfSquares).toBeCloseTo(Math.log(2) ** 2, 12)
  })

  it('measures queries that were answered as planned, and no others', () => {
    const planned = { plan: { ...plan, predictedMs: 2000 }, arrivedAtMs: 1000, finishedAtMs: 2000 }
    const { queryError } = tallyOf(
      aRunRecord(planned),
      aRunRecord({ ...planned, degraded: ['insurance'] }),
      aRunRecord({ ...planned, outcome: 'failed' }),
      // Baselines forecast nothing.
      aRunRecord({ ...planned, plan: { ...plan, predictedMs: 0 } }),
    )
    expect(queryError.count).toBe(1)
    expect(queryError.sum).toBeCloseTo(-Math.log(2), 12)
  })
})

const predicted = { latencyMs: 1300, p90Ms: 1800, queueMs: 0, ttftMs: 100, outputTokens: 120, quality: 0.7 }
