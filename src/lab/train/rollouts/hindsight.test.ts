import { beforeAll, describe, expect, it } from 'vitest'
import { type HeardRun, simulationOf } from '../../../../test/bench/small-bench.ts'
import { paperProfile } from '../../../../test/paper-profile.ts'
import { type SimulationInput, simulate } from '../../bench/play/simulate.ts'
import { createHindsight } from './hindsight.ts'

const profile = paperProfile()
const hindsight = createHindsight(profile)
interface Judged extends HeardRun {
  readonly isCorrect: boolean
}
const lone: Judged[] = []
const others: Judged[] = []

beforeAll(async () => {
  for (const seed of [1, 2, 3]) {
    // One agent at depths that do and do not always follow the instruction, few of them late.
    for (const method of ['random', 'inframind']) {
      const parts = { seed, minutes: 4, ratePerMinute: 100, budgetSeconds: method === 'random' ? 100 : 6 }
      const onRecord: SimulationInput['onRecord'] = (record, question, isCorrect) => {
        const isLone = hindsight.chanceRight(question, record) !== null
        ;(isLone ? lone : others).push({ record, question, isCorrect })
      }
      await simulate(simulationOf(method, { ...parts, onRecord }))
    }
  }
})

describe('the probability to be right', () => {
  it('is the share of right answers over many calls', () => {
    expect(lone.length).toBeGreaterThan(1_000)
    const chances = lone.map(({ question, record }) => hindsight.chanceRight(question, record) as number)
    const share = lone.filter(({ isCorrect }) => isCorrect).length / lone.length
    const mean = chances.reduce((sum, chance) => sum + chance, 0) / chances.length
    const deviation = Math.sqrt(chances.reduce((sum, chance) => sum + chance * (1 - chance), 0)) / chances.length
    expect(Math.abs(share - mean)).toBeLessThan(3.5 * deviation)
  })

  it('is so among unlikely and among likely ones', () => {
    for (const [low, high] of [
      [0, 0.4],
      [0.4, 0.8],
      [0.8, 1.01],
    ] as const) {
      const inside = lone.flatMap(({ question, record, isCorrect }) => {
        const chance = hindsight.chanceRight(question, record) as number
        return chance >= low && chance < high ? [{ chance, isCorrect }] : []
      })
      expect(inside.length).toBeGreaterThan(100)
      const right = inside.filter(({ isCorrect }) => isCorrect).length
      const expected = inside.reduce((sum, { chance }) => sum + chance, 0)
      const deviation = Math.sqrt(inside.reduce((sum, { chance }) => sum + chance * (1 - chance), 0))
      expect(Math.abs(right - expected)).toBeLessThan(3.5 * deviation + 1)
    }
  })

  it('is not said where several calls answered, or none', () => {
    expect(others.length).toBeGreaterThan(100)
    for (const { record } of others) {
      const done = record.steps.filter(({ outcome }) => outcome === 'done')
      const alone = done.length === 1 && (done[0]?.kind === 'solve' || done[0]?.kind === 'insurance')
      expect(alone && record.outcome === 'answered' && record.answeredBy !== 'vote' && record.answeredBy !== null).toBe(
        false,
      )
    }
  })
})

describe('what only a critic sees', () => {
  it('is finite, the same every time, and nothing but the difficulty where the label is wrong', () => {
    for (const { question } of [...lone, ...others].slice(0, 400)) {
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
