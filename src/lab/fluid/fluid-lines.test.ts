import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { paperProfile, paperTruth } from '../../../test/paper-profile.ts'
import { sharedDataFolder } from '../../../test/shared-data.ts'
import { ConfigError, mean, type Profile } from '../../core/index.ts'
import { createBenchmarkFacts, createQuestionFacts, type TwinQuestion } from '../../twin/index.ts'
import { createSyntheticQuestions, loadQuestions } from '../questions/index.ts'
import { createTwinWorld } from '../twin-world.ts'
import { runWorkload } from '../workload.ts'
import { createCallTable } from './call-table.ts'
import { createFluidModel, type FluidLines, fluidLines } from './fluid-lines.ts'
import { PlanScorer } from './plan-scorer.ts'

const profile = paperProfile()
const math = createSyntheticQuestions({ dataset: 'synthetic-math', count: 60, seed: 3 })
const choice = createSyntheticQuestions({ dataset: 'synthetic-choice', count: 60, seed: 3 })
const code = createSyntheticQuestions({ dataset: 'synthetic-code', count: 40, seed: 3 })
const modelOf = (questions: readonly TwinQuestion[], pool: Profile = profile) =>
  createFluidModel({ profile: pool, questions, seed: 1, draws: 4 })
/** Solved to within a millionth for each class. */
const rounding = 2e-5

const values = ({ staticOnly, none, text, difficulty }: FluidLines) => [staticOnly, none, text, difficulty]

describe.each([
  ['math', math, 'gsm8k'],
  ['choice', choice, 'mmlu-pro'],
  ['code', code, 'mbpp'],
] as const)('the lines of synthetic %s', (_name, questions, benchmark) => {
  const model = modelOf(questions)

  it('are fractions that grow with what is known, and with plans that wait and see', async () => {
    for (const [ratePerMinute, budgetMs] of [
      [10, 30_000],
      [200, 10_000],
      [400, 100_000],
    ] as const) {
      const lines = await model.lines({ ratePerMinute, budgetMs })
      const [staticOnly, none, text, difficulty] = values(lines) as [number, number, number, number]
      expect(staticOnly).toBeGreaterThan(0)
      expect(none).toBeGreaterThanOrEqual(staticOnly - rounding)
      expect(text).toBeGreaterThanOrEqual(none - rounding)
      expect(difficulty).toBeGreaterThanOrEqual(text - rounding)
      expect(difficulty).toBeLessThan(1)
    }
  })

  it('never fall with a longer budget or a lower rate', async () => {
    let before = [0, 0, 0, 0]
    for (const budgetMs of [1000, 3000, 10_000, 30_000, 100_000]) {
      const now = values(await model.lines({ ratePerMinute: 300, budgetMs }))
      // What ends a plan early can do it good: a merge that comes too late spoils nothing. So not to the last digit.
      for (const [index, value] of now.entries()) expect(value).toBeGreaterThanOrEqual(before[index]! - 2e-3)
      before = now
    }
    for (const ratePerMinute of [100, 30, 1]) {
      const now = values(await model.lines({ ratePerMinute, budgetMs: 100_000 }))
      for (const [index, value] of now.entries()) expect(value).toBeGreaterThanOrEqual(before[index]! - rounding)
      before = now
    }
  })

  it('at a tiny rate are at least what the best arm alone is worth', async () => {
    const truth = paperTruth()
    const benchmarkFacts = createBenchmarkFacts(truth, benchmark)
    const facts = questions.map((question) => createQuestionFacts(truth, { question, benchmark: benchmarkFacts }))
    const table = createCallTable({ profile, truth, questions: facts, seed: 1, draws: 4 })
    const scorer = new PlanScorer(table, { truth, budgetMs: 20_000, switchAtMs: new Float64Array(table.arms.length) })
    const worths = table.arms.map((_, arm) =>
      mean(
        questions.map((_question, row) => {
          scorer.score(row, { kind: 'single', arm })
          return scorer.value
        }),
      ),
    )
    const { staticOnly } = await model.lines({ ratePerMinute: 0.001, budgetMs: 20_000 })
    expect(staticOnly).toBeGreaterThanOrEqual(Math.max(...worths) - rounding)
  })

  it('name the plans that make them, with shares that give the value back', async () => {
    const { lines } = await model.lines({ ratePerMinute: 250, budgetMs: 30_000 })
    for (const line of Object.values(lines)) {
      expect(line.plans.reduce((sum, { share, value }) => sum + share * value, 0)).toBeCloseTo(line.goodput, 6)
      expect(line.plans.reduce((sum, { share }) => sum + share, 0)).toBeLessThan(1 + 1e-6)
    }
    expect(lines.staticOnly.plans.map(({ kind }) => kind)).not.toContain('probe')
    expect(lines.staticOnly.plans.map(({ kind }) => kind)).not.toContain('insured')
  })
})

