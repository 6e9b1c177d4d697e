/** The predictor with a reading: lines of this question, and the same lines as ever where it is not asked to read. */
import { describe, expect, it } from 'vitest'
import { coder, paperModels, paperPrior, paperState } from '../../../../test/policy/paper-pool.ts'
import { type ProfilePrior, readingSchemaId, strategyIds } from '../../../core/index.ts'
import { aCallResult, aQuery, aStepOutcome } from '../../../testing/index.ts'
import { createFeatures } from '../../embed/index.ts'
import { createPredictor } from '../predictor.ts'

const perArm = {
  intercept: 0.5,
  weights: [-1],
  logTokens: Math.log(150),
  lengthWeights: [0.5],
  lengthSigma: 0.4,
}
const prior: ProfilePrior = {
  ...paperPrior,
  reading: {
    value: {
      schema: readingSchemaId,
      featureNames: ['logCharacters'],
      domains: {
        math: {
          mean: [0.45],
          scale: [0.1],
          models: { [coder]: { Flash: perArm, Concise: perArm, DeepThink: perArm } },
        },
      },
    },
    unit: 'logits, ln tokens',
    tag: 'fitted',
    source: 'made up',
  },
}

const ask = (text: string) => {
  const query = aQuery({ domain: 'math', text, features: createFeatures(text) })
  return { query, kind: 'solve', promptTokens: 200 } as const
}
const short = ask('What is 2 + 2?')
const long = ask(`Add up all of these: ${'12 and 30, then 7 more, '.repeat(20)}what is the sum?`)
const arm = { model: coder, strategy: 'Concise' } as const
const reads = () => createPredictor({ prior, models: paperModels, readsQuestions: true })
const plain = () => createPredictor({ prior: paperPrior, models: paperModels })

describe('a predictor that reads', () => {
  it('prices each question by itself: the short one is surer and briefer', () => {
    const predictor = reads()
    const state = paperState()
    const [a, b] = [predictor.predict(arm, short, state), predictor.predict(arm, long, state)]
    expect(a.quality).toBeGreaterThan(b.quality + 0.2)
    expect(a.outputTokens.mean).toBeLessThan(b.outputTokens.mean / 1.5)
    expect(a.latencyMs.mean).toBeLessThan(b.latencyMs.mean)
    // Lines of the one are not given out for the other, in whatever order they are asked for.
    expect(predictor.predict(arm, short, state)).toEqual(a)
    expect(reads().predict(arm, long, state)).toEqual(b)
  })

  it('prices one question once for one state', () => {
    const predictor = reads()
    const state = paperState()
    expect(predictor.priceList(short, state)[0]).toBe(predictor.priceList(short, state)[0])
    const again = {
      ...short,
      query: aQuery({ domain: 'math', text: short.query.text, features: short.query.features }),
    }
    expect(predictor.priceList(again, state)[0]).toBe(predictor.priceList(short, state)[0])
    expect(predictor.priceList(long, state)).not.toEqual(predictor.priceList(short, state))
  })

  it('counts what the cap cuts off this question', () => {
    const capped = reads().predict({ ...arm, strategy: 'Flash' }, long, paperState())
    const free = reads().predict({ ...arm, strategy: 'DeepThink' }, long, paperState())
    expect(capped.quality).toBeLessThan(0.9 * free.quality)
  })

  it('follows the lengths that calls show, against what was read for them', () => {
    const predictor = reads()
    const state = paperState()
    const before = [short, long].map((shape) => predictor.predict(arm, shape, state).outputTokens.quantile(0.5))
    for (let call = 0; call < 200; call += 1) {
      const usage = { promptTokens: 200, outputTokens: Math.round(2 * before[0]!) }
      const result = aCallResult({ usage, sentAtMs: 0, firstTokenAtMs: 30, finishedAtMs: 3000 })
      predictor.observe(aStepOutcome({ arm, query: short.query, result }))
    }
    const after = [short, long].map((shape) => predictor.predict(arm, shape, state).outputTokens.quantile(0.5))
    for (const place of [0, 1]) {
      expect(after[place]! / before[place]!).toBeGreaterThan(1.85)
      expect(after[place]! / before[place]!).toBeLessThan(2.05)
    }
  })

  it('learns the unread way from a call whose query is not known', () => {
    const predictor = reads()
    const before = predictor.predict(arm, short, paperState())
    const usage = { promptTokens: 200, outputTokens: 2000 }
    const result = aCallResult({ usage, sentAtMs: 0, firstTokenAtMs: null, finishedAtMs: 9000 })
    predictor.observe(aStepOutcome({ arm, result }))
    expect(predictor.predict(arm, short, paperState()).outputTokens).toEqual(before.outputTokens)
  })

  it('keeps the prior’s figures for models and domains that the reading lacks', () => {
    const state = paperState()
    const others = (shape: typeof short) => (predictor: ReturnType<typeof reads>) =>
      predictor.priceList(shape, state).filter((line) => line.arm.model !== coder)
    expect(others(short)(reads())).toEqual(others(short)(plain()))
    const code = { ...short, query: aQuery({ ...short.query, domain: 'code' }) }
    expect(reads().priceList(code, state)).toEqual(plain().priceList(code, state))
    expect(reads().priceList(short, state)).toHaveLength(paperModels.length * strategyIds.length)
  })
})

describe('a predictor that is not asked to read', () => {
  it('says the same with a reading in its prior as without one, before and after calls', () => {
    const [withReading, without] = [createPredictor({ prior, models: paperModels }), plain()]
    for (let call = 0; call < 20; call += 1) {
      const state = paperState({ atMs: call * 100, load: call / 20 })
      for (const shape of [short, long])
        expect(withReading.priceList(shape, state)).toEqual(without.priceList(shape, state))
      const outcome = aStepOutcome({ arm, query: (call % 2 ? short : long).query })
      for (const predictor of [withReading, without]) predictor.observe(outcome)
    }
  })

  it('has nothing to read where the prior holds no reading', () => {
    const asked = createPredictor({ prior: paperPrior, models: paperModels, readsQuestions: true })
    expect(asked.priceList(long, paperState())).toEqual(plain().priceList(long, paperState()))
  })
})
