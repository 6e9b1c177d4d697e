import { describe, expect, it } from 'vitest'
import { paperProfile } from '../../../test/paper-profile.ts'
import { type EngineCall, type ModelId, mean, type StrategyId, strategyIds } from '../../core/index.ts'
import { classify } from '../../policy/index.ts'
import { createAnswerModel } from '../../twin/index.ts'
import { createSyntheticQuestions, type Question, splitQuestions, syntheticDatasets } from '../questions/index.ts'
import { mostGraded, pickGraded } from './estimated.ts'
import { type KnowledgeInput, priorUnder } from './prior-under.ts'

const profile = paperProfile()
const models = Object.keys(profile.prior.models)
const parts = syntheticDatasets.map((dataset) =>
  splitQuestions(createSyntheticQuestions({ dataset, count: 600, seed: 1 })),
)
const trains = parts.map(({ train }) => train)
const [math, code, choice] = trains as [readonly Question[], readonly Question[], readonly Question[]]

const priorFor = (input: Partial<KnowledgeInput> = {}) =>
  priorUnder({ profile, know: 'estimated', sets: [math], kin: [code, choice], seed: 1, ...input })

interface Known {
  readonly model: ModelId
  readonly strategy: StrategyId
  readonly quality: number
  readonly meanTokens: number
  readonly sigma: number
}

/** What a prior says of every arm in a domain. */
const armsOf = (prior: ReturnType<typeof priorFor>, domain: 'math' | 'code' | 'knowledge' = 'math'): readonly Known[] =>
  models.flatMap((model) =>
    strategyIds.map((strategy) => {
      const { quality, outputTokens } = prior.models[model]!
      const { mean: meanTokens, sigma } = outputTokens.value[domain][strategy]
      return { model, strategy, quality: quality.value[domain][strategy], meanTokens, sigma }
    }),
  )

const callOf = (question: Question, { model, strategy }: Known): EngineCall => ({
  id: `check|${question.id}|${model}|${strategy}`,
  messages: () => [],
  meaning: { questionText: question.text, strategy, role: null, kind: 'solve', inputs: [] },
  promptTokens: 200,
  maxOutputTokens: 1_000_000,
  deadlineAtMs: Infinity,
  body: {},
})

describe('exact knowledge', () => {
  it.each([
    ['synthetic-math', 'math'],
    ['synthetic-code', 'code'],
    ['synthetic-choice', 'knowledge'],
  ] as const)('is what the twin does, on many questions of %s that nobody has seen', (dataset, domain) => {
    const questions = createSyntheticQuestions({ dataset, count: 3000, seed: 77 })
    expect(new Set(questions.map(({ text }) => classify({ messages: [], text }).domain))).toEqual(new Set([domain]))
    const known = trains[syntheticDatasets.indexOf(dataset)] as readonly Question[]
    const answers = createAnswerModel({ truth: profile.truth!, questions, seed: 5, text: 'compact' })
    for (const arm of armsOf(priorFor({ know: 'exact', sets: [known] }), domain)) {
      const given = questions.map((question) => ({ question, ...answers.answer(callOf(question, arm), arm.model) }))
      const right = given.filter(({ question, text }) => answers.isRight(question, text)).length / given.length
      const tokens = given.map(({ outputTokens }) => outputTokens)
      const key = `${arm.model} ${arm.strategy}`
      // Deviation of a share of 3,000: 0.009 at most.
      expect(Math.abs(right - arm.quality), key).toBeLessThan(0.035)
      expect(Math.abs(mean(tokens) / arm.meanTokens - 1), key).toBeLessThan(0.08)
    }
  })

  it('needs no luck, and tells easy sets from hard ones', () => {
    const exact = (sets: readonly (readonly Question[])[], seed = 1) => priorFor({ know: 'exact', sets, seed })
    expect(exact([math], 9)).toEqual(exact([math]))
    const asHard = math.map((question) => ({ ...question, benchmark: 'gsm-hard' }))
    const [easy, hard] = [armsOf(exact([math])), armsOf(exact([asHard]))]
    expect(mean(easy.map(({ quality }) => quality))).not.toBeCloseTo(mean(hard.map(({ quality }) => quality)), 2)
    const both = armsOf(exact([math, asHard]))
    for (const [index, { quality }] of both.entries())
      expect(quality).toBeCloseTo((easy[index]!.quality + hard[index]!.quality) / 2, 9)
  })

  it('is of the domains asked for; the others stay as published, and so do all times', () => {
    const prior = priorFor({ know: 'exact' })
    expect(armsOf(prior)).not.toEqual(armsOf(profile.prior))
    expect(armsOf(prior, 'code')).toEqual(armsOf(profile.prior, 'code'))
    for (const model of models) {
      expect(prior.models[model]).toMatchObject({
        ttft: profile.prior.models[model]!.ttft,
        tpot: profile.prior.models[model]!.tpot,
        quality: { tag: 'derived', source: 'the tables of the twin itself' },
      })
    }
  })
})