describe('capacity', () => {
  const changed = (change: (pool: ReturnType<typeof paperProfile>) => void): Profile => {
    const pool = paperProfile()
    change(pool)
    return pool
  }
  const cell = { ratePerMinute: 600, budgetMs: 30_000 }

  it('more of it never hurts', async () => {
    const base = await modelOf(choice).lines(cell)
    const slots = changed(({ models }) => {
      for (const machine of Object.values(models)) machine.slots.value *= 2
    })
    const cache = changed(({ models }) => {
      for (const machine of Object.values(models)) machine.kvTokens.value *= 4
    })
    const alone = changed((pool) => {
      pool.colocationEta.value = 0
    })
    for (const pool of [slots, cache, alone]) {
      const more = await modelOf(choice, pool).lines(cell)
      for (const [index, value] of values(more).entries())
        expect(value).toBeGreaterThanOrEqual(values(base)[index]! - rounding)
    }
    expect((await modelOf(choice, slots).lines(cell)).none).toBeGreaterThan(base.none + 0.005)
  })

  it('has a price where it is short, which says what a little more would win', async () => {
    const idle = await modelOf(choice).lines({ ratePerMinute: 0.01, budgetMs: 30_000 })
    for (const { perWorkSecond, perTokenSecond } of Object.values(idle.lines.none.prices)) {
      expect([perWorkSecond, perTokenSecond]).toEqual([0, 0])
    }
    const busy = await modelOf(choice).lines(cell)
    const prices = Object.values(busy.lines.none.prices).map(({ perWorkSecond }) => perWorkSecond)
    expect(Math.max(...prices)).toBeGreaterThan(0)
    expect(Object.keys(busy.lines.none.prices)).toEqual(Object.keys(profile.models))
    // The dearest engine, made a little faster, wins something.
    const model = Object.keys(profile.models)[prices.indexOf(Math.max(...prices))]!
    const faster = changed(({ models }) => {
      const { step, host } = models[model]!
      for (const key of Object.keys(step.value) as (keyof typeof step.value)[]) step.value[key] /= 1.0001
      host.value /= 1.0001
    })
    const { none } = await modelOf(choice, faster).lines(cell)
    expect(none).toBeGreaterThan(busy.none)
  })

  it('of a model that stands on no GPU is its own', async () => {
    const [first, ...rest] = profile.gpus
    const moved = changed((pool) => {
      pool.gpus = [{ id: 'gpu0', engines: [first!.engines[0]!] }, ...rest]
    })
    expect((await modelOf(choice, moved).lines(cell)).none).toBeGreaterThanOrEqual(
      (await modelOf(choice).lines(cell)).none,
    )
  })
})

describe('a policy in the twin', () => {
  it('stays below the line of its cell', async () => {
    const questions = createSyntheticQuestions({ dataset: 'synthetic-choice', count: 200, seed: 1 })
    const world = createTwinWorld({ profile, questions, seed: 2, trace: { write: () => {} } })
    const queries = 600
    let right = 0
    await runWorkload(world, {
      questions,
      queries,
      arrivalRatePerMinute: 200,
      budgetsMs: [10_000],
      seed: 5,
      onRun: ({ question, record, text }) => {
        if (record.isOnTime && world.answers.isRight(question, text)) right += 1
      },
    })
    const { none, difficulty } = await modelOf(questions).lines({ ratePerMinute: 200, budgetMs: 10_000 })
    // A policy reads a little of the difficulty in the answers; the questions drawn err by two points or so.
    expect(right / queries).toBeLessThan(difficulty)
    expect(right / queries).toBeGreaterThan(none - 0.15)
  })
})

