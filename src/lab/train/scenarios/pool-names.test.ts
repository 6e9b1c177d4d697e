import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../../core/index.ts'
import { defaultScenarios, drawScenarios } from './draw-scenario.ts'
import { poolNames, rateFactors } from './pool-names.ts'
import { createTrainingGround } from './training-ground.ts'

describe('the pools of a training', () => {
  it.each<[readonly string[], readonly string[]]>([
    [[], []],
    [['paper-b200'], ['paper-b200']],
    [
      ['paper-b200', 'random:3', 'small'],
      ['paper-b200', 'random:1', 'random:2', 'random:3', 'small'],
    ],
    [
      ['small', 'random:21-23'],
      ['small', 'random:21', 'random:22', 'random:23'],
    ],
    [
      ['random:9', 'random:1'],
      ['random:9', 'random:1'],
    ],
  ])('%j are %j', (asked, met) => {
    expect(poolNames(asked)).toEqual(met)
  })

  it.each(['random:0', 'random:5-3', 'random:1-900'])('are not %s', (name) => {
    expect(() => poolNames(['paper-b200', name])).toThrow(ConfigError)
  })

  it('of a user are loaded by what they can take, as the foreign ones', () => {
    const [alone] = rateFactors(['duo'])
    expect(alone).toBeLessThan(0.6)
    expect(rateFactors(['duo', 'paper-b200'])).toEqual([alone, 1])
  })

  it('are met one by one, and loaded by what they can take', () => {
    const profiles = ['paper-b200', 'random:3', 'renamed:paper-b200']
    const ground = createTrainingGround({ profiles, data: null, datasets: ['synthetic-math'] })
    expect(ground.pools.map(({ id }) => id)).toEqual([
      'paper-b200',
      ...[1, 2, 3].map((seed) => `random:${seed}`),
      'renamed:paper-b200',
    ])
    const factors = rateFactors(profiles)
    expect([factors[0], factors[4]]).toEqual([1, 1])
    expect(new Set(factors.slice(0, 4)).size).toBe(4)
    expect(Math.min(...factors)).toBeGreaterThanOrEqual(0.1)
    expect(Math.max(...factors)).toBeLessThanOrEqual(4)
  })
})

describe('scenarios on several pools', () => {
  const options = { ...defaultScenarios, pools: 3, foreignShare: 0.5, rateFactors: [1, 0.25, 2] }
  const at = { count: 200, epoch: 0, seed: 1 }
  const drawn = drawScenarios(options, at)

  it('have rates that their pool can take, and last as long as their queries need', () => {
    const plain = drawScenarios({ ...options, rateFactors: [] }, at)
    for (const [index, { pool, ratePerMinute, minutes }] of drawn.entries()) {
      expect(ratePerMinute).toBe(plain[index]!.ratePerMinute * options.rateFactors[pool]!)
      expect(minutes).toBe(Math.min(25, Math.max(3, 250 / ratePerMinute)))
    }
    expect(new Set(drawn.map(({ pool }) => pool))).toEqual(new Set([0, 1, 2]))
  })

  it('meet one estimate of a foreign pool, several of their own', () => {
    const estimates = (isForeign: boolean) =>
      new Set(drawn.filter(({ pool }) => pool > 0 === isForeign).map(({ knowSeed }) => knowSeed))
    expect(estimates(true).size).toBe(1)
    expect(estimates(false).size).toBe(defaultScenarios.estimates)
  })

  it('leave the rest of what is drawn as it is with one pool', () => {
    const alone = drawScenarios({ ...options, pools: 1, foreignShare: 0 }, at)
    expect(new Set(alone.map(({ pool }) => pool))).toEqual(new Set([0]))
    expect(alone.map(({ ratePerMinute }) => ratePerMinute)).toEqual(ratesDealt(alone.length))
  })
})

const ratesDealt = (count: number) =>
  Array.from({ length: count }, (_, index) => defaultScenarios.ratesPerMinute[index % 5] as number)