describe('graded questions', () => {
  const kept = new Set(parts.flatMap(({ test, validation }) => [...test, ...validation].map(({ id }) => id)))

  it.each([
    ['one set', [math], [code, choice]],
    ['all sets', trains, []],
    ['one set alone', [math], []],
    ['a large set', [[...math, ...code, ...choice]], [math]],
  ])('of %s are at most 500, each once, and none is a test question', (_name, sets, kin) => {
    const { own, kin: others } = pickGraded(sets, kin, 3)
    const ids = [...own, ...others].map(({ id }) => id)
    expect(ids.length).toBeLessThanOrEqual(mostGraded)
    expect(new Set(own.map(({ id }) => id)).size).toBe(own.length)
    expect(ids.filter((id) => kept.has(id))).toEqual([])
    expect(mostGraded).toBe(500)
  })

  it('are of every set in equal shares, and of kin where there is room', () => {
    const { own, kin } = pickGraded([math.slice(0, 150), code], [choice], 1)
    const count = (list: readonly Question[], of: readonly Question[]) => list.filter((one) => of.includes(one)).length
    expect(count(own, math)).toBe(150)
    expect(count(own, code)).toBe(Math.min(250, code.length))
    expect(kin).toHaveLength(Math.min(500 - own.length, choice.length))
  })

  it('are drawn anew under every seed', () => {
    const ids = (seed: number) => pickGraded([[...math, ...code, ...choice]], [], seed).own.map(({ id }) => id)
    expect(ids(1)).toEqual(ids(1))
    expect(ids(1)).not.toEqual(ids(2))
  })
})

