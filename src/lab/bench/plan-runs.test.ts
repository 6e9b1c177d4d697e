import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { smallOptions } from '../../../test/bench/small-bench.ts'
import { freeArmsOf } from './best-fixed.ts'
import { armsOf, planRuns, runKey, seedsOf } from './plan-runs.ts'

const models = ['small-8b', 'llama3:70b']
const plan = (parts: Parameters<typeof smallOptions>[0]) => planRuns(smallOptions(parts), models, freeArmsOf(models))

describe('the runs of a grid', () => {
  it('are one for every cell and seed, of a method that sees the budget', () => {
    const runs = plan({
      methods: ['inframind'],
      datasets: ['a', 'b'],
      rates: [10, 50],
      budgets: [5, null],
      seeds: 3,
      seed: 7,
    })
    expect(runs).toHaveLength(2 * 2 * 2 * 3)
    expect(new Set(runs.map(({ seed }) => seed))).toEqual(new Set([7, 8, 9]))
    expect(new Set(runs.map(({ budgets }) => JSON.stringify(budgets)))).toEqual(new Set(['[5]', '[null]']))
  })

  it('are one for all budgets, of a method that does not', () => {
    const runs = plan({ methods: ['moa', 'moa+edf'], budgets: [5, 10, null] })
    expect(runs.filter(({ method }) => method === 'moa').map(({ budgets }) => budgets)).toEqual([[5, 10, null]])
    expect(runs.filter(({ method }) => method === 'moa+edf+free')).toHaveLength(3)
  })

  it('are played once though asked for twice by other names', () => {
    const runs = plan({
      methods: ['moa', 'moa+fcfs+free', 'best-fixed', 'best-fixed+edf', 'single:small-8b:Flash+fcfs+free'],
    })
    expect(new Set(runs.map(({ key }) => key)).size).toBe(runs.length)
    expect(runs).toHaveLength(1 + models.length * 3)
  })

  it('begin with the costly ones', () => {
    const rates = plan({ methods: ['inframind', 'moa'], rates: [10, 200, 50] }).map((run) => run.ratePerMinute)
    expect(rates).toEqual(rates.toSorted((a, b) => b - a))
  })

  it('have names of their own that files can have', () => {
    const runs = plan({
      methods: ['inframind', 'best-fixed', 'moa+edf', 'routellm:0.25', 'routellm:0.2'],
      datasets: ['math', 'my set', 'gsm-hard'],
      rates: [10, 0.5],
      budgets: [5, 0.5, null],
      seeds: 2,
    })
    expect(new Set(runs.map(({ key }) => key)).size).toBe(runs.length)
    for (const { key } of runs) expect(key).toMatch(/^[\w.+-]+$/)
  })

  it('have names without a path, whatever the set is called', () => {
    fc.assert(
      fc.property(fc.string(), (dataset) => {
        const key = runKey({ method: 'moa', dataset, ratePerMinute: 1, seed: 1, budgets: [null] })
        expect(key).toMatch(/^moa__[\w.+-]*__1__mix__1$/)
      }),
    )
  })
})

describe('seeds and arms', () => {
  it('are counted from the first', () => {
    expect(seedsOf(smallOptions({ seed: 5, seeds: 3 }))).toEqual([5, 6, 7])
  })

  it('are every model at every depth', () => {
    expect(armsOf(['a', 'b'], '+edf')).toEqual([
      'single:a:Flash+edf',
      'single:a:Concise+edf',
      'single:a:DeepThink+edf',
      'single:b:Flash+edf',
      'single:b:Concise+edf',
      'single:b:DeepThink+edf',
    ])
  })
})
