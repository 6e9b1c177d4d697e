/** @file The bars of `npm run results -- learned`: what counts as met, missed, not shown. */
import { describe, expect, it } from 'vitest'

interface Cell {
  readonly dataset: string
  readonly ratePerMinute: number
  readonly budgetSeconds: number
}
const module: { readonly bars: (played: unknown) => string } = await import(
  new URL('../tools/results/bars.mjs', import.meta.url).href
)

const cells: readonly Cell[] = [10, 200].map((ratePerMinute) => ({
  dataset: 'mixed',
  ratePerMinute,
  budgetSeconds: 30,
}))

interface Parts {
  readonly low?: number
  readonly high?: number
  readonly ourMs?: number | null
  readonly share?: number
  readonly shareAtLeast?: number
}

/** A report in which ours gains two points everywhere, but for what `parts` says. */
function numbers({ low = 0.01, high = 0.03, ourMs = 5_000, share = 1, shareAtLeast = 0.9995 }: Parts) {
  const judged = cells.map((cell) => ({ ...cell, estimate: (low + high) / 2, low, high }))
  const group = { estimate: 0.02, low: 0.01, high: 0.03, worst: judged[0] }
  return {
    comparisons: [{ method: 'greedy', cells: judged, all: group, mixed: group }],
    cells: cells.flatMap((cell) => [
      { ...cell, method: 'mine', meanMs: ourMs },
      { ...cell, method: 'greedy', meanMs: 6_000 },
    ]),
    attainment: [null, 10, 200].map((ratePerMinute) => ({
      method: 'mine',
      budgets: 'at least 30 s',
      ratePerMinute,
      share: ratePerMinute === 200 ? share : 1,
      // Pooled over rates all is well: a miss at the highest one must not be diluted.
      shareAtLeast: ratePerMinute === 200 ? shareAtLeast : 1,
    })),
    regret: null,
  }
}

const told = (parts: Partial<Record<'exact' | 'estimated' | 'biased', Parts>> = {}) =>
  module.bars({
    policy: 'mine',
    reports: (['exact', 'estimated', 'biased'] as const).map((know) => ({
      know,
      numbers: { mine: numbers(parts[know] ?? {}) },
    })),
  })
const row = (text: string, name: string): string => text.split('\n').find((line) => line.startsWith(`| ${name}`)) ?? ''

describe('the bars', () => {
  it('are met by gains everywhere, and no regret table follows', () => {
    const text = told()
    expect(text.match(/\| met \|/g)).toHaveLength(10)
    expect(text).not.toContain('Not all bars are met')
  })

  it('are missed by one cell shown below, and not shown while an interval reaches below', () => {
    expect(row(told({ exact: { low: -0.02, high: -0.01 } }), '`exact`, cells below')).toContain('**missed**')
    const open = told({ exact: { low: -0.02, high: 0.03 } })
    expect(row(open, '`exact`, cells below')).toContain('not shown')
    expect(open).toContain('Not all bars are met')
  })

  it('are missed where ours breaks a queue that the other keeps', () => {
    expect(row(told(), '`estimated`, mean latency')).toContain('| met |')
    expect(row(told({ estimated: { ourMs: 7_000 } }), '`estimated`, mean latency')).toContain('**missed**')
    expect(row(told({ estimated: { ourMs: null } }), '`estimated`, mean latency')).not.toContain('| met |')
  })

  it('judge answers in time by the bound at the worst rate', () => {
    const name = '`biased`, on time'
    expect(row(told({ biased: { shareAtLeast: 0.9931 } }), name)).toContain('| met |')
    expect(row(told({ biased: { shareAtLeast: 0.9929 } }), name)).toContain('not shown')
    expect(row(told({ biased: { share: 0.9929, shareAtLeast: 0.99 } }), name)).toContain('**missed**')
  })
})
