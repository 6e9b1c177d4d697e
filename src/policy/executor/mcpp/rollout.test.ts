import { describe, expect, it } from 'vitest'
import { createRandom, mean } from '../../../core/index.ts'
import { aStep } from '../../../testing/index.ts'
import { chanceWithin, type PricedArm } from '../../predict/index.ts'
import { Draws } from './draws.ts'
import { paretoLines } from './pareto.ts'
import type { Growth } from './queue-trend.ts'
import { createRollout, type Option, type RolloutStep } from './rollout.ts'

function aLine(overrides: Partial<PricedArm> = {}): PricedArm {
  const { shiftMs = 100, mu = Math.log(1_000), sigma = 0.4 } = overrides
  return {
    arm: { model: 'small', strategy: 'Concise' },
    isUsable: true,
    fitsContext: true,
    quality: 0.7,
    queueMs: 0,
    ttftMs: 100,
    tpotMs: 5,
    serviceMs: 1_000,
    meanMs: shiftMs + Math.exp(mu + sigma ** 2 / 2),
    longestServiceMs: 5_000,
    length: { mu: 5, sigma: 0.4, cutShare: 0, mean: 160, relativeVariance: 0.17 },
    shiftMs,
    mu,
    sigma,
    price: 0.01,
    ...overrides,
  }
}
function anOption(overrides: Partial<PricedArm> = {}, model = 0): Option {
  const line = aLine(overrides)
  return { line, model, worth: line.quality, cost: line.price, score: line.quality - line.price }
}
const aRolloutStep = (
  after: readonly number[],
  options: readonly Option[],
  more: Partial<RolloutStep> = {},
): RolloutStep => ({
  step: aStep(),
  after,
  isEnd: false,
  timeShare: 1,
  options,
  ...more,
})
const quiet: Growth = { headroom: 10, slope: 0, msPerCall: 0 }
function playerOf(
  steps: readonly RolloutStep[],
  { leftMs, growths = [quiet, quiet], spread = 0 }: { leftMs: number; growths?: readonly Growth[]; spread?: number },
) {
  const draws = new Draws(createRandom(11), { steps: steps.length, spreads: growths.map(() => spread) })
  return createRollout({ steps, leftMs, growths, draws })
}
const rows = Array.from({ length: 4_000 }, (_, row) => row)

