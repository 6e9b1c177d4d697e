import { afterAll, describe, expect, it } from 'vitest'
import { createOutFolders, playBench, smallOptions } from '../../../test/bench/small-bench.ts'
import { createFakeBench, type FakeMethod, type FakePlace } from '../../../test/fake-bench.ts'
import { BestFixed, freeArmsOf, type Grid } from './best-fixed.ts'
import { armsOf } from './plan-runs.ts'
import type { RunResult } from './run-result.ts'

const folders = createOutFolders()
afterAll(folders.clear)

const models = ['small', 'large']
const grid: Grid = { models, datasets: ['math'], rates: [30], budgets: [10, 100], seeds: [1, 2] }
const free = freeArmsOf(models)

/** Results of an arm, with the accuracy and on-time share planted, by budget. */
function runsOf(
  name: string,
  accuracy: FakeMethod['accuracy'],
  onTime: FakeMethod['onTime'] = 1,
): readonly RunResult[] {
  const { datasets, rates, budgets, seeds } = grid
  return createFakeBench({
    methods: [{ name, accuracy, onTime }],
    datasets,
    rates,
    budgets,
    seeds: seeds.length,
    queries: 400,
  }).runs
}

const byBudget = (low: number, high: number) => (place: FakePlace) => (place.budgetSeconds === 10 ? low : high)

function chooserOf(suffix: string, runs: readonly RunResult[]) {
  const best = new BestFixed(suffix, grid)
  for (const run of runs) best.add(run)
  return best
}

describe('the best fixed arm', () => {
  it('is the one with the highest goodput over the seeds, for each budget apart', () => {
    const runs = free.flatMap((name, index) =>
      runsOf(name, index === 1 ? byBudget(0.9, 0.3) : byBudget(0.4, 0.5 + index / 20)),
    )
    const best = chooserOf('', runs)
    expect(best.toPlayAgain()).toEqual([])
    const chosen = best.choose()
    expect(chosen.map(({ seed, method }) => [seed, method])).toEqual([
      [1, 'best-fixed'],
      [2, 'best-fixed'],
    ])
    for (const { cells } of chosen) {
      expect(cells.map(({ row }) => [row.budget_s, row.chosen])).toEqual([
        [10, free[1]],
        [100, free.at(-1)],
      ])
      expect(cells[0]?.row).toMatchObject({ method: 'best-fixed', scheduler: 'default', enforced: true })
    }
  })

  it('has the row and the bits of its arm', () => {
    const runs = free.flatMap((name, index) => runsOf(name, index === 2 ? 0.9 : 0.4))
    const [run] = chooserOf('', runs).choose()
    const own = runs.find(
      ({ method, seed, cells }) => method === free[2] && seed === 1 && cells[0]?.row.budget_s === 10,
    )
    expect(run?.cells[0]?.correctOnTimeBits).toBe(own?.cells[0]?.correctOnTimeBits)
    expect(run?.cells[0]?.row.correct_on_time).toBe(own?.cells[0]?.row.correct_on_time)
  })

  it('plays again, under the deadline, whoever missed it and might win', () => {
    const runs = free.flatMap((name, index) => {
      if (index === 0) return runsOf(name, 0.6)
      // Late and accurate enough to win; late and hopeless; never late.
      if (index === 1) return runsOf(name, 0.9, byBudget(0.5, 1))
      if (index === 2) return runsOf(name, 0.3, 0.9)
      return runsOf(name, 0.5)
    })
    const again = chooserOf('', runs).toPlayAgain()
    const asked = armsOf(models, '')[1]
    expect(again.map(({ method, seed, budgets }) => [method, seed, budgets])).toEqual([
      [asked, 1, [10]],
      [asked, 2, [10]],
    ])
  })

  it('plays the best again too where it missed any: its row says that it was held to the deadline', () => {
    // What it missed was wrong anyway, so that it cannot come to more than it did.
    const runs = free.flatMap((name, index) => runsOf(name, 0, index === 4 ? 0.9 : 1))
    const again = chooserOf('', runs).toPlayAgain()
    expect(new Set(again.map(({ method }) => method))).toEqual(new Set([armsOf(models, '')[4]]))
  })

  it('goes by how the arm did under the deadline, where it was played so', () => {
    const runs = free.flatMap((name, index) => (index === 1 ? runsOf(name, 0.9, byBudget(0.5, 1)) : runsOf(name, 0.6)))
    const enforced = (accuracy: number) =>
      runsOf(armsOf(models, '')[1] as string, accuracy).filter(({ cells }) => cells[0]?.row.budget_s === 10)
    const chosen = (accuracy: number) => {
      const best = chooserOf('', [...runs, ...enforced(accuracy)])
      return best.choose()[0]?.cells.map(({ row }) => row.chosen)
    }
    expect(chosen(0.8)).toEqual([armsOf(models, '')[1], free[1]])
    expect(chosen(0.2)).toEqual([free[0], free[1]])
  })

  it('is chosen freely where it runs freely', () => {
    const runs = free.flatMap((name, index) => runsOf(name, index === 1 ? 0.9 : 0.4, 0.7))
    const best = chooserOf('+fcfs+free', runs)
    expect(best.toPlayAgain()).toEqual([])
    expect(best.choose()[0]?.cells[0]?.row).toMatchObject({
      method: 'best-fixed+fcfs+free',
      scheduler: 'fcfs',
      enforced: false,
      chosen: free[1],
    })
  })

  it('passes over what is no arm', () => {
    const runs = free.flatMap((name) => runsOf(name, 0.5))
    const best = chooserOf('', [...runs, ...runsOf('moa', 1)])
    expect(best.choose().flatMap(({ cells }) => cells.map(({ row }) => row.chosen))).not.toContain('moa')
  })
})

describe('two passes', () => {
  it('choose as well as playing every arm under every deadline', async () => {
    // Short budgets and enough load that some arms are always late, some never, some now and then.
    const place = { profile: 'small', rates: [60, 300], budgets: [2, 8, null], minutes: 0.6, seeds: 2 }
    const pool = ['Qwen2.5-Coder-14B-Instruct', 'Llama-3.1-8B-Instruct', 'Llama-3.2-3B-Instruct']
    const all = await playBench(smallOptions({ ...place, methods: armsOf(pool, '') }), folders.next())
    const told: number[] = []
    const two = await playBench(smallOptions({ ...place, methods: ['best-fixed'] }), folders.next(), {
      onProgress: ({ total }) => void told.push(total),
    })
    const goodput = (
      rows: NonNullable<typeof all>['rows'],
      method: string,
      [rate, budget]: readonly [number, number | null],
    ) => {
      const cell = rows.filter((row) => row.method === method && row.rate_per_min === rate && row.budget_s === budget)
      expect(cell).toHaveLength(2)
      return cell.reduce((sum, row) => sum + row.correct_goodput, 0) / 2
    }
    for (const rate of place.rates) {
      for (const budget of place.budgets) {
        const best = Math.max(...armsOf(pool, '').map((arm) => goodput(all!.rows, arm, [rate, budget])))
        expect(goodput(two!.rows, 'best-fixed', [rate, budget]), `${rate} per minute, ${budget} s`).toBeCloseTo(best, 9)
      }
    }
    // Else nothing was saved, and the test shows nothing.
    expect(told.at(-1)).toBeGreaterThan(9 * 2 * 2)
    expect(told.at(-1)).toBeLessThan(9 * 2 * 2 * 3)
  })
})
