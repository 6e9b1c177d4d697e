import { describe, expect, it } from 'vitest'
import { createFakeBench, type FakeBench, type FakeMethod } from '../../../../test/fake-bench.ts'
import { gatherCells } from '../results/gather-cells.ts'
import { type NumbersOptions, reportNumbers } from './report-numbers.ts'

const ours: FakeMethod = { name: 'inframind', accuracy: 0.6 }

const resultsOf = (bench: FakeBench) => gatherCells({ folder: 'out', ...createFakeBench(bench) })

const numbersOf = (methods: readonly FakeMethod[], bench: Partial<FakeBench> = {}, options: NumbersOptions = {}) =>
  reportNumbers(resultsOf({ methods: [ours, ...methods], ...bench }), options)

/** The only comparison. */
const comparisonOf = (...of: Parameters<typeof numbersOf>) => {
  const [comparison] = numbersOf(...of).comparisons
  if (comparison?.all == null) throw new Error('nothing was compared')
  return { ...comparison, all: comparison.all }
}

describe('the comparison', () => {
  it('finds a planted difference in every cell, with intervals that hold the difference of the counts', () => {
    const { all, cells } = comparisonOf([{ name: 'random', accuracy: 0.35 }], { datasets: ['math', 'mixed'] })
    expect(all).toMatchObject({ cells: 8, shareAbove: 1, wins: 8, ties: 0, losses: 0, winsOfMany: 8, lossesOfMany: 0 })
    for (const { estimate, low, high, ours: mine, theirs, verdict } of cells) {
      expect(estimate).toBeCloseTo(mine - theirs, 12)
      expect(low).toBeLessThan(estimate)
      expect(high).toBeGreaterThan(estimate)
      expect(verdict).toBe('better')
    }
  })

  it('calls a method that is ours under another name none: no win, no loss, not worse', () => {
    const { all } = comparisonOf([{ name: 'random', accuracy: 0.6 }])
    expect(all).toMatchObject({ estimate: 0, wins: 0, losses: 0, ties: 4, notWorse: 4, shareAbove: 0 })
  })

  it('prints where ours is worse, and the worst cell', () => {
    const rival: FakeMethod = { name: 'random', accuracy: ({ ratePerMinute }) => (ratePerMinute === 100 ? 0.85 : 0.3) }
    const { all } = comparisonOf([rival], { budgets: [30] })
    expect(all).toMatchObject({ cells: 2, wins: 1, losses: 1, notWorse: 1, shareAbove: 0.5 })
    expect(all).toMatchObject({ winsOfMany: 1, lossesOfMany: 1 })
    expect(all.worst).toMatchObject({ ratePerMinute: 100, budgetSeconds: 30, verdict: 'worse' })
  })

  it('keeps single-dataset and mixed cells apart', () => {
    const rival: FakeMethod = { name: 'random', accuracy: ({ dataset }) => (dataset === 'mixed' ? 0.3 : 0.6) }
    const { single, mixed } = comparisonOf([rival], { datasets: ['math', 'mixed'] })
    expect(single?.estimate).toBeCloseTo(0, 12)
    expect(mixed?.low).toBeGreaterThan(0.1)
  })

  it('corrects for many cells: of small differences fewer are left', () => {
    const { all } = comparisonOf([{ name: 'random', accuracy: 0.575 }], {
      rates: [10, 20, 30, 40, 50, 60],
      queries: 120,
    })
    expect(all.wins).toBeGreaterThan(all.winsOfMany)
  })

  it('resamples questions: where they decide alone, more queries of the same questions tell nothing', () => {
    const width = (queries: number) => {
      const { all } = comparisonOf([{ name: 'random', accuracy: 0.5 }], {
        rates: [30],
        budgets: [30],
        seeds: 4,
        setSizes: [12],
        queries,
      })
      return all.high - all.low
    }
    expect(width(4000)).toBeGreaterThan(0.3 * width(400))
  })

  it('leaves ablations of ours out unless they are asked for, and compares with those named only', () => {
    const methods: FakeMethod[] = [
      { name: 'greedy-solo', accuracy: 0.5 },
      { name: 'inframind+fcfs+enforced', scheduler: 'fcfs', accuracy: 0.5 },
      { name: 'moa', scheduler: 'fcfs', enforced: false, accuracy: 0.5 },
      { name: 'random', accuracy: 0.5 },
    ]
    expect(numbersOf(methods).rivals).toEqual(['moa', 'random'])
    expect(numbersOf(methods, {}, { against: ['greedy-solo', 'moa'] }).rivals).toEqual(['greedy-solo', 'moa'])
    expect(() => numbersOf(methods, {}, { against: ['mao'] })).toThrow(/Did you mean "moa"/)
  })

  it('refuses methods that did not meet the same queries', () => {
    const [mine, theirs] = [
      createFakeBench({ methods: [ours], queries: 50 }),
      createFakeBench({ methods: [{ name: 'random', accuracy: 0.5 }], queries: 60 }),
    ]
    const rows = [...mine.summary.rows, ...theirs.summary.rows]
    const runs = [...mine.runs, ...theirs.runs]
    expect(() => reportNumbers(gatherCells({ folder: 'out', runs, summary: { ...mine.summary, rows } }))).toThrow(
      /50 queries.*60 queries/s,
    )
  })
})

