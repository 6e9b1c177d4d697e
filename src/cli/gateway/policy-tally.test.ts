import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../core/index.ts'
import { ManualClock } from '../../testing/index.ts'
import { PolicyTally } from './policy-tally.ts'

function tallied() {
  const clock = new ManualClock(1_000_000)
  const warned: (readonly [object, string])[] = []
  const tally = new PolicyTally(clock, { warn: (fields, message) => void warned.push([fields, message]) })
  return { clock, warned, tally }
}

describe('the tally of decisions', () => {
  it('counts by level and reason, outcome, and reload', () => {
    const { tally } = tallied()
    expect(tally.status()).toEqual({ fallbacks: [], comparisons: [], reloads: [] })
    for (let time = 0; time < 3; time += 1) tally.fellBack({ level: 'planner', reason: 'logits' })
    tally.fellBack({ level: 'executor', reason: 'features' })
    tally.compared({ level: 'executor', outcome: 'same' })
    tally.compared({ level: 'executor', outcome: 'different' })
    tally.compared({ level: 'executor', outcome: 'same' })
    tally.reloaded('applied')
    expect(tally.status()).toEqual({
      fallbacks: [
        { level: 'planner', reason: 'logits', count: 3 },
        { level: 'executor', reason: 'features', count: 1 },
      ],
      comparisons: [
        { level: 'executor', outcome: 'same', count: 2 },
        { level: 'executor', outcome: 'different', count: 1 },
      ],
      reloads: [{ outcome: 'applied', count: 1 }],
    })
  })

  it('warns at once, then at most once a minute, with what happened in between', () => {
    const { tally, clock, warned } = tallied()
    const fallBack = () => tally.fellBack({ level: 'planner', reason: 'logits' })
    for (let time = 0; time < 50; time += 1) fallBack()
    clock.advanceBy(59_999)
    fallBack()
    expect(warned.map(([fields]) => fields)).toEqual([
      { decisions: [{ level: 'planner', reason: 'logits', count: 1 }] },
    ])
    clock.advanceBy(1)
    tally.fellBack({ level: 'executor', reason: 'error', message: 'out of range' })
    expect(warned[1]?.[0]).toEqual({
      decisions: [
        { level: 'planner', reason: 'logits', count: 50 },
        { level: 'executor', reason: 'error', count: 1 },
      ],
      error: 'out of range',
    })
  })

  it('says where the training-free policy failed too', () => {
    const { tally, warned } = tallied()
    tally.fellBack({ level: 'planner', reason: 'last-resort', message: 'out of range' })
    expect(warned[0]?.[1]).toMatch('where that threw too to the quickest model')
    expect(tally.status().fallbacks).toEqual([{ level: 'planner', reason: 'last-resort', count: 1 }])
  })

  it('says at the end what it has not said yet, once', () => {
    const { tally, warned } = tallied()
    for (let time = 0; time < 3; time += 1) tally.fellBack({ level: 'planner', reason: 'features' })
    tally.flush()
    tally.flush()
    expect(warned.map(([fields]) => fields)).toEqual(
      [1, 2].map((count) => ({ decisions: [{ level: 'planner', reason: 'features', count }] })),
    )
  })

  it('counts and tells a policy that could not be loaded, with why', () => {
    const { tally, warned } = tallied()
    const error = new ConfigError([{ path: 'head', expected: 'candidate', got: 'joint', fix: 'None.' }], 'mine')
    tally.lost({ level: 'executor', error })
    tally.lost({ level: 'shadow', error })
    expect(tally.status().fallbacks).toEqual([
      { level: 'executor', reason: 'file', count: 1 },
      { level: 'shadow', reason: 'file', count: 1 },
    ])
    expect(warned.map(([, message]) => message)).toEqual([
      'a policy cannot be used: the training-free policy serves',
      'a policy cannot be used: no policy looks on',
    ])
    expect(warned[0]?.[0]).toMatchObject({ error: expect.stringContaining('expected candidate, got joint') })
  })
})