describe('cells', () => {
  it('mixed of sets and budgets are the mean of their parts while capacity is ample', async () => {
    const ratePerMinute = 0.01
    const mixed = await modelOf([...math, ...choice]).lines({ ratePerMinute, budgetMs: [10_000, 100_000] })
    const parts = await Promise.all(
      [math, choice].flatMap((questions) =>
        [10_000, 100_000].map((budgetMs) => modelOf(questions).lines({ ratePerMinute, budgetMs })),
      ),
    )
    expect(mixed.none).toBeCloseTo(mean(parts.map(({ none }) => none)), 4)
    expect(mixed.difficulty).toBeGreaterThanOrEqual(mixed.text - rounding)
  })

  it('repeat to the last bit, whatever was asked before', async () => {
    const cell = { ratePerMinute: 200, budgetMs: 10_000 }
    const model = modelOf(math)
    await model.lines({ ratePerMinute: 10, budgetMs: 30_000 })
    expect(await model.lines(cell)).toEqual(await fluidLines({ profile, questions: math, seed: 1, draws: 4, ...cell }))
  })

  it('without questions, or without time, have lines at 0', async () => {
    expect(values(await modelOf([]).lines({ ratePerMinute: 10, budgetMs: 10_000 }))).toEqual([0, 0, 0, 0])
    expect(values(await modelOf(math).lines({ ratePerMinute: 10, budgetMs: 0 }))).toEqual([0, 0, 0, 0])
  })

  it('refuse a profile without truth, a benchmark without truth, a rate that is none', async () => {
    const { truth: _, ...bare } = paperProfile()
    expect(() => modelOf(math, bare)).toThrow(ConfigError)
    expect(() => modelOf([{ ...math[0]!, benchmark: 'riddles' }])).toThrow(ConfigError)
    await expect(modelOf(math).lines({ ratePerMinute: 0, budgetMs: 1000 })).rejects.toThrow('rate > 0')
  })
})

const shared = sharedDataFolder()

/**
 * Section 7 of the calibration has for these cells, as a mean of five benchmarks with difficulty unknown, 72.3, 74.7,
 * 70.0, 72.9: a prototype's figures under an earlier truth and fewer plans. Ours are 6 to 11 points above. Of that the
 * best single arm makes 3, a second call after a late or cut answer 1 to 6, probes and votes 1 to 3, reviews and merges
 * 1 to 2.
 */
describe.skipIf(shared === null)('the lines of five benchmarks (needs the calibration data)', () => {
  it('lie above the prototype’s, by no more than is explained', async () => {
    const folder = resolve(shared!, 'questions')
    const cells = [
      { ratePerMinute: 10, budgetMs: 30_000, prototype: 0.723 },
      { ratePerMinute: 10, budgetMs: 300_000, prototype: 0.747 },
      { ratePerMinute: 200, budgetMs: 10_000, prototype: 0.7 },
      { ratePerMinute: 200, budgetMs: 300_000, prototype: 0.729 },
    ]
    const models = ['math', 'mbpp', 'gsm-hard', 'humaneval', 'mmlu-pro'].map((dataset) =>
      modelOf(loadQuestions({ folder, dataset }).slice(0, 130)),
    )
    for (const { prototype, ...cell } of cells) {
      const lines = await Promise.all(models.map((model) => model.lines(cell)))
      const gap = mean(lines.map(({ none }) => none)) - prototype
      expect(gap).toBeGreaterThan(0.03)
      expect(gap).toBeLessThan(0.14)
      const known = mean(lines.map(({ difficulty }) => difficulty)) - mean(lines.map(({ none }) => none))
      // Knowing difficulty is worth 1.4 to 2.7 points there.
      expect(known).toBeGreaterThan(0.005)
      expect(known).toBeLessThan(0.04)
    }
  })
})