describe('estimated knowledge', () => {
  it('comes near the exact one, and is not it', () => {
    const [estimated, exact] = [armsOf(priorFor()), armsOf(priorFor({ know: 'exact' }))]
    const errors = estimated.map(({ quality }, index) => quality - exact[index]!.quality)
    expect(Math.max(...errors.map(Math.abs))).toBeLessThan(0.12)
    expect(Math.max(...errors.map(Math.abs))).toBeGreaterThan(0.001)
    for (const [index, { meanTokens }] of estimated.entries())
      expect(Math.abs(Math.log(meanTokens / exact[index]!.meanTokens))).toBeLessThan(0.35)
  })

  it('is the same under the same seed, and of another draw under another', () => {
    expect(priorFor()).toEqual(priorFor())
    expect(priorFor({ seed: 2 })).not.toEqual(priorFor())
  })

  it('rests on the set itself; kin of the domain help out', () => {
    const few = math.slice(0, 12)
    const alone = armsOf(priorFor({ sets: [few], kin: [] }))
    const helped = armsOf(priorFor({ sets: [few], kin: [math.slice(12)] }))
    expect(helped.map(({ meanTokens }) => meanTokens)).toEqual(alone.map(({ meanTokens }) => meanTokens))
    expect(helped.map(({ quality }) => quality)).not.toEqual(alone.map(({ quality }) => quality))
    // Of another domain they tell nothing of this one.
    expect(armsOf(priorFor({ sets: [few], kin: [code] }))).toEqual(alone)
  })

  it('with the help of kin comes nearer on average than without', () => {
    const exact = armsOf(priorFor({ know: 'exact' }))
    const error = (kin: readonly (readonly Question[])[]) => {
      const squares = [1, 2, 3, 4, 5, 6].flatMap((seed) => {
        const few = pickGraded([math], [], seed).own.slice(0, 8)
        const known = armsOf(priorFor({ sets: [few], kin, seed }))
        return known.map(({ quality }, index) => (quality - exact[index]!.quality) ** 2)
      })
      return mean(squares)
    }
    expect(error([math.slice(-100)])).toBeLessThan(error([]))
  })

  it('leaves times and other domains as published', () => {
    const prior = priorFor()
    expect(armsOf(prior, 'knowledge')).toEqual(armsOf(profile.prior, 'knowledge'))
    for (const model of models) expect(prior.models[model]!.tpot).toEqual(profile.prior.models[model]!.tpot)
  })
})

describe('biased knowledge', () => {
  const few = math.slice(0, 10)
  const seeds = Array.from({ length: 40 }, (_, index) => index + 1)
  const spread = (values: readonly number[]) => Math.sqrt(mean(values.map((value) => value * value)))
  const pairs = seeds.map((seed) => ({
    estimated: priorFor({ sets: [few], kin: [], seed }),
    biased: priorFor({ know: 'biased', sets: [few], kin: [], seed }),
  }))

  it('is off by one factor exp(0.5 z) on all times of a model', () => {
    const logs = pairs.flatMap(({ biased }) =>
      models.map((model) => {
        const [given, published] = [biased.models[model]!, profile.prior.models[model]!]
        const factor = given.tpot.value.idleMs / published.tpot.value.idleMs
        expect(given.tpot.value.perKvTokenMs).toBeCloseTo(published.tpot.value.perKvTokenMs * factor, 12)
        expect(given.ttft.value.fixedMs).toBeCloseTo(published.ttft.value.fixedMs * factor, 9)
        expect(given.ttft.value.perTokenMs).toBeCloseTo(published.ttft.value.perTokenMs * factor, 9)
        return Math.log(factor)
      }),
    )
    // 200 draws: the deviation of their mean is 0.035, of their spread 0.025.
    expect(Math.abs(mean(logs))).toBeLessThan(0.14)
    expect(Math.abs(spread(logs) - 0.5)).toBeLessThan(0.1)
  })

  it('is off by four points of quality on every arm, each by itself', () => {
    const shifts = pairs.flatMap(({ estimated, biased }) => {
      const before = armsOf(estimated)
      return armsOf(biased).flatMap(({ quality }, index) =>
        quality > 0.01 && quality < 0.99 ? [quality - before[index]!.quality] : [],
      )
    })
    expect(shifts.length).toBeGreaterThan(500)
    expect(Math.abs(mean(shifts))).toBeLessThan(0.006)
    expect(Math.abs(spread(shifts) - 0.04)).toBeLessThan(0.004)
  })

  it('leaves lengths as estimated, repeats under its seed, and says that it is biased', () => {
    const { estimated, biased } = pairs[0]!
    const lengths = (prior: typeof biased) => armsOf(prior).map(({ meanTokens, sigma }) => [meanTokens, sigma])
    expect(lengths(biased)).toEqual(lengths(estimated))
    expect(priorFor({ know: 'biased', sets: [few], kin: [], seed: 1 })).toEqual(biased)
    expect(biased.models[models[0]!]!.quality.source).toContain('biased on purpose')
  })
})
