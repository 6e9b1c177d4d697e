import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { paperProfile } from '../../../../test/paper-profile.ts'
import { type Domain, logistic, mean, parseProfile, strategyIds } from '../../../core/index.ts'
import { handFeatureNames, handFeatures } from '../../../policy/index.ts'
import { createSyntheticQuestions, type Question, splitQuestions, syntheticDatasets } from '../../questions/index.ts'
import { pickGraded } from '../estimated.ts'
import { type KnowledgeInput, priorUnder } from '../prior-under.ts'
import { interceptFor } from './fit-reading.ts'

const profile = paperProfile()
const models = Object.keys(profile.prior.models)
const sets = syntheticDatasets.map((dataset) =>
  splitQuestions(createSyntheticQuestions({ dataset, count: 600, seed: 1 })).train.slice(0, 60),
)
const input: KnowledgeInput = { profile, know: 'estimated', sets, kin: [], seed: 1, readsQuestions: true }
const priors = {
  exact: priorUnder({ ...input, know: 'exact' }),
  estimated: priorUnder(input),
  biased: priorUnder({ ...input, know: 'biased' }),
}
const setOf: Partial<Record<Domain, readonly Question[]>> = { math: sets[0]!, code: sets[1]!, knowledge: sets[2]! }
const graded = pickGraded(sets, [], 1).own

/** What a reading says of an arm on each graded question of a domain. */
function readings(know: keyof typeof priors, domain: Domain, [model, strategy]: readonly [string, 'Flash']) {
  const { mean: centre, scale, models: read } = priors[know].reading!.value.domains[domain]!
  const { intercept, weights, logTokens, lengthWeights } = read[model]![strategy]
  return graded
    .filter((question) => setOf[domain]!.includes(question))
    .map(({ text }) => {
      const x = [...handFeatures(text)].map((value, k) =>
        scale[k]! > 0 ? Math.min(3, Math.max(-3, (value - centre[k]!) / scale[k]!)) : 0,
      )
      const dot = (list: readonly number[]) => list.reduce((sum, weight, k) => sum + weight * x[k]!, 0)
      return { quality: logistic(intercept + dot(weights)), logTokens: logTokens + dot(lengthWeights) }
    })
}

const everyArm = models.flatMap((model) => strategyIds.map((strategy) => [model, strategy as 'Flash'] as const))

describe('a fitted reading', () => {
  it.each(['exact', 'estimated', 'biased'] as const)('of %s knowledge keeps the level of every arm', (know) => {
    for (const domain of ['math', 'code', 'knowledge'] as const) {
      for (const [model, strategy] of everyArm) {
        const read = readings(know, domain, [model, strategy])
        const known = priors[know].models[model]!
        const { mean: meanTokens, sigma } = known.outputTokens.value[domain][strategy]
        const key = `${domain} ${model} ${strategy}`
        expect(mean(read.map(({ quality }) => quality)), key).toBeCloseTo(known.quality.value[domain][strategy], 6)
        expect(mean(read.map(({ logTokens }) => logTokens)), key).toBeCloseTo(Math.log(meanTokens) - sigma ** 2 / 2, 6)
      }
    }
  })

  it('has the slopes of the graded questions under every level of knowledge', () => {
    const slopes = (know: keyof typeof priors) =>
      everyArm.map(([model, strategy]) => priors[know].reading!.value.domains.math!.models[model]![strategy].weights)
    expect(slopes('exact')).toEqual(slopes('estimated'))
    expect(slopes('biased')).toEqual(slopes('estimated'))
    expect(slopes('estimated').flat().every(Number.isFinite)).toBe(true)
    const other = priorUnder({ ...input, seed: 2 }).reading!.value.domains.math!.models
    expect(everyArm.map(([model, strategy]) => other[model]![strategy].weights)).not.toEqual(slopes('estimated'))
  })

  it('leaves less to chance than the unread spread, never nothing', () => {
    for (const [model, strategy] of everyArm) {
      const { sigma } = priors.estimated.models[model]!.outputTokens.value.math[strategy]
      const { lengthSigma } = priors.estimated.reading!.value.domains.math!.models[model]![strategy]
      expect(lengthSigma).toBeLessThanOrEqual(sigma)
      expect(lengthSigma).toBeGreaterThanOrEqual(sigma / 2 - 1e-12)
    }
  })

  it('is there only where asked for, and changes nothing else', () => {
    const { reading, ...rest } = priors.estimated
    expect(priorUnder({ ...input, readsQuestions: false })).toEqual(rest)
    expect(reading).toMatchObject({ tag: 'fitted', value: { featureNames: [...handFeatureNames] } })
    expect(priorUnder(input)).toEqual(priors.estimated)
  })

  it('is of no domain with few graded questions', () => {
    const few = priorUnder({ ...input, sets: [sets[0]!.slice(0, 39), sets[1]!.slice(0, 60)] })
    expect(Object.keys(few.reading!.value.domains)).toEqual(['code'])
  })

  it('is a valid part of a profile, and checked as one', () => {
    const withReading = { ...profile, prior: priors.estimated }
    expect(parseProfile(JSON.parse(JSON.stringify(withReading)), 'test').prior.reading).toEqual(
      priors.estimated.reading,
    )
    const broken = JSON.parse(JSON.stringify(withReading))
    broken.prior.reading.value.domains.math.models[models[0]!].Flash.weights.pop()
    expect(() => parseProfile(broken, 'test')).toThrow(/invalid|prior\.reading/i)
    broken.prior.reading.value.domains = {}
    broken.prior.reading.value.more = 1
    expect(() => parseProfile(broken, 'test')).toThrow(/invalid|prior\.reading/i)
  })
})

describe('the intercept', () => {
  it('makes any scores come to the mean asked for', () => {
    const scores = fc.array(fc.double({ min: -6, max: 6, noNaN: true }), { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(fc.double({ min: 0.005, max: 0.995, noNaN: true }), scores, (quality, list) => {
        const intercept = interceptFor(quality, list)
        expect(mean(list.map((score) => logistic(intercept + score)))).toBeCloseTo(quality, 8)
      }),
    )
  })
})