describe('a rollout', () => {
  it('of one step has the chance that the prediction gives, times its worth, in every row', () => {
    const option = anOption()
    const play = playerOf([aRolloutStep([], [option], { isEnd: true })], { leftMs: 1_300 })
    const chance = chanceWithin(option.line, 1_300)
    for (const row of [0, 1, 2]) {
      const { onTime, value, laterCost } = play({ option, safety: 1 }, row)
      expect([onTime, value, laterCost]).toEqual([chance, chance * 0.7, 0])
    }
  })

  it('is less sure where the predictor errs: shared errors widen both ways', () => {
    const option = anOption({ sigma: 0.1 })
    const steps = [aRolloutStep([], [option], { isEnd: true })]
    const chance = (leftMs: number, spread: number) => {
      const play = playerOf(steps, { leftMs, spread })
      return mean(rows.map((row) => play({ option, safety: 1 }, row).onTime))
    }
    expect(chance(1_400, 0)).toBeGreaterThan(0.99)
    expect(chance(1_400, 0.5)).toBeLessThan(0.75)
    expect(chance(900, 0)).toBeLessThan(0.03)
    expect(chance(900, 0.5)).toBeGreaterThan(0.2)
  })

  it('of two steps in a row agrees with drawing both', () => {
    const [first, second] = [anOption(), anOption({ mu: Math.log(700), quality: 0.5, price: 0.02 })]
    const steps = [aRolloutStep([], [first]), aRolloutStep([0], [second], { isEnd: true })]
    const play = playerOf(steps, { leftMs: 2_200 })
    const played = mean(rows.map((row) => play({ option: first, safety: 1 }, row).onTime))
    const random = createRandom(2)
    const ms = ({ line }: Option) => line.shiftMs + Math.exp(line.mu + line.sigma * random.normal())
    const drawn = mean(Array.from({ length: 40_000 }, () => (ms(first) + ms(second) <= 2_200 ? 1 : 0)))
    expect(Math.abs(played - drawn)).toBeLessThan(0.01)
    expect(play({ option: first, safety: 1 }, 0)).toMatchObject({ laterCost: 0.02 })
    const { value, onTime } = play({ option: first, safety: 1 }, 3)
    expect(value).toBeCloseTo(onTime * 0.7 * 0.5, 12)
  })

  it('waits for the slowest of parallel steps', () => {
    const quick = anOption({ mu: Math.log(100), sigma: 0.01 })
    const slow = anOption({ mu: Math.log(3_000), sigma: 0.01 })
    const last = anOption({ mu: Math.log(500), sigma: 0.01 })
    const team = (leftMs: number) =>
      playerOf([aRolloutStep([], [quick]), aRolloutStep([], [slow]), aRolloutStep([0, 1], [last], { isEnd: true })], {
        leftMs,
      })({ option: quick, safety: 1 }, 0).onTime
    expect(team(3_600)).toBeLessThan(0.1)
    expect(team(3_900)).toBeGreaterThan(0.9)
  })

  it('goes on with the best arm that fits f times, else with the fastest', () => {
    const first = anOption({ mu: Math.log(900), sigma: 0.001 })
    const good = anOption({ mu: Math.log(900), sigma: 0.001, quality: 0.9, price: 0.05 }, 1)
    const quick = anOption({ mu: Math.log(100), sigma: 0.001, quality: 0.4, price: 0 })
    const steps = [aRolloutStep([], [first]), aRolloutStep([0], [quick, good], { isEnd: true })]
    // 1,000 ms are gone; `good` takes 1,000 of the 1,600 that are left.
    const laterCost = (safety: number, leftMs = 2_600) =>
      playerOf(steps, { leftMs })({ option: first, safety }, 0).laterCost
    expect([laterCost(1), laterCost(1.5), laterCost(2.2)]).toEqual([0.05, 0.05, 0])
    expect(laterCost(1, 1_100)).toBe(0)
  })

  it('meets at a later step the queue as it will have grown, not at the first', () => {
    const option = anOption({ mu: Math.log(900), sigma: 0.001 })
    const steps = [aRolloutStep([], [option]), aRolloutStep([0], [option], { isEnd: true })]
    const onTime = (slope: number, leftMs: number) =>
      playerOf(steps, { leftMs, growths: [{ headroom: -1, slope, msPerCall: 500 }] })({ option, safety: 1 }, 0).onTime
    expect(onTime(0, 2_100)).toBeGreaterThan(0.99)
    // Two calls more in the first second: another second of waiting.
    expect(onTime(0.002, 2_100)).toBeLessThan(0.01)
    expect(onTime(0.002, 3_100)).toBeGreaterThan(0.99)
  })

  it('never makes a wait negative', () => {
    const option = anOption({ mu: Math.log(900), sigma: 0.001, queueMs: 0 })
    const steps = [aRolloutStep([], [option]), aRolloutStep([0], [option], { isEnd: true })]
    const growths = [{ headroom: -50, slope: -0.01, msPerCall: 500 }]
    expect(playerOf(steps, { leftMs: 1_900, growths })({ option, safety: 1 }, 0).onTime).toBeLessThan(0.01)
  })

  it('spares the escalation where the probes agree, the oftener the better they are', () => {
    const escalation = { isEnd: true, step: aStep({ isEscalation: true }) }
    const costs = (quality: number) => {
      const probe = anOption({ mu: Math.log(100), quality })
      const play = playerOf(
        [
          aRolloutStep([], [probe]),
          aRolloutStep([], [anOption({ mu: Math.log(100), quality: 0.8 })]),
          aRolloutStep([0, 1], [anOption()], escalation),
        ],
        { leftMs: 60_000 },
      )
      const outcomes = rows.map((row) => ({ ...play({ option: probe, safety: 1 }, row) }))
      // The other probe is paid for either way.
      return {
        ran: mean(outcomes.map(({ laterCost }) => (laterCost > 0.015 ? 1 : 0))),
        value: mean(outcomes.map(({ value }) => value)),
      }
    }
    // Difficulty is shared: both are right as often as the weaker is.
    expect(costs(0.6).ran).toBeCloseTo(0.4, 1)
    expect(costs(0.3).ran).toBeCloseTo(0.7, 1)
    expect(costs(0.6).value).toBeCloseTo(0.6 + 0.4 * 0.7, 1)
  })
})

describe('draws', () => {
  it('are the same for whoever asks, mirrored in pairs, and made in order', () => {
    const draws = () => new Draws(createRandom(4), { steps: 3, spreads: [0.2, 0] })
    const [one, other] = [draws(), draws()]
    one.normal(9, 0)
    for (const row of [0, 5, 8]) {
      expect(one.normal(row, 2)).toBe(other.normal(row, 2))
      expect(one.factor(row, 0)).toBe(other.factor(row, 0))
    }
    expect(one.normal(1, 1)).toBe(-one.normal(0, 1))
    expect(one.factor(0, 0) * one.factor(1, 0)).toBeCloseTo(1, 12)
    expect(one.factor(3, 1)).toBe(1)
    expect(one.difficulty(6) + one.difficulty(7)).toBeCloseTo(1, 6)
  })
})

describe('paretoLines', () => {
  it('leaves out what another beats in worth, mean and tail, and keeps the order', () => {
    const best = aLine({ quality: 0.9, mu: Math.log(2_000) })
    const quick = aLine({ quality: 0.4, mu: Math.log(200) })
    const beaten = aLine({ quality: 0.8, mu: Math.log(2_500) })
    const certain = aLine({ quality: 0.8, mu: Math.log(2_100), sigma: 0.05 })
    expect(paretoLines([beaten, best, certain, quick], ({ quality }) => quality)).toEqual([best, certain, quick])
  })

  it('keeps equals', () => {
    const [one, other] = [aLine(), aLine()]
    expect(paretoLines([one, other], ({ quality }) => quality)).toHaveLength(2)
  })
})