describe('answers in time', () => {
  it('are pooled by group of budgets and rate, with a bound below the share and the strict share beside', () => {
    const { attainment } = numbersOf([], {
      methods: [{ ...ours, onTime: 0.95, strict: 0.9 }],
      rates: [10, 100],
      budgets: [10, 30, 100, null],
      seeds: 2,
      queries: 50,
    })
    expect(attainment.map(({ budgets, ratePerMinute, arrived }) => [budgets, ratePerMinute, arrived])).toEqual([
      ['below 30 s', null, 200],
      ['below 30 s', 10, 100],
      ['below 30 s', 100, 100],
      ['at least 30 s', null, 400],
      ['at least 30 s', 10, 200],
      ['at least 30 s', 100, 200],
      ['drawn from 10-300 s', null, 200],
      ['drawn from 10-300 s', 10, 100],
      ['drawn from 10-300 s', 100, 100],
    ])
    for (const row of attainment) {
      expect(row.shareAtLeast).toBeLessThan(row.share)
      expect(row.strictShare).toBeLessThan(row.share)
      expect(row.share).toBeCloseTo(row.onTime / row.arrived, 12)
    }
  })
})

describe('the attribution', () => {
  const { attribution, granted } = numbersOf([
    { name: 'greedy-solo', accuracy: 0.4 },
    { name: 'greedy-noinsurance', accuracy: 0.6 },
    { name: 'greedy+fcfs+enforced', scheduler: 'fcfs', accuracy: 0.5 },
    { name: 'moa', scheduler: 'fcfs', enforced: false, accuracy: 0.6, onTime: 0.3 },
    { name: 'moa+fcfs+enforced', scheduler: 'fcfs', accuracy: 0.55, onTime: 0.6 },
    { name: 'moa+default+enforced', accuracy: 0.55 },
    { name: 'round-robin', scheduler: 'fcfs', enforced: false, accuracy: 0.3 },
  ])
  const worthOf = (method: string) => attribution.parts.find((part) => part.method === method)?.comparison?.all

  it('finds what a part earns, and that another earns nothing', () => {
    expect(worthOf('greedy-solo')?.low).toBeGreaterThan(0.05)
    expect(worthOf('greedy-noinsurance')).toMatchObject({ estimate: 0, ties: 4 })
    expect(worthOf('greedy+fcfs+enforced')?.low).toBeGreaterThan(0.02)
  })

  it('names the ablations that are missing, and the command that makes them beside what is there', () => {
    const missing = attribution.parts.filter(({ comparison }) => comparison === null).map(({ method }) => method)
    expect(missing).toContain('greedy-blind')
    expect(missing).toContain('inframind+edf+enforced')
    expect(missing).not.toContain('greedy-solo')
    expect(attribution.command).toMatch(
      /^inframind bench --profile made-up --methods inframind,greedy-solo,.*,greedy-blind,.* --seeds 5 --out out$/,
    )
    for (const method of missing) expect(attribution.command).toContain(method)
  })

  it('says what of a gap goes away once scheduler and deadline are granted', () => {
    const moa = granted.gaps.find(({ base }) => base === 'moa')
    expect(moa?.asPublished.all?.estimate).toBeGreaterThan(0.3)
    expect(moa?.variants.map(({ method }) => method)).toEqual(['moa+fcfs+enforced'])
    const [published, left] = [moa?.asPublished.all?.estimate ?? 0, moa?.granted?.all?.estimate ?? 0]
    expect(moa?.shareGone).toBeCloseTo(1 - left / published, 12)
    expect(moa?.shareGone).toBeGreaterThan(0.7)
    expect(granted.gaps.find(({ base }) => base === 'round-robin')).toMatchObject({ granted: null, shareGone: null })
    expect(granted.command).toContain('round-robin+default+enforced')
  })

  it('takes the training-free stack as reference where it was run', () => {
    expect(attribution.reference).toBe('inframind')
    expect(numbersOf([{ name: 'greedy', accuracy: 0.6 }]).attribution.reference).toBe('greedy')
  })
})

