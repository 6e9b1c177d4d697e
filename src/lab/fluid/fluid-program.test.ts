import fc from 'fast-check'
import type { Highs } from 'highs'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Capacity, type FluidProgram, solveFluidProgram } from './fluid-program.ts'
import { loadHighs } from './load-highs.ts'
import type { ClassColumns } from './plan-columns.ts'

let highs: Highs
beforeAll(async () => {
  highs = await loadHighs()
})

interface PlanRow {
  readonly value: number
  /** ms by model. */
  readonly work: readonly number[]
  /** token-ms by model; none: no cache needed. */
  readonly kv?: readonly number[]
}

/** A class of two questions, so that sums are not means. */
const classOf = (rows: readonly PlanRow[]): ClassColumns => ({
  table: {} as ClassColumns['table'],
  budgetMs: 1000,
  plans: rows.map((_, arm) => ({ kind: 'single', arm })),
  questions: 2,
  sums: Float64Array.from(
    rows.flatMap(({ value, work, kv }) => [value, ...work, ...(kv ?? work.map(() => 0))].map((x) => 2 * x)),
  ),
})

interface Setting {
  readonly rate: number
  readonly gpus: readonly (readonly number[])[]
  readonly eta?: number
  readonly kvTokens?: readonly number[]
  readonly weights?: readonly number[]
}

function programOf(classes: readonly (readonly PlanRow[])[], setting: Setting): FluidProgram {
  const { rate, gpus, eta = 1.15, weights = classes.map(() => 1 / classes.length) } = setting
  const capacity: Capacity = { kvTokens: setting.kvTokens ?? gpus.flat().map(() => 1e12), gpus, eta }
  return {
    classes: classes.map(classOf),
    plans: classes.map((rows) => rows.map((_, index) => index)),
    weights,
    ratePerMinute: rate,
    capacity,
  }
}

const solve = (classes: readonly (readonly PlanRow[])[], setting: Setting) =>
  solveFluidProgram(highs, programOf(classes, setting))

describe('one model, one class', () => {
  const plans = [{ value: 0.8, work: [1000] }]

  it('with engine time to spare gives the plan to all, at no price', () => {
    const { value, workPrices, kvPrices, shares } = solve([plans], { rate: 30, gpus: [[0]] })
    expect(value).toBeCloseTo(0.8, 9)
    expect(workPrices).toEqual([0])
    expect(kvPrices).toEqual([0])
    expect(shares).toEqual([{ classIndex: 0, plan: 0, share: 1 }])
  })

  it('at twice the capacity serves half; a second engine would win as much again', () => {
    const { value, workPrices, shares } = solve([plans], { rate: 120, gpus: [[0]] })
    expect(value).toBeCloseTo(0.4, 9)
    expect(shares[0]?.share).toBeCloseTo(0.5, 9)
    expect(workPrices[0]).toBeCloseTo(0.4, 9)
  })

  it('is bound by the cache where that is short', () => {
    const rows = [{ value: 0.8, work: [0], kv: [60_000 * 50] }]
    const { value, workPrices, kvPrices } = solve([rows], { rate: 4, gpus: [[0]], kvTokens: [100] })
    expect(value).toBeCloseTo(0.4, 9)
    expect(workPrices[0]).toBeCloseTo(0, 9)
    expect(kvPrices[0]).toBeCloseTo(0.4, 9)
  })
})

describe('two models', () => {
  const plans = [
    { value: 0.9, work: [2000, 0] },
    { value: 0.6, work: [0, 500] },
  ]

  it('on GPUs of their own are filled from the better one on', () => {
    const { value, shares } = solve([plans], { rate: 60, gpus: [[0], [1]] })
    expect(value).toBeCloseTo(0.75, 9)
    expect(shares.map(({ share }) => share)).toEqual([0.5, 0.5].map((share) => expect.closeTo(share, 9)))
  })

  it.each([
    // Duties may add up to 1: a / (1/2) + b / 2 <= 1 with a + b = 1.
    [1.15, 0.7],
    // Hull of (1, 0), (0, 1), (2/3, 2/3).
    [0.5, 0.9 * (3 / 7) + 0.6 * (4 / 7)],
    // No slowdown: as on GPUs of their own.
    [0, 0.75],
  ])('on one GPU share it by the hull of eta = %s', (eta, expected) => {
    expect(solve([plans], { rate: 60, gpus: [[0, 1]], eta }).value).toBeCloseTo(expected, 9)
  })

  it('give scarce engine time to the class that gains most by it', () => {
    const easy = [
      { value: 0.9, work: [1000, 0] },
      { value: 0.8, work: [0, 10] },
    ]
    const hard = [
      { value: 0.6, work: [1000, 0] },
      { value: 0.1, work: [0, 10] },
    ]
    const { value, shares } = solve([easy, hard], { rate: 60, gpus: [[0], [1]], weights: [0.5, 0.5] })
    expect(value).toBeCloseTo(0.5 * 0.9 + 0.5 * 0.6, 9)
    const scarce = solve([easy, hard], { rate: 120, gpus: [[0], [1]], weights: [0.5, 0.5] })
    expect(scarce.value).toBeCloseTo(0.5 * 0.8 + 0.5 * 0.6, 9)
    expect(shares).toHaveLength(2)
  })
})

