import { describe, expect, it } from 'vitest'
import type { RunRecord, StepRecord } from '../../../core/index.ts'
import { chargesOf } from './charges.ts'

const step = (parts: object): StepRecord =>
  ({
    choice: { model: 'a', strategy: 'Flash', price: 0.1 },
    predicted: { latencyMs: 3_000, queueMs: 1_000 },
    sentAtMs: 500,
    finishedAtMs: 2_500,
    ...parts,
  }) as unknown as StepRecord
const charges = (...steps: readonly StepRecord[]) => chargesOf({ steps } as unknown as RunRecord)

describe('charges', () => {
  it('are the stated price for the stated time in a slot, waiting left out', () => {
    expect(charges(step({}))).toBeCloseTo(0.1)
  })

  it('are less for a call that was given up, more for one that ran on, three times at most', () => {
    expect(charges(step({ finishedAtMs: 1_000 }))).toBeCloseTo(0.025)
    expect(charges(step({ finishedAtMs: 4_500 }))).toBeCloseTo(0.2)
    expect(charges(step({ finishedAtMs: 1e9 }))).toBeCloseTo(0.3)
  })

  it('add up over the calls, and are nothing for what was not sent, stopped or not priced', () => {
    const free = [
      step({ sentAtMs: null, finishedAtMs: null }),
      step({ finishedAtMs: null }),
      step({ choice: { stop: 'agreed' } }),
      step({ choice: { model: 'a', strategy: 'Flash', price: null } }),
      step({ predicted: null }),
    ]
    expect(charges(...free)).toBe(0)
    expect(charges(step({}), ...free, step({}))).toBeCloseTo(0.2)
  })

  it('are finite where no time in a slot was expected', () => {
    expect(charges(step({ predicted: { latencyMs: 0, queueMs: 5 } }))).toBeCloseTo(0.3)
  })
})
