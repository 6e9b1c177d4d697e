import { describe, expect, it } from 'vitest'
import { judgedEstimate } from '../judge.ts'
import { defaultScenarios, drawScenarios, firstEstimate, type ScenarioOptions } from './draw-scenario.ts'

const draw = (parts: Partial<ScenarioOptions> = {}, at: Partial<{ count: number; epoch: number; seed: number }> = {}) =>
  drawScenarios({ ...defaultScenarios, ...parts }, { count: 8, epoch: 0, seed: 1, ...at })
const share = <T>(all: readonly T[], is: (one: T) => boolean) => all.filter(is).length / all.length

describe('the twins of an epoch', () => {
  it('are the same under the same seed, and others in another epoch or under another seed', () => {
    expect(draw()).toEqual(draw())
    expect(draw({}, { count: 4 })).toEqual(draw().slice(0, 4))
    const seeds = [draw(), draw({}, { epoch: 1 }), draw({}, { seed: 2 })].map((twins) => twins.map(({ seed }) => seed))
    expect(new Set(seeds.flat()).size).toBe(24)
  })

  it('are dealt every rate as often as any other, and meet every budget at every rate', () => {
    const twins = Array.from({ length: 100 }, (_, epoch) => draw({}, { epoch })).flat()
    for (const rate of defaultScenarios.ratesPerMinute) {
      const own = twins.filter(({ ratePerMinute }) => ratePerMinute === rate)
      expect(own).toHaveLength(160)
      expect(new Set(own.map(({ budgetSeconds }) => budgetSeconds))).toEqual(new Set(defaultScenarios.budgetsSeconds))
    }
  })

  it('have 30 s twice as often as another budget', () => {
    const twins = draw({}, { count: 4_000 })
    const shares = [30, 100].map((seconds) => share(twins, ({ budgetSeconds }) => budgetSeconds === seconds))
    expect(Math.abs((shares[0] as number) - 1 / 4)).toBeLessThan(0.03)
    expect(Math.abs((shares[1] as number) - 1 / 8)).toBeLessThan(0.03)
  })

  it('last long enough for about as many queries, within bounds', () => {
    for (const { ratePerMinute, minutes } of draw({}, { count: 20 }))
      expect(minutes).toBe(Math.min(25, Math.max(3, 250 / ratePerMinute)))
  })

  it('have their shares of what is known, bursts and faults', () => {
    const twins = draw({}, { count: 4_000 })
    const { know, burstShare, faultShare } = defaultScenarios
    for (const level of ['exact', 'estimated', 'biased'] as const)
      expect(Math.abs(share(twins, (twin) => twin.know === level) - know[level])).toBeLessThan(0.03)
    expect(Math.abs(share(twins, ({ arrivals }) => arrivals === 'on-off') - burstShare)).toBeLessThan(0.03)
    expect(Math.abs(share(twins, ({ fault }) => fault !== null) - faultShare)).toBeLessThan(0.03)
    const faults = twins.flatMap(({ fault }) => (fault ? [fault] : []))
    expect(new Set(faults.map(({ kind }) => kind)).size).toBe(4)
    expect(faults.every(({ place }) => place >= 0 && place < 1)).toBe(true)
  })

  it('meet the other pools in their share, and none where there is one', () => {
    const twins = draw({ pools: 4, foreignShare: 0.3 }, { count: 2_000 })
    expect(Math.abs(share(twins, ({ pool }) => pool > 0) - 0.3)).toBeLessThan(0.04)
    expect(new Set(twins.map(({ pool }) => pool))).toEqual(new Set([0, 1, 2, 3]))
    expect(draw({ pools: 1, foreignShare: 1 }).every(({ pool }) => pool === 0)).toBe(true)
  })

  it('know the pools by few estimates, so that each need be made once', () => {
    const seeds = new Set(draw({ estimates: 3 }, { count: 200 }).map(({ knowSeed }) => knowSeed))
    expect([...seeds].sort()).toEqual([0, 1, 2].map((place) => firstEstimate + place))
  })
})

describe('what is known', () => {
  it('is estimated under seeds that neither a benchmark nor the judge uses', () => {
    const drawn = drawScenarios(defaultScenarios, { count: 300, epoch: 0, seed: 1 })
    const trained = new Set(drawn.map(({ knowSeed }) => knowSeed))
    expect(Math.min(...trained)).toBeGreaterThanOrEqual(firstEstimate)
    expect(trained.has(judgedEstimate)).toBe(false)
    expect(trained.size).toBe(defaultScenarios.estimates)
    // Benchmarks count from a seed that people type.
    expect(firstEstimate).toBeGreaterThan(100_000)
  })
})
