import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../core/index.ts'
import { faultKinds } from '../../twin/faults/index.ts'
import { faultNames, planFaults } from './fault-list.ts'

const models = ['large', 'llama3:8b', 'small']

function problemOf(name: string) {
  try {
    planFaults([name], models, 0)
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    return (error as ConfigError).problems[0]
  }
  throw new Error(`${name} was taken`)
}

describe('faults by name', () => {
  it.each([
    ['down', 60, undefined],
    ['stall', 60, undefined],
    ['overloaded', 60, undefined],
    ['slow', 300, 5],
  ] as const)('%s hits the second model for %s s, factor %s', (kind, seconds, factor) => {
    const fault = { atMs: 90_000, forMs: seconds * 1000, engine: 'llama3:8b', kind }
    expect(planFaults([kind], models, 90_000)).toEqual([factor ? { ...fault, factor } : fault])
  })

  it.each(['stale-metrics', 'missing-metrics'] as const)('%s hits all models for 30 s', (kind) => {
    const plan = planFaults([kind], models, 5)
    expect(plan).toEqual(models.map((engine) => ({ atMs: 5, forMs: 30_000, engine, kind })))
  })

  it('hit the model that is named, colons and all, and come together', () => {
    const plan = planFaults(['stale-metrics:small', 'down:llama3:8b'], models, 0)
    expect(plan.map(({ kind, engine }) => [kind, engine])).toEqual([
      ['stale-metrics', 'small'],
      ['down', 'llama3:8b'],
    ])
  })

  it('hit the only model of a pool of one; none are no plan', () => {
    expect(planFaults(['down'], ['only'], 0)).toMatchObject([{ engine: 'only' }])
    expect(planFaults([], models, 0)).toEqual([])
  })

  it('may last from beginning to end', () => {
    const always = { atMs: 0, forMs: Infinity }
    expect(planFaults(['gone:small', 'slowed'], models, 90_000)).toEqual([
      { ...always, engine: 'small', kind: 'down' },
      { ...always, engine: 'llama3:8b', kind: 'slow', factor: 5 },
    ])
    expect(faultNames).toEqual([...faultKinds, 'gone', 'slowed'])
  })

  it('know every kind that the twin can do', () => {
    for (const kind of faultKinds) expect(planFaults([kind], models, 0).length).toBeGreaterThan(0)
  })

  it.each([
    ['dwon', 'down', 'a kind of fault'],
    ['gne:small', 'gone', 'a kind of fault'],
    ['toString', 'slow', 'a kind of fault'],
    ['slow:smal', 'small', 'a model of the profile'],
  ])('refuse %s and name %s', (name, near, expected) => {
    expect(problemOf(name)).toMatchObject({ path: '--faults', expected, fix: expect.stringContaining(near) })
  })
})
