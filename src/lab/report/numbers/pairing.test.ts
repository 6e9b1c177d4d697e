import { describe, expect, it } from 'vitest'
import { createFakeBench } from '../../../../test/fake-bench.ts'
import { questionOrder, unpackBits } from '../../bench/results/index.ts'
import { gatherCells } from '../results/gather-cells.ts'
import type { Cell, SeedResult } from '../results/results.ts'
import { createResampling, replicateCount } from '../statistics/two-way-bootstrap.ts'
import { Pairing } from './pairing.ts'

const setSizes = [30, 8]
const results = gatherCells({
  folder: 'out',
  ...createFakeBench({
    setSizes,
    rates: [30],
    budgets: [30],
    seeds: 3,
    queries: 60,
    methods: [
      { name: 'inframind', accuracy: 0.7 },
      { name: 'random', accuracy: 0.4 },
    ],
  }),
})
const [cell] = results.cells as readonly [Cell]

/** Each measured query with its question and what the pair made of it. */
function queriesOf(ours: SeedResult, theirs: SeedResult) {
  const order = questionOrder(ours.run.seed, 38, setSizes)
  for (let query = 0; query < ours.run.warmUpQueries; query += 1) order.next()
  const [mine, other] = [ours, theirs].map(({ cell: { correctOnTimeBits } }) => unpackBits(correctOnTimeBits, 60))
  return Array.from({ length: 60 }, (_, query) => ({
    question: order.next().value,
    difference: Number(mine?.[query]) - Number(other?.[query]),
  }))
}

describe('Pairing', () => {
  it('gives the replicates of the plain way: weigh every query by its question and seed', () => {
    const found = new Pairing().goodputDifference(cell, ['inframind', 'random'])
    const { questionWeights, seedWeights } = createResampling('mixed', { setSizes, seedCount: 3 })
    const [ours, theirs] = ['inframind', 'random'].map((name) => cell.byMethod.get(name) as readonly SeedResult[])
    const bySeed = (ours ?? []).map((result, seed) => queriesOf(result, theirs?.[seed] as SeedResult))
    for (let replicate = 0; replicate < replicateCount; replicate += 37) {
      let [above, below] = [0, 0]
      for (const [seed, queries] of bySeed.entries()) {
        for (const { question, difference } of queries) {
          const weight = (seedWeights[replicate * 3 + seed] ?? 0) * (questionWeights[replicate * 38 + question] ?? 0)
          above += weight * difference
          below += weight
        }
      }
      expect(found?.replicates[replicate]).toBeCloseTo(above / below, 12)
    }
  })

  it('is the difference of the counts, and turns its sign with the order', () => {
    const pairing = new Pairing()
    const counted = (name: string) =>
      (cell.byMethod.get(name) ?? []).reduce((sum, { row }) => sum + row.correct_on_time, 0) / 180
    const forth = pairing.goodputDifference(cell, ['inframind', 'random'])
    expect(forth?.estimate).toBeCloseTo(counted('inframind') - counted('random'), 12)
    expect(pairing.goodputDifference(cell, ['random', 'inframind'])?.estimate).toBe(-(forth?.estimate ?? 0))
  })

  it('uses the seeds that both have; without any there is nothing to compare', () => {
    const pairing = new Pairing()
    const [first, , third] = cell.byMethod.get('inframind') ?? []
    const byMethod = new Map(cell.byMethod)
    byMethod.set('some', [first as SeedResult, third as SeedResult])
    byMethod.set('none', [])
    expect(pairing.goodputDifference({ ...cell, byMethod }, ['inframind', 'some'])?.estimate).toBe(0)
    expect(pairing.goodputDifference({ ...cell, byMethod }, ['inframind', 'none'])).toBeNull()
    expect(pairing.goodputDifference({ ...cell, byMethod }, ['inframind', 'unknown'])).toBeNull()
  })
})
