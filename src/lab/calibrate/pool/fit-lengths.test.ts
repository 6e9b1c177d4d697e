/** @file Lengths: planted means, spreads and compliance are found again, though many answers were cut. */
import { describe, expect, it } from 'vitest'
import { keyedRandom, type ProfileTruth, type StrategyId } from '../../../core/index.ts'
import { loadProfile, requireTruth } from '../../profile-file.ts'
import { drawLength, fitLengths, type LengthRow, momentsOfParts } from './fit-lengths.ts'

const truth: ProfileTruth = requireTruth(loadProfile('small'))
const model = 'Llama-3.1-8B-Instruct'
const strategies: readonly StrategyId[] = ['Concise', 'DeepThink']

/** Rows of one model in one domain: `factor` times the base's lengths, cut at `capTokens`. */
function rows(factor: number, capTokens = Number.POSITIVE_INFINITY): readonly LengthRow[] {
  const random = keyedRandom(3, `lengths|${factor}`)
  return strategies.flatMap((strategy) =>
    Array.from({ length: 400 }, (): LengthRow => {
      const mean =
        factor *
        truth.cotMeanOutputTokens.value['mmlu-pro']![model]! *
        truth.lengthMultiplier.value[model]! *
        truth.strategyTokenRatio.value[strategy][model]!
      const tokens = Math.max(1, Math.round(mean * Math.exp(0.7 * random.normal() - 0.245)))
      const isCut = tokens > capTokens
      return { model, domain: 'knowledge', set: 'mmlu-pro', strategy, tokens: Math.min(tokens, capTokens), isCut }
    }),
  )
}

const graded = [
  {
    set: 'mmlu-pro',
    domain: 'knowledge' as const,
    id: '',
    model,
    strategy: null,
    isCorrect: true,
    outputTokens: null,
    isCut: false,
  },
]
const factorOf = (fit: ReturnType<typeof fitLengths>) =>
  fit.plainFactor({ model, domain: 'knowledge', set: 'mmlu-pro' }) * fit.ratioFactor(model, 'DeepThink')

describe('fitLengths', () => {
  it('finds a factor on all lengths, and their spread', () => {
    const fit = fitLengths(rows(0.6), truth, graded)
    expect(factorOf(fit)).toBeCloseTo(0.6, 1)
    expect(fit.sigmaOf(model)).toBeCloseTo(0.7, 1)
    // The model's effect, not the depth's: it lends to depths and domains that were not asked.
    expect(fit.plainFactor({ model, domain: 'math', set: null })).toBeLessThan(0.8)
  })

  it('is not fooled by a cap that cuts half of the long answers', () => {
    const cut = rows(1, 500)
    expect(cut.filter(({ isCut }) => isCut).length).toBeGreaterThan(150)
    const fit = fitLengths(cut, truth, graded)
    expect(Math.abs(factorOf(fit) - 1)).toBeLessThan(0.12)
    expect(Math.abs(fit.sigmaOf(model) - 0.7)).toBeLessThan(0.08)
  })

  it('keeps the base where nothing was measured', () => {
    const fit = fitLengths([], truth, [])
    expect(factorOf(fit)).toBe(1)
    expect(fit.counts.get(model)).toBeUndefined()
    expect(fit.flash.sigma).toBe(truth.flash.value.sigma)
  })

  it('splits Flash into those that comply and those that do not', () => {
    const random = keyedRandom(4, 'flash')
    const long = truth.cotMeanOutputTokens.value['mmlu-pro']![model]! * truth.lengthMultiplier.value[model]!
    const flash = Array.from({ length: 600 }, (): LengthRow => {
      const isTerse = random.uniform() < 0.55
      const [mean, sigma] = isTerse ? [16, 0.5] : [long, 0.65]
      const tokens = Math.max(1, Math.round(mean * Math.exp(sigma * random.normal() - sigma ** 2 / 2)))
      return { model, domain: 'knowledge', set: 'mmlu-pro', strategy: 'Flash', tokens, isCut: false }
    })
    const fit = fitLengths([...rows(1), ...flash], truth, graded)
    expect(fit.flash.complies.get(model)).toBeCloseTo(0.55, 1)
    // Twice as long as the base's 8 tokens.
    expect(fit.flash.factors.get('knowledge')! / 2).toBeCloseTo(1, 0)
    expect(fit.flash.sigma).toBeCloseTo(0.5, 1)
  })

  it('draws lengths with the moments of its parts', () => {
    const fit = fitLengths(rows(0.6), truth, graded)
    const parts = fit.parts({ model, domain: 'knowledge', strategy: 'Flash' })
    const random = keyedRandom(5, 'draws')
    const drawn = Array.from({ length: 20_000 }, () => drawLength(parts, random))
    const { mean, sigma } = momentsOfParts(parts)
    const drawnMean = drawn.reduce((sum, tokens) => sum + tokens, 0) / drawn.length
    expect(Math.abs(drawnMean / mean - 1)).toBeLessThan(0.04)
    expect(sigma).toBeGreaterThan(fit.sigmaOf(model))
  })
})