describe('the regret table', () => {
  const fluid = () => ({ static_only: 0.85, none: 0.88, text: 0.9, difficulty: 0.96 })
  const bench = { methods: [{ ...ours, onTime: 0.8 }], fluid, datasets: ['math', 'mixed'] }
  const exact = resultsOf({ ...bench, methods: [{ ...ours, accuracy: 0.65, onTime: 0.8 }], know: 'exact' })

  it('splits the distance into parts that add up', () => {
    const { regret } = reportNumbers(resultsOf(bench), { exact })
    expect(regret?.rows).toHaveLength(8)
    for (const row of [...(regret?.rows ?? []), regret?.single, regret?.mixed]) {
      if (row == null) throw new Error('a row is missing')
      expect(row.information).toBeCloseTo(0.06, 12)
      expect(row.prediction).toBeGreaterThan(0)
      expect(row.distance).toBeCloseTo(0.96 - row.goodput, 12)
      const parts = row.information + (row.prediction ?? 0) + (row.queueing ?? 0) + (row.policy ?? 0)
      expect(parts).toBeCloseTo(row.distance, 12)
    }
  })

  it('finds the loss to queueing: a fifth was late, and what was in time was right as often', () => {
    const { regret } = reportNumbers(resultsOf(bench))
    const goodput = regret?.mixed?.goodput ?? 0
    // 0.8 of the queries earned it all; the other 0.2 would have added a quarter of it.
    expect(regret?.mixed?.queueing).toBeCloseTo(goodput / 4, 1)
    expect(regret?.mixed).toMatchObject({ prediction: null })
    const onTime = reportNumbers(resultsOf({ ...bench, methods: [ours] })).regret
    expect(onTime?.mixed?.queueing).toBeCloseTo(0, 12)
  })

  it('counts what insurance and cut answers earned: as good as the others, nothing was lost', () => {
    const insured = reportNumbers(resultsOf({ ...bench, methods: [{ ...ours, strict: 0.5 }] })).regret
    expect(insured?.mixed?.queueing).toBeCloseTo(0, 1)
  })

  it('is absent without lines, and silent where no answer was strict', () => {
    expect(numbersOf([]).regret).toBeNull()
    const none = reportNumbers(resultsOf({ ...bench, methods: [{ ...ours, strict: 0 }] })).regret
    expect(none?.mixed).toMatchObject({ queueing: null, policy: null })
  })
})

describe('cost, queues, prediction', () => {
  const numbers = numbersOf([{ name: 'random', accuracy: 0, chosen: 'single:small-8b:Flash' }])

  it('counts what all answers used per correct one in time', () => {
    const [cost] = numbers.costs
    const perQuery = 2 * 5 * 150
    expect(cost).toMatchObject({ method: 'inframind', ratePerMinute: 30, joules: null })
    expect(cost?.calls).toBeCloseTo((2 * perQuery) / (cost?.correctOnTime ?? 0), 12)
    expect(numbers.costs.find(({ method }) => method === 'random')).toMatchObject({
      correctOnTime: 0,
      outputTokens: null,
    })
  })

  it('pools queues over budgets and seeds', () => {
    expect(numbers.queues[0]).toMatchObject({
      method: 'inframind',
      models: [
        { model: 'small-8b', mean: 2.5, p95: 4, idleShare: 0.25 },
        { model: 'large-32b', mean: 5, p95: 8, idleShare: 0 },
      ],
    })
  })

  it('gives bias, spread and coverage of the predicted times', () => {
    const [step, query] = numbers.predictions
    expect(step).toMatchObject({ of: 'step', count: 1000, bias: 0.1, coverage50: 0.5, coverage95: 0.9 })
    expect(step?.spread).toBeCloseTo(Math.sqrt(0.05 - 0.01), 12)
    expect(query).toMatchObject({ of: 'query', bias: -0.1, coverage50: null })
  })
})

describe('cells', () => {
  it('have no latency where a seed was unstable', () => {
    const { cells } = numbersOf([], { methods: [{ ...ours, unstableFrom: 100 }], budgets: [30] })
    expect(cells).toMatchObject([
      { ratePerMinute: 30, isStable: true, meanMs: 1200, p95Ms: 2700, degradedShare: 0.02 },
      { ratePerMinute: 100, isStable: false, meanMs: null, p95Ms: null, backlogSlope: 12 },
    ])
  })
})

describe('the default', () => {
  const greedy: FakeMethod = { name: 'greedy', accuracy: 0.5 }

  it('is the training-free stack while no learned one was run', () => {
    expect(numbersOf([greedy]).defaultChoice).toMatchObject({ default: 'greedy', candidates: [] })
  })

  it('is a learned one that wins most cells and loses none', () => {
    const { defaultChoice } = numbersOf([greedy, { name: 'ppo', accuracy: 0.7 }])
    expect(defaultChoice).toMatchObject({ default: 'ppo', candidates: [{ qualifies: true }] })
  })

  it('stays where the learned one loses a cell', () => {
    const ppo: FakeMethod = {
      name: 'ppo',
      accuracy: ({ ratePerMinute, budgetSeconds }) => (ratePerMinute === 100 && budgetSeconds === 30 ? 0.2 : 0.7),
    }
    const { defaultChoice } = numbersOf([greedy, ppo])
    expect(defaultChoice).toMatchObject({ default: 'greedy', candidates: [{ qualifies: false }] })
  })
})
