import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  ConfigError,
  type DomainReading,
  logistic,
  type QueryFeatures,
  type QuestionReading,
  readingSchemaId,
  strategyIds,
} from '../../../core/index.ts'
import { createFeatures, handFeatureNames } from '../../embed/index.ts'
import { createReader } from './reader.ts'

const featureNames = ['digitShare', 'logCharacters']
const arm = {
  intercept: 0.4,
  weights: [0.5, -1],
  logTokens: Math.log(200),
  lengthWeights: [0, 0.3],
  lengthSigma: 0.5,
}
const math: DomainReading = {
  mean: [0.02, 0.5],
  scale: [0.01, 0.1],
  models: {
    small: { Flash: arm, Concise: { ...arm, intercept: 1 }, DeepThink: { ...arm, intercept: -1 } },
    large: { Flash: arm, Concise: arm, DeepThink: { ...arm, weights: [0, 0], lengthWeights: [0, 0] } },
  },
}
const reading = (domains: QuestionReading['domains'] = { math }): QuestionReading => ({
  schema: readingSchemaId,
  featureNames,
  domains,
})
const uncapped = () => 1_000_000
const reader = createReader(reading(), uncapped)

/** Features whose two read ones are so many deviations off the mean. */
function featuresAt(digits: number, length: number): QueryFeatures {
  const hand = new Float32Array(handFeatureNames.length)
  hand[handFeatureNames.indexOf('digitShare')] = 0.02 + 0.01 * digits
  hand[handFeatureNames.indexOf('logCharacters')] = 0.5 + 0.1 * length
  return { embedding: new Float32Array(384), hand }
}
const readAt = (digits: number, length: number) =>
  reader.read({ features: featuresAt(digits, length), domain: 'math' })!

describe('a reader', () => {
  it('says at the mean what the intercepts say', () => {
    const [flash, concise, deep] = readAt(0, 0).get('small')!
    expect(flash!.quality).toBeCloseTo(logistic(0.4), 5)
    expect(concise!.quality).toBeCloseTo(logistic(1), 5)
    expect(deep!.quality).toBeCloseTo(logistic(-1), 5)
    expect(flash!.length).toMatchObject({ mu: expect.closeTo(Math.log(200), 5), sigma: expect.closeTo(0.5, 4) })
  })

  it('follows the features by name, up to three deviations', () => {
    const quality = (digits: number, length: number) => readAt(digits, length).get('small')![0]!.quality
    expect(quality(2, 0)).toBeCloseTo(logistic(1.4), 4)
    expect(quality(1, 2)).toBeCloseTo(logistic(-1.1), 4)
    expect(quality(3, 0)).toBeCloseTo(quality(50, 0), 6)
    expect(readAt(0, 2).get('small')![0]!.length.mu).toBeCloseTo(Math.log(200) + 0.6, 4)
    const [still] = [readAt(3, -3).get('large')![2]!]
    expect(still.quality).toBeCloseTo(logistic(0.4), 6)
  })

  it('cuts lengths at the cap of the arm', () => {
    const capped = createReader(reading(), (_model, strategy) => (strategy === 'Flash' ? 150 : 1_000_000))
    const [flash, concise] = capped.read({ features: featuresAt(0, 0), domain: 'math' })!.get('small')!
    expect(flash!.length.cutShare).toBeGreaterThan(0.5)
    expect(Math.exp(flash!.length.mu + flash!.length.sigma ** 2 / 2)).toBeLessThan(150)
    expect(concise!.length.cutShare).toBeLessThan(1e-6)
  })

  it('gives chances strictly between 0 and 1, and finite lengths, for any text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 300 }),
        fc.double({ min: -50, max: 50, noNaN: true }),
        (text, steep) => {
          const models = { small: { ...math.models['small']!, Flash: { ...arm, weights: [steep, -steep] } } }
          const read = createReader(reading({ math: { ...math, models } }), uncapped)
          for (const { quality, length } of read
            .read({ features: createFeatures(text), domain: 'math' })!
            .get('small')!) {
            expect(quality > 0 && quality < 1).toBe(true)
            expect([length.mu, length.sigma, length.cutShare].every(Number.isFinite)).toBe(true)
          }
        },
      ),
      { numRuns: 50 },
    )
  })

  it('passes over what is no number, and features that never varied', () => {
    const constant = createReader(reading({ math: { ...math, scale: [0, 0.1] } }), uncapped)
    const odd = featuresAt(Number.NaN, 0)
    expect(reader.read({ features: odd, domain: 'math' })!.get('small')![0]!.quality).toBeCloseTo(logistic(0.4), 5)
    const at = (digits: number) => constant.read({ features: featuresAt(digits, 1), domain: 'math' })!.get('small')![0]
    expect(at(0)!.quality).toBe(at(3)!.quality)
  })

  it('reads a question once', () => {
    const features = featuresAt(1, 1)
    expect(reader.read({ features, domain: 'math' })).toBe(reader.read({ features, domain: 'math' }))
    expect(reader.read({ features, domain: 'math' })).not.toBe(
      reader.read({ features: featuresAt(1, 1), domain: 'math' }),
    )
    const both = createReader(reading({ math, code: { ...math, mean: [0, 0] } }), uncapped)
    expect(both.read({ features, domain: 'code' })).not.toEqual(both.read({ features, domain: 'math' }))
  })

  it('reads nothing of other domains, or without the features', () => {
    expect(reader.read({ features: featuresAt(0, 0), domain: 'code' })).toBeNull()
    const short = { embedding: new Float32Array(384), hand: new Float32Array(16) }
    expect(reader.read({ features: short, domain: 'math' })).toBeNull()
    expect(readAt(0, 0).get('unheard-of')).toBeUndefined()
    expect(readAt(0, 0).get('large')).toHaveLength(strategyIds.length)
  })

  it('refuses features that it does not know', () => {
    const strange = { ...reading(), featureNames: ['digitShare', 'moonPhase'] }
    expect(() => createReader(strange, uncapped)).toThrow(ConfigError)
    expect(() => createReader(strange, uncapped)).toThrow(/moonPhase/)
  })
})
