import { describe, expect, it } from 'vitest'
import { coder, llama3, llama8, paperModels, paperPrior, r1 } from '../../../test/policy/paper-pool.ts'
import { createRandom, type ModelId, type ModelPrior } from '../../core/index.ts'
import { handFeatureNames } from '../embed/hand-features.ts'
import { createFeatures } from '../embed/index.ts'
import { rankModels } from './model-ranks.ts'
import { createWinRouter, cuePlaces, difficultyOf } from './win-router.ts'

const ranksOf = (models: readonly ModelId[] = paperModels) =>
  rankModels(models, (model) => paperPrior.models[model] as ModelPrior)
const math = (text: string) => ({ domain: 'math' as const, features: createFeatures(text) })
const easy = 'What is 7 * 8?'
const hard =
  'Suppose that a and b are integers such that a^2 - 3*b^2 = 1 and that a + b < 100. If c is given by c = a*b + 2*a - 5, ' +
  'let S be the set of all such c. When the elements of S are listed in order, find the remainder of their sum by 97.'

describe('difficulty read from the text', () => {
  it('knows its cues among the hand-made features', () => {
    for (const [name, place] of Object.entries(cuePlaces)) expect(handFeatureNames[place]).toBe(name)
  })

  it('is larger for a long question with conditions than for a short sum, and held to two logits', () => {
    expect(difficultyOf(math(hard))).toBeGreaterThan(difficultyOf(math(easy)) + 0.5)
    expect(Math.abs(difficultyOf(math('x'.repeat(100_000))))).toBeLessThanOrEqual(2)
    expect(Math.abs(difficultyOf(math('')))).toBeLessThanOrEqual(2)
  })

  it('is none where features are missing', () => {
    const features = { embedding: new Float32Array(0), hand: new Float32Array(0) }
    expect(difficultyOf({ domain: 'code', features })).toBe(0)
  })
})

describe('the win router', () => {
  it('pairs the strongest with the cheapest that is competent', () => {
    expect(createWinRouter(ranksOf(), 'Concise')).toMatchObject({ strong: r1, weak: coder })
    expect(createWinRouter(ranksOf([llama8, llama3]), 'Concise')).toMatchObject({ strong: llama8, weak: llama3 })
    expect(createWinRouter(ranksOf([llama8]), 'Concise')).toMatchObject({ strong: llama8, weak: llama8 })
  })

  it('gives the strong model a larger chance where it leads by more, and where the text reads harder', () => {
    const { win } = createWinRouter(ranksOf(), 'Concise')
    expect(win(math(hard))).toBeGreaterThan(win(math(easy)))
    // In code the two are nearly equal, on knowledge they are not.
    const plain = { embedding: new Float32Array(0), hand: new Float32Array(0) }
    expect(win({ domain: 'code', features: plain })).toBeLessThan(0.55)
    expect(win({ domain: 'knowledge', features: plain })).toBeGreaterThan(0.65)
  })

  it('sends half of an evenly mixed load to the strong model unless told otherwise', () => {
    const router = createWinRouter(ranksOf(), 'Concise')
    const random = createRandom(5)
    let strong = 0
    const count = 3_000
    for (let index = 0; index < count; index += 1) {
      const domain = random.pick(['math', 'code', 'knowledge'] as const)
      // A text whose length alone speaks: one spread is 0.6 logits; the other cues make up the rest.
      const hand = new Float32Array(26)
      const centre = { math: [0.59, 0.12, 0.16], code: [0.51, 0.05, 0.2], knowledge: [0.7, 0.22, 0.14] }[domain]
      hand[0] = (centre[0] as number) + 0.08 * random.normal()
      hand[12] = (centre[1] as number) + 0.27 * random.normal()
      hand[22] = (centre[2] as number) + 0.2 * random.normal()
      const features = { embedding: new Float32Array(0), hand }
      if (router.win({ domain, features }) >= router.threshold) strong += 1
    }
    expect(Math.abs(strong / count - 0.5)).toBeLessThan(0.04)
  })

  it('goes to the strong model always at 0 and never at 1', () => {
    expect(createWinRouter(ranksOf(), 'Concise', 0).win(math(easy))).toBeGreaterThanOrEqual(0)
    expect(createWinRouter(ranksOf(), 'Concise', 1).win(math(hard))).toBeLessThan(1)
  })
})
