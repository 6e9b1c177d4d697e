import { describe, expect, it } from 'vitest'
import { aRouter } from '../../../../test/policy/learnt-baselines.ts'
import { llama3, paperModels, paperPrior, r1 } from '../../../../test/policy/paper-pool.ts'
import { type ModelId, type ModelPrior, strategyIds } from '../../../core/index.ts'
import { createTopologyBook } from '../../../team/index.ts'
import { createFeatures } from '../../embed/index.ts'
import { argmax } from '../../nn/index.ts'
import { createCascade, offerOf, type RouterChoice, routedCandidates } from './cascade.ts'
import { routerFeatureNames } from './router-features.ts'
import { type PriceSetting, priceSettings, type RouterPolicy } from './router-policy.ts'

const priorOf = (model: ModelId) => paperPrior.models[model] as ModelPrior
const key = { domain: 'math', answerFormat: 'number' } as const
const candidates = routedCandidates(createTopologyBook(), key)
const question = { ...key, hand: createFeatures('What is the sum of 12 and 30?').hand }

function route(
  router: RouterPolicy,
  { price = 'mid' as PriceSetting, of = candidates, models = paperModels, take = takeBest } = {},
) {
  return createCascade(router, priorOf)({ question, price, models, candidates: of, take })
}
const takeBest = ({ logits }: RouterChoice) => argmax(logits)

describe('the teams that are routed to', () => {
  it('are each topology with one to six agents, alike ones once, and never stop early or vote', () => {
    const names = candidates.map(({ topology, agents }) => `${topology} ${agents}`)
    expect(new Set(names).size).toBe(26)
    expect(names).toContain('reflection 1')
    expect(names).not.toContain('chain 1')
    expect(candidates.every(({ stopsOnAgreement, merge }) => !stopsOnAgreement && merge !== 'vote')).toBe(true)
    const graphs = candidates.map(({ steps }) => JSON.stringify(steps.map(({ id, reads }) => [id, reads])))
    expect(new Set(graphs).size).toBe(26)
  })
})

describe('an offer', () => {
  it('costs tokens by size, and counts what the cap cuts off', () => {
    const terms = { domain: 'math', strategy: 'DeepThink', priceWeight: 0.01 } as const
    const large = offerOf({ model: r1, prior: priorOf(r1) }, terms)
    const small = offerOf({ model: llama3, prior: priorOf(llama3) }, terms)
    expect([large.billions, small.billions]).toEqual([32, 3])
    expect(large.cost).toBeCloseTo((0.01 * 32 * large.outputTokens) / 1000, 9)
    expect(large.outputTokens).toBeLessThan(paperPrior.models[r1]!.outputTokens.value.math.DeepThink.mean)
    expect(large.quality).toBeLessThan(paperPrior.models[r1]!.quality.value.math.DeepThink)
    expect(small.cost).toBeLessThan(large.cost / 5)
    expect(offerOf({ model: r1, prior: priorOf(r1) }, { ...terms, priceWeight: 0 }).cost).toBe(0)
  })
})

describe('a cascade', () => {
  it('gives each agent one model for all its steps, and the aggregator one of its own', () => {
    const debate = candidates.filter(({ topology, agents }) => topology === 'debate' && agents === 3)
    let asked = 0
    // Each agent another model, in turn.
    const { arms, candidate } = route(aRouter(), { of: debate, take: () => asked++ % paperModels.length })
    expect(asked).toBe(4)
    const modelOf = (id: string) => arms[candidate.steps.findIndex((step) => step.id === id)]?.model
    for (const agent of [0, 1, 2]) {
      expect(modelOf(`0/${agent}`)).toBe(paperModels[agent])
      expect(modelOf(`1/${agent}`)).toBe(paperModels[agent])
    }
    expect(modelOf('last')).toBe(paperModels[3])
  })

  it('answers at the depth of the domain and price', () => {
    const router = aRouter()
    const depths = { low: 'DeepThink', mid: 'Concise', high: 'Flash' } as const
    for (const price of priceSettings) {
      const { arms } = route({ ...router, depths: { ...router.depths, math: depths } }, { price })
      expect(new Set(arms.map(({ strategy }) => strategy))).toEqual(new Set([depths[price]]))
    }
    expect(strategyIds).toContain(depths.low)
  })

  it('sees whole rows of features, the price and the models before among them', () => {
    const seen: { level: string; context: number[]; first: number[] }[] = []
    const take = ({ level, context, candidates: rows, count, logits }: RouterChoice) => {
      const size = routerFeatureNames[level].candidate.length
      seen.push({ level, context: [...context], first: [...rows.slice(0, size)] })
      expect(context).toHaveLength(routerFeatureNames[level].context.length)
      expect(logits).toHaveLength(count)
      expect([...logits].every(Number.isFinite)).toBe(true)
      return 0
    }
    const chain = candidates.filter(({ topology, agents }) => topology === 'chain' && agents < 4)
    for (const price of priceSettings) route(aRouter(), { price, of: chain, take })
    const priceAt = routerFeatureNames.team.context.indexOf('price')
    expect(new Set(seen.map(({ context }) => context[priceAt])).size).toBe(3)
    const taken = routerFeatureNames.model.candidate.indexOf('taken')
    const models = seen.filter(({ level }) => level === 'model').slice(0, 3)
    expect(models.map(({ first }) => first[taken])).toEqual([0, 1, 1])
  })

  it('is not asked where there is one choice', () => {
    const never = () => {
      throw new Error('asked')
    }
    const [alone] = candidates
    expect(route(aRouter(), { of: [alone!], models: [llama3], take: never }).arms).toEqual([
      { model: llama3, strategy: 'Concise' },
    ])
  })

  it('depends on its networks', () => {
    const routes = [1, 2, 3, 4, 5, 6].map((seed) => JSON.stringify(route(aRouter({ seed })).arms))
    expect(new Set(routes).size).toBeGreaterThan(1)
  })
})
