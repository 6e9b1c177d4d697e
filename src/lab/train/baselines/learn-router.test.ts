/** A planted pool: the larger a model the likelier it is right, and the dearer; a second agent never helps. */
import { beforeAll, describe, expect, it } from 'vitest'
import { domains, keyedRandom, type ModelId, type ModelPrior, strategyIds } from '../../../core/index.ts'
import {
  argmax,
  assumePrior,
  createCascade,
  createFeatures,
  type PriceSetting,
  priceSettings,
  type Route,
  type RouterPolicy,
  type RouterSettings,
  routedCandidates,
} from '../../../policy/index.ts'
import { createTopologyBook } from '../../../team/index.ts'
import { learnRouter, type RouterProblem, type RouterTraining } from './learn-router.ts'

const chances: Readonly<Record<ModelId, number>> = { 'small-2b': 0.45, 'medium-14b': 0.65, 'large-40b': 0.8 }
const models = Object.keys(chances)
const billions = (model: ModelId) => Number(/(\d+)b/.exec(model)?.[1])

/** A prior that says what the plays will show. */
const priorOf = (model: ModelId): ModelPrior => {
  const prior = assumePrior(model)
  const same = <T>(value: T) =>
    Object.fromEntries(domains.map((domain) => [domain, Object.fromEntries(strategyIds.map((id) => [id, value]))]))
  return {
    ...prior,
    quality: { ...prior.quality, value: same(chances[model]) as ModelPrior['quality']['value'] },
    outputTokens: {
      ...prior.outputTokens,
      value: same({ mean: 300, sigma: 0.01 }) as ModelPrior['outputTokens']['value'],
    },
  }
}

const depths = { low: 'Concise', mid: 'Concise', high: 'Concise' } as const
const settings: RouterSettings = {
  hidden: 8,
  // Alone, 40b, 14b and 2b are best in turn.
  priceWeights: { low: 0.002, mid: 0.025, high: 0.08 },
  depths: { math: depths, code: depths, knowledge: depths, general: depths },
}
const key = { domain: 'math', answerFormat: 'number' } as const
const tasks = ['Add 3 and 4.', 'How many days have 12 weeks?'].map((text) => ({
  question: { ...key, hand: createFeatures(text).hand },
  candidates: routedCandidates(createTopologyBook(), key).filter(({ agents }) => agents <= 3),
}))

const costOf = ({ arms }: Route) => arms.reduce((sum, { model }) => sum + 0.3 * billions(model), 0)
const problem: RouterProblem = {
  models,
  priorOf,
  tasks,
  utility: (route, { task, price, luck }) => {
    const chance = Math.max(...route.arms.map(({ model }) => chances[model] as number))
    const isRight = keyedRandom(3, `${luck}|${task}`).uniform() < chance
    return (isRight ? 1 : 0) - settings.priceWeights[price] * costOf(route)
  },
}
const training: RouterTraining = {
  iterations: 150,
  questions: 24,
  samples: 8,
  learningRate: 0.01,
  entropy: [0.05, 0.003],
  seed: 1,
}

const routesOf = (networks: RouterPolicy['networks'], price: PriceSetting) => {
  const cascade = createCascade({ ...settings, networks }, priorOf)
  return tasks.map((task) => cascade({ ...task, price, models, take: ({ logits }) => argmax(logits) }))
}

describe('a learnt cascade', () => {
  let networks: RouterPolicy['networks']
  const lines: number[] = []

  beforeAll(async () => {
    networks = await learnRouter(problem, settings, training, ({ utility }) => lines.push(utility))
  }, 60_000)

  it('spends less the more its price weighs, down to the cheapest', () => {
    const costs = priceSettings.map((price) => Math.max(...routesOf(networks, price).map(costOf)))
    expect(costs[0]).toBeGreaterThan(costs[1] as number)
    expect(costs[1]).toBeGreaterThan(costs[2] as number)
    for (const { arms } of routesOf(networks, 'high')) expect(arms.map(({ model }) => model)).toEqual(['small-2b'])
  })

  it('finds that one agent will do, and who is worth its price', () => {
    for (const [price, model] of [
      ['low', 'large-40b'],
      ['mid', 'medium-14b'],
    ] as const)
      for (const { arms } of routesOf(networks, price)) expect(arms.map((arm) => arm.model)).toEqual([model])
  })

  it('gains over chance', () => {
    const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
    expect(meanOf(lines.slice(-20))).toBeGreaterThan(meanOf(lines.slice(0, 5)) + 0.3)
  })

  it('has the same weights under the same seed, and others under another', async () => {
    const short = { ...training, iterations: 3 }
    const [first, again, other] = [
      await learnRouter(problem, settings, short),
      await learnRouter(problem, settings, short),
      await learnRouter(problem, settings, { ...short, seed: 2 }),
    ]
    expect(again).toEqual(first)
    expect(other.team).not.toEqual(first.team)
    expect(other.model).not.toEqual(first.model)
  })
})
