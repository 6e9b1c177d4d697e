import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../core/index.ts'
import { sequentialHalving } from './sequential-halving.ts'

/** Candidates of these means, with noise that all share and noise of their own. */
function play(means: readonly number[], budget: number, { shared = 0, own = 0, seed = 1 } = {}) {
  const asked: string[] = []
  const random = createRandom(seed)
  const luck = Array.from({ length: budget }, () => random.normal())
  const result = sequentialHalving({
    candidates: means.length,
    budget,
    sample: (candidate, draw) => {
      asked.push(`${candidate} ${draw}`)
      return (means[candidate] as number) + shared * (luck[draw] as number) + own * random.normal()
    },
  })
  return { ...result, asked }
}

describe('sequential halving', () => {
  it('finds the best of certain candidates, and says how far the others are behind', () => {
    const { best, bestMean, behind } = play([0.2, 0.9, 0.5, 0.1, 0.3, 0.4], 400)
    expect([best, bestMean]).toEqual([1, expect.closeTo(0.9)])
    expect(behind.map((gap) => Number(gap.toFixed(6)))).toEqual([0.7, 0, 0.4, 0.8, 0.6, 0.5])
  })

  it('takes the first of equals', () => {
    expect(play([0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5], 200).best).toBe(0)
  })

  it('is not misled by luck that all candidates share', () => {
    const means = Array.from({ length: 40 }, (_, index) => 0.5 + 0.001 * ((index * 7) % 40))
    expect(play(means, 1_000, { shared: 3 }).best).toBe(means.indexOf(Math.max(...means)))
  })

  it('spends most samples where it matters', () => {
    const means = Array.from({ length: 48 }, (_, index) => (index === 13 ? 0.6 : 0.3))
    const { best, samples, asked } = play(means, 1_500, { own: 0.1 })
    expect(best).toBe(13)
    expect(samples).toBeGreaterThan(1_400)
    expect(asked.filter((pair) => pair.startsWith('13 ')).length).toBeGreaterThan(300)
    expect(asked.filter((pair) => pair.startsWith('2 ')).length).toBeLessThan(60)
  })

  it('asks each pair once, in order of draws, within the budget, whatever it is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 80 }), fc.integer({ min: 1, max: 600 }), (candidates, budget) => {
        const means = Array.from({ length: candidates }, (_, index) => (index * 31) % candidates)
        const { asked, samples, best, behind } = play(means, budget)
        expect(samples).toBe(asked.length)
        expect(new Set(asked).size).toBe(asked.length)
        expect(samples).toBeLessThanOrEqual(Math.max(budget, candidates))
        for (let candidate = 0; candidate < candidates; candidate += 1) {
          const draws = asked
            .filter((pair) => pair.startsWith(`${candidate} `))
            .map((pair) => Number(pair.split(' ')[1]))
          expect(draws).toEqual(draws.map((_, index) => index))
          expect(draws.length).toBeGreaterThan(0)
        }
        expect(behind[best]).toBe(0)
        for (const gap of behind) expect(gap).toBeGreaterThanOrEqual(0)
      }),
      { numRuns: 60 },
    )
  })
})
