import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../core/index.ts'
import { ablate, trainAblations } from './ablate.ts'
import { type LearnerName, recipes } from './learners/index.ts'
import type { TrainOptions } from './train-options.ts'

const options = (learner: LearnerName = 'residual'): TrainOptions => ({
  learner,
  ground: { profiles: ['paper-b200'], data: null, datasets: ['mixed'] },
  epochs: 3,
  twins: 2,
  hidden: 8,
  seed: 1,
  judgeEvery: 1,
  shape: { readsQuestions: true },
})
const recipeOf = ({ learner, change }: TrainOptions) => ({ ...recipes[learner], ...change })

describe('a training without a part', () => {
  it.each<[string, object]>([
    ['paper-reward', { reward: 'paper', priceFactor: 0 }],
    ['hinge-reward', { reward: 'hinge', priceFactor: 0 }],
    ['no-prices', { priceFactor: 0, delayPrice: 0 }],
    ['no-privileged-reward', { usesHindsight: false }],
    ['no-residual', { temperature: null, settings: { ...recipes.residual.settings, klCoef: 0 } }],
    ['no-privileged-critic', { settings: { ...recipes.residual.settings, isPrivileged: false } }],
  ])('%s changes this of the recipe: %j', (name, changed) => {
    const { createMultiplier: _, ...recipe } = recipeOf(ablate(options(), name))
    const { createMultiplier: __, ...whole } = recipes.residual
    expect(recipe).toEqual({ ...whole, ...changed })
  })

  it.each<[string, object]>([
    ['no-prices', { congestionFactor: 0 }],
    ['no-outcomes', { seesOutcomes: false }],
    ['no-text', { readsText: false, readsQuestions: false }],
    ['no-estimates', { view: 'raw' }],
    ['no-metrics', { view: 'estimates' }],
    ['scrambled-text', { scrambles: { text: true } }],
    ['scrambled-metrics', { scrambles: { metrics: true } }],
    ['planner-blind', { isBlind: { planner: true, executor: false } }],
    ['executor-blind', { isBlind: { planner: false, executor: true } }],
    ['blind', { isBlind: { planner: true, executor: true } }],
  ])('%s changes this of the policy: %j', (name, changed) => {
    expect(ablate(options(), name).shape).toEqual({ readsQuestions: true, ...changed })
  })

  it('is a training of its own: its options are written otherwise, which is what checkpoints are held against', () => {
    const texts = [options(), ...trainAblations.map((name) => ablate(options(), name))].map((all) =>
      JSON.stringify(all),
    )
    expect(new Set(texts).size).toBe(trainAblations.length + 1)
  })

  it('may lack several: settings of the learner are kept, not those of another', () => {
    const both = ablate(ablate(options('ppo-paper'), 'no-privileged-critic'), 'no-residual')
    expect(recipeOf(both).settings).toEqual({ ...recipes['ppo-paper'].settings, klCoef: 0, isPrivileged: false })
  })

  it('has the multiplier of the reward that it takes', () => {
    const { createMultiplier } = recipeOf(ablate(options(), 'paper-reward'))
    expect(createMultiplier().values).toHaveLength(1)
  })

  it('is refused where the part has another name', () => {
    expect(() => ablate(options(), 'no-price')).toThrow(ConfigError)
    expect(() => ablate(options(), 'no-price')).toThrow(/no-prices/)
  })
})
