import { beforeAll, describe, expect, it } from 'vitest'
import { createRandom } from '../../../core/index.ts'
import { startJax } from '../networks/index.ts'
import { createPaperMultiplier, createViolationMultiplier, type Multiplier } from '../rewards/index.ts'
import { type LearnProblem, learnProblem } from './play-problem.ts'
import {
  constrainedBandit,
  fastOrRight,
  lateOrInTime,
  modulated,
  plantedModulation,
  twoModelQueue,
} from './problems.ts'

beforeAll(() => startJax())

const seeds = [1, 2, 3, 4, 5]
const random = createRandom(9)
const fixedPrice = (lambda: number): Multiplier => ({
  values: Float64Array.of(lambda),
  of: () => lambda,
  update: () => {},
})
const onTime = { form: 'on-time', priceFactor: 1 } as const
const learn = (options: Pick<LearnProblem, 'problem' | 'seed'> & Partial<LearnProblem>) =>
  learnProblem({
    reward: onTime,
    multiplier: createViolationMultiplier(),
    epochs: 30,
    decisions: 512,
    ...options,
  })

describe.each(seeds)('seed %i', (seed) => {
  it('finds the best arm that keeps the constraint', async () => {
    const multiplier = createViolationMultiplier({ start: 0.2, rate: 0.1, most: 5, allowed: 0.05 })
    const { choice } = await learn({ problem: constrainedBandit, multiplier, seed })
    expect(choice(constrainedBandit.situation(random))).toBe(1)
  })

  it('shares a queue as is best for all where its price is charged, and selfishly where not', async () => {
    const share = async (priceFactor: number) => {
      const reward = { form: 'on-time', priceFactor } as const
      // Small steps at the end: everybody's choice moves the queue that everybody sees.
      const settings = { entropyFrom: 0.01, entropyTo: 0, passes: 1, minibatch: 128, learningRate: 3e-3 }
      const { shares } = await learn({
        problem: twoModelQueue,
        reward,
        multiplier: fixedPrice(0),
        settings,
        seed,
        epochs: 60,
      })
      return shares[0] as number
    }
    expect(Math.abs((await share(1)) - 0.2)).toBeLessThan(0.06)
    expect(Math.abs((await share(0)) - 0.4)).toBeLessThan(0.06)
  })

  it('follows an effect whose sign the load turns', async () => {
    const { choice } = await learn({
      problem: plantedModulation,
      seed,
      epochs: 60,
      decisions: 1024,
      settings: { learningRate: 2e-3 },
    })
    const test = createRandom(100 + seed)
    let best = 0
    const looks = 200
    for (let look = 0; look < looks; look += 1) {
      // Away from the turning point, where all choices are worth the same.
      const load = look % 2 === 0 ? 0.3 * test.uniform() : 1 - 0.3 * test.uniform()
      const situation = modulated(load, test)
      const worths = situation.candidates.map((row) => (1 - 2 * load) * (row[1] as number))
      if (choice(situation) === worths.indexOf(Math.max(...worths))) best += 1
    }
    expect(best / looks).toBeGreaterThan(0.9)
  })

  it('does not end in wrong and fast, where a price on every second does', async () => {
    const situation = fastOrRight.situation(random)
    expect((await learn({ problem: fastOrRight, seed, epochs: 20 })).choice(situation)).toBe(1)
    const everySecond = { form: 'paper', priceFactor: 0 } as const
    const bad = await learn({
      problem: fastOrRight,
      reward: everySecond,
      multiplier: fixedPrice(0.6),
      seed,
      epochs: 20,
    })
    expect(bad.choice(situation)).toBe(0)
  })

  it('does not answer at four times the budget, where the paper form does once its price is gone', async () => {
    const situation = lateOrInTime.situation(random)
    expect((await learn({ problem: lateOrInTime, seed, epochs: 20 })).choice(situation)).toBe(1)
    const gone = createPaperMultiplier({ start: 0.05, rate: 0.001, most: 1 })
    const paper = { form: 'paper', priceFactor: 0 } as const
    const bad = await learn({ problem: lateOrInTime, reward: paper, multiplier: gone, seed, epochs: 20 })
    expect(bad.choice(situation)).toBe(0)
  })
})
