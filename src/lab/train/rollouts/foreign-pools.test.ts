/** Twins on pools that nobody has met, and of policies that something was taken from: played to the end, the same every time. */
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../core/index.ts'
import { armScorerConfig, candidateScorerShapes, initialise, planScorerConfig } from '../../../policy/index.ts'
import { createTrainingGround, type Scenario } from '../scenarios/index.ts'
import { playShard } from './play-shard.ts'
import type { PolicyShape, TrainedWeights } from './trained-policy.ts'

const hidden = 8
const weights: TrainedWeights = {
  planner: initialise(candidateScorerShapes(planScorerConfig(hidden)), createRandom(1)),
  executor: initialise(candidateScorerShapes(armScorerConfig(hidden)), createRandom(2)),
}
const ground = createTrainingGround({
  profiles: ['paper-b200', 'random:8'],
  data: null,
  datasets: ['synthetic-math'],
})
const scenarioOn = (pool: number): Scenario => ({
  pool,
  know: 'exact',
  knowSeed: 1,
  dataset: 'synthetic-math',
  ratePerMinute: 40,
  budgetSeconds: 30,
  arrivals: 'poisson',
  fault: { kind: 'down', place: 0.7 },
  warmUpMinutes: 0.2,
  minutes: 1,
  seed: 5,
})
const play = (pool: number, shape: Partial<PolicyShape> = {}) =>
  playShard(ground, {
    scenario: scenarioOn(pool),
    place: 0,
    shape: { hidden, temperature: 0.02, readsQuestions: false, ...shape },
    weights,
    usesHindsight: true,
  })

describe('a twin on a random pool', () => {
  it.each([1, 4, 7])('number %i is played to the end, and gives decisions over its own arms', async (pool) => {
    const { episodes, executor } = await play(pool)
    expect(episodes.length).toBeGreaterThan(20)
    expect(episodes.filter(({ isOnTime }) => isOnTime).length).toBeGreaterThan(episodes.length / 2)
    const models = Object.keys(ground.pools[pool]!.models).length
    const counts = [...executor.starts].slice(1).map((start, index) => start - (executor.starts[index] as number))
    expect(Math.max(...counts)).toBeGreaterThan(1)
    expect(Math.max(...counts)).toBeLessThanOrEqual(3 * models + 1)
    expect(executor.candidates.every(Number.isFinite)).toBe(true)
  })

  it('is the same every time', async () => {
    expect(await play(2)).toEqual(await play(2))
  })
})

describe('a policy that something was taken from', () => {
  it.each<[string, Partial<PolicyShape>]>([
    ['scrambled text', { scrambles: { text: true } }],
    ['scrambled metrics', { scrambles: { metrics: true } }],
    ['a planner blind to load', { isBlind: { planner: true, executor: false } }],
    ['raw metrics alone', { view: 'raw' }],
    ['estimates alone', { view: 'estimates' }],
    ['an executor blind to load', { isBlind: { planner: false, executor: true } }],
  ])('%s: is shown something else, the same every time', async (_name, shape) => {
    const [whole, taken, again] = [await play(0), await play(0, shape), await play(0, shape)]
    expect(taken).toEqual(again)
    const shown = ({ planner, executor }: typeof whole) => [planner.context, executor.context]
    expect(shown(taken)).not.toEqual(shown(whole))
  })
})