describe('the hull of duties', () => {
  it('is worth what its best corner is worth: v_n on some set of n engines', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 5 }),
        fc.double({ min: 0, max: 2, noNaN: true }),
        (worths, eta) => {
          // So much work that no class is ever served whole: worth of engine j at full duty is worths[j] / 1e4.
          const plans = worths.map((worth, at) => ({
            value: worth / 100,
            work: worths.map((_, j) => (j === at ? 100_000 : 0)),
          }))
          const { value } = solve([plans], { rate: 60, gpus: [worths.map((_, index) => index)], eta })
          const sorted = [...worths].sort((a, b) => b - a)
          const corners = sorted.map((_, n) => sorted.slice(0, n + 1).reduce((sum, x) => sum + x, 0) / (1 + eta * n))
          expect(value).toBeCloseTo(Math.max(...corners) / 10_000, 8)
        },
      ),
      { numRuns: 60 },
    )
  })
})

describe('column generation', () => {
  const row = fc.record({
    value: fc.double({ min: 0, max: 1, noNaN: true }),
    work: fc.tuple(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 0, max: 5000 })),
    kv: fc.tuple(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 0, max: 1e6 })),
  })

  it('finds the optimum of the program with all columns', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(row, { minLength: 1, maxLength: 30 }), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 400 }),
        (classes, rate) => {
          const setting = { rate, gpus: [[0], [1]], kvTokens: [300, 500] }
          const { value, shares } = solve(classes, setting)
          expect(value).toBeCloseTo(wholeProgram(classes, setting), 5)
          for (const index of classes.keys()) {
            const total = shares
              .filter(({ classIndex }) => classIndex === index)
              .reduce((sum, { share }) => sum + share, 0)
            expect(total).toBeLessThan(1 + 1e-6)
          }
        },
      ),
      { numRuns: 40 },
    )
  })

  /** The same program written out, for two engines that do not share. */
  function wholeProgram(classes: readonly (readonly PlanRow[])[], { rate, kvTokens }: Setting): number {
    const weight = 1 / classes.length
    const terms = classes.flatMap((rows, z) => rows.map((of, k) => ({ ...of, name: `x_${z}_${k}`, z })))
    const sum = (of: (term: (typeof terms)[number]) => number) =>
      terms.map((term) => `${of(term) < 0 ? '' : '+'} ${of(term)} ${term.name}`).join('\n ')
    const limits = [0, 1].flatMap((j) => [
      `w${j}: ${sum(({ work }) => (weight * rate * work[j]!) / 60_000)} <= 1`,
      `k${j}: ${sum(({ kv }) => (weight * rate * kv![j]!) / 60_000 / kvTokens![j]!)} <= 1`,
    ])
    const whole = classes.map((rows, z) => `c${z}: ${rows.map((_, k) => `+ 1 x_${z}_${k}`).join(' ')} <= 1`)
    const text = `Maximize\n obj: ${sum(({ value }) => weight * value)}\nSubject To\n ${[...limits, ...whole].join('\n ')}\nEnd`
    return highs.solve(text, { output_flag: false }).ObjectiveValue
  }

  it('of nothing is nothing', () => {
    expect(solve([], { rate: 10, gpus: [[0, 1], [2]] })).toMatchObject({ value: 0, shares: [] })
    expect(solve([[{ value: 0, work: [5] }]], { rate: 10, gpus: [[0]] })).toMatchObject({ value: 0, shares: [] })
  })

  it('leaves out plans that are not allowed', () => {
    const program = programOf(
      [
        [
          { value: 0.9, work: [1] },
          { value: 0.3, work: [1] },
        ],
      ],
      { rate: 1, gpus: [[0]] },
    )
    expect(solveFluidProgram(highs, { ...program, plans: [[1]] }).value).toBeCloseTo(0.3, 9)
    expect(solveFluidProgram(highs, { ...program, plans: [[]] }).value).toBe(0)
  })
})
