/** @file Quality: many answers speak for themselves, few borrow from their kin, hard luck with questions is nobody's fault. */
import { describe, expect, it } from 'vitest'
import { keyedRandom, type StrategyId, strategyIds } from '../../../core/index.ts'
import { loadProfile, requireTruth } from '../../profile-file.ts'
import { baseQuality, deltaOf, fitQuality } from './fit-quality.ts'
import type { GradedAnswer } from './graded.ts'

const profile = loadProfile('small')
const truth = requireTruth(profile)
const models = Object.keys(profile.models)
const [first, second] = models as [string, string]

interface Graded {
  readonly model: string
  readonly strategy: StrategyId
  readonly chance: number
  readonly count: number
  readonly questions?: number
  readonly isCut?: boolean
}

const answers = ({
  model,
  strategy,
  chance,
  count,
  questions = count,
  isCut = false,
}: Graded): readonly GradedAnswer[] => {
  const random = keyedRandom(1, `${model}|${strategy}`)
  return Array.from({ length: count }, (_, index) => ({
    id: String(index % questions),
    set: 'mmlu-pro',
    domain: 'knowledge' as const,
    model,
    strategy,
    isCorrect: random.uniform() < chance,
    outputTokens: null,
    isCut,
  }))
}
const cell = (model: string, strategy: StrategyId) => ({
  model,
  domain: 'knowledge' as const,
  set: 'mmlu-pro',
  strategy,
})

describe('fitQuality', () => {
  it('gives what many answers say, with an interval that holds it', () => {
    const graded = strategyIds.flatMap((strategy) => answers({ model: first, strategy, chance: 0.8, count: 2000 }))
    const { value, interval } = fitQuality(graded, truth).of(cell(first, 'Concise'))
    expect(value).toBeCloseTo(0.8, 1)
    expect(interval[0]).toBeLessThan(0.8)
    expect(interval[1]).toBeGreaterThan(0.8)
    expect(interval[1] - interval[0]).toBeLessThan(0.15)
  })

  it('keeps the base where nothing was graded', () => {
    const fit = fitQuality([], truth)
    expect(fit.of(cell(first, 'Flash')).value).toBeCloseTo(baseQuality(truth, cell(first, 'Flash')), 10)
    expect(fit.counts(cell(first, 'Flash'))).toEqual({ graded: 0, right: 0 })
  })

  it('lends what a model showed at one depth to the others, and nothing to other models', () => {
    const before = baseQuality(truth, cell(first, 'DeepThink'))
    const fit = fitQuality(answers({ model: first, strategy: 'Concise', chance: 0.98, count: 500 }), truth)
    expect(fit.of(cell(first, 'DeepThink')).value).toBeGreaterThan(before + 0.1)
    expect(fit.of(cell(second, 'DeepThink')).value).toBeCloseTo(baseQuality(truth, cell(second, 'DeepThink')), 6)
  })

  it('does not count answers that were cut', () => {
    const cut = answers({ model: first, strategy: 'Concise', chance: 0, count: 500, isCut: true })
    expect(fitQuality(cut, truth).of(cell(first, 'Concise')).value).toBeCloseTo(
      baseQuality(truth, cell(first, 'Concise')),
      10,
    )
  })

  it('puts what all models miss down to the questions where these are few', () => {
    const missed = (questions: number) =>
      fitQuality(
        models.flatMap((model) =>
          strategyIds.flatMap((strategy) => answers({ model, strategy, chance: 0.1, count: 60, questions })),
        ),
        truth,
      ).of(cell(first, 'Concise')).value
    expect(missed(4)).toBeGreaterThan(missed(60) + 0.05)
  })

  it('gives back a depth’s difference of logits, compliance taken out', () => {
    const [plain, following, complies] = [0.6, 0.3, 0.7]
    const asked = complies * following + (1 - complies) * plain
    expect(deltaOf('Flash', { plain, asked, complies })).toBeCloseTo(Math.log(0.3 / 0.7) - Math.log(0.6 / 0.4), 10)
    expect(deltaOf('Flash', { plain, asked, complies: 0 })).toBe(0)
  })
})
