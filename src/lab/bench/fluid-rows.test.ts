import { describe, expect, it } from 'vitest'
import { smallOptions, smallSetting } from '../../../test/bench/small-bench.ts'
import { fluidRows } from './fluid-rows.ts'

const grid = { datasets: ['mixed', 'synthetic-math'], rates: [10, 2000], budgets: [5, null] }
const options = smallOptions({ ...grid, fluid: true })
const never = new AbortController().signal

describe('the fluid lines beside the cells', () => {
  it('stand in the order of the grid, each within 0 and 1, and knowing more is never worth less', async () => {
    const rows = await fluidRows(smallSetting(options), options, never)
    expect(rows.map(({ dataset, rate_per_min, budget_s }) => [dataset, rate_per_min, budget_s])).toEqual(
      grid.datasets.flatMap((dataset) =>
        grid.rates.flatMap((rate) => grid.budgets.map((budget) => [dataset, rate, budget])),
      ),
    )
    for (const { static_only, none, text, difficulty } of rows) {
      expect(static_only).toBeGreaterThan(0)
      expect(difficulty).toBeLessThanOrEqual(1)
      for (const [less, more] of [
        [static_only, none],
        [none, text],
        [text, difficulty],
      ] as const)
        expect(more).toBeGreaterThanOrEqual(less - 1e-6)
    }
    const at = (rate: number) => rows.find((row) => row.dataset === 'mixed' && row.rate_per_min === rate)?.none ?? 0
    // No pool of five engines serves 2,000 a minute as it serves 10.
    expect(at(2000)).toBeLessThan(at(10))
  })

  it('stop where the benchmark is stopped', async () => {
    const stopped = new AbortController()
    stopped.abort()
    expect(await fluidRows(smallSetting(options), options, stopped.signal)).toEqual([])
  })
})
