import { beforeAll, describe, expect, it } from 'vitest'
import { type HeardRun, simulationOf } from '../../../../test/bench/small-bench.ts'
import { paperProfile } from '../../../../test/paper-profile.ts'
import { type SimulationInput, simulate } from '../../bench/play/simulate.ts'
import { createHindsight } from './hindsight.ts'

const profile = paperProfile()
const hindsight = createHindsight(profile)
interface Judged extends HeardRun {
  readonly isCorrect: boolean
  readonly chance: number
}
const lone: Judged[] = []
const teams: Judged[] = []

beforeAll(async () => {
  for (const seed of [1, 2, 3]) {
    // One agent at depths that do and do not always follow the instruction, few of them late; teams that vote, probe, merge.
    for (const [method, budgetSeconds, ratePerMinute] of [
      ['random', 100, 100],
      ['inframind', 6, 100],
      ['inframind', 60, 20],
      ['gptswarm', 300, 6],
    ] as const) {
      const onRecord: SimulationInput['onRecord'] = (record, question, isCorrect) => {
        const chance = hindsight.chanceRight(question, record, { seed, isCorrect })
        const calls = record.steps.filter(({ outcome }) => outcome === 'done').length
        ;(calls === 1 ? lone : teams).push({ record, question, isCorrect, chance })
      }
      await simulate(
        simulationOf(method, { seed, minutes: 400 / ratePerMinute, ratePerMinute, budgetSeconds, onRecord }),
      )
    }
  }
})

/** Shares of right ones and mean chances must meet, within what coins allow. */
function expectCalibrated(runs: readonly Judged[]): void {
  const right = runs.filter(({ isCorrect }) => isCorrect).length
  const expected = runs.reduce((sum, { chance }) => sum + chance, 0)
  const deviation = Math.sqrt(runs.reduce((sum, { chance }) => sum + chance * (1 - chance), 0))
  expect(Math.abs(right - expected)).toBeLessThan(3.5 * deviation + 1)
}

const spread = (runs: readonly Judged[]): number =>
  runs.reduce((sum, { isCorrect, chance }) => sum + ((isCorrect ? 1 : 0) - chance) ** 2, 0) / runs.length

describe('the probability to be right', () => {
  it('is the share of right answers over many single calls, among unlikely and among likely ones', () => {
    expect(lone.length).toBeGreaterThan(1_000)
    expectCalibrated(lone)
    for (const [low, high] of [
      [0, 0.4],
      [0.4, 0.8],
      [0.8, 1.01],
    ] as const) {
      const inside = lone.filter(({ chance }) => chance >= low && chance < high)
      expect(inside.length).toBeGreaterThan(50)
      expectCalibrated(inside)
    }
  })

  it('is so of calls of every depth, also of those that do not always follow the instruction', () => {
    for (const depth of ['Flash', 'Concise', 'DeepThink']) {
      const own = lone.filter(({ record }) =>
        record.steps.some(
          ({ outcome, choice }) => outcome === 'done' && 'model' in choice && choice.strategy === depth,
        ),
      )
      expect(own.length).toBeGreaterThan(100)
      expectCalibrated(own)
    }
  })

  it('is so of teams of every kind, and says more than the coin', () => {
    expect(teams.length).toBeGreaterThan(1_000)
    const kinds = new Map<string, Judged[]>()
    for (const run of teams) {
      const { topology, merge } = run.record.plan
      kinds.set(`${topology} ${merge}`, [...(kinds.get(`${topology} ${merge}`) ?? []), run])
    }
    expectCalibrated(teams)
    for (const runs of kinds.values()) expectCalibrated(runs)
    expect(kinds.size).toBeGreaterThan(2)
    // A chance that was the coin itself would have no distance from it.
    expect(spread(teams)).toBeGreaterThan(0.01)
  })
})

describe('what only a critic sees', () => {
  it('is finite, the same every time, and nothing but the difficulty where the label is wrong', () => {
    for (const { question } of [...lone, ...teams].slice(0, 400)) {
      const seen = hindsight.privileged(question)
      expect(seen).toHaveLength(4)
      expect(seen.every(Number.isFinite)).toBe(true)
      expect(createHindsight(profile).privileged(question)).toEqual(seen)
      const [, usable, best, mean] = seen as unknown as [number, number, number, number]
      expect([0, 1]).toContain(usable)
      expect(best).toBeLessThanOrEqual(usable)
      expect(mean).toBeLessThanOrEqual(best)
    }
  })
})
