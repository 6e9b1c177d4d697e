import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { benchRowSchema } from '../bench-row.ts'
import { unpackBits } from './bits.ts'
import { neverMs, type QueryOutcome, unanswered } from './query-outcome.ts'
import { type CellIdentity, type RunTotals, scoreCell } from './score-cell.ts'

const cell: CellIdentity = {
  method: 'moa',
  scheduler: 'fcfs',
  isEnforced: false,
  dataset: 'math',
  ratePerMinute: 60,
  budgetSeconds: 10,
  seed: 3,
}
const totals: RunTotals = {
  outputTokens: 1000,
  calls: 12,
  gpuSeconds: 3.5,
  backlogPerMinute: 0.5,
  isGrowing: false,
}
const anOutcome = (parts: Partial<QueryOutcome> = {}): QueryOutcome => ({
  latencyMs: 5000,
  isCorrect: true,
  isStrict: true,
  isDegraded: false,
  budgetMs: 30_000,
  ...parts,
})

describe('a cell', () => {
  const outcomes = [
    anOutcome(),
    anOutcome({ latencyMs: 10_000, isCorrect: false }),
    anOutcome({ latencyMs: 10_001 }),
    anOutcome({ latencyMs: 7000, isStrict: false, isDegraded: true }),
    unanswered(30_000),
  ]
  const scored = scoreCell(cell, outcomes, totals)

  it('counts every arrival, and what is on the dot as in time', () => {
    expect(scored.row).toMatchObject({
      arrived: 5,
      answered: 4,
      on_time: 3,
      strict_on_time: 2,
      correct: 3,
      correct_on_time: 2,
      degraded: 1,
      accuracy: 0.6,
      slo_attainment: 0.6,
      strict_attainment: 0.4,
      correct_goodput: 0.4,
    })
  })

  it('says who, where and at what cost', () => {
    expect(scored.row).toMatchObject({
      method: 'moa',
      scheduler: 'fcfs',
      enforced: false,
      dataset: 'math',
      rate_per_min: 60,
      budget_s: 10,
      seed: 3,
      output_tokens: 1000,
      calls: 12,
      gpu_seconds: 3.5,
      joules: null,
    })
  })

  it('has one bit per query, in order of arrival', () => {
    expect(unpackBits(scored.onTimeBits, 5)).toEqual([true, true, false, true, false])
    expect(unpackBits(scored.correctOnTimeBits, 5)).toEqual([true, false, false, true, false])
    expect(unpackBits(scored.strictOnTimeBits, 5)).toEqual([true, true, false, false, false])
  })

  it('takes latencies of the answered alone, quantiles between order statistics', () => {
    const { mean_ms, p50_ms, p95_ms, p99_ms } = scored.row
    expect(mean_ms).toBe((5000 + 10_000 + 10_001 + 7000) / 4)
    expect(p50_ms).toBe(8500)
    expect(p95_ms).toBeCloseTo(10_000.85, 9)
    expect(p99_ms).toBeCloseTo(10_000.97, 9)
  })

  it('measures each query by its own budget where budgets are mixed', () => {
    const mixed = [anOutcome({ budgetMs: 4000 }), anOutcome({ budgetMs: 5000 }), anOutcome({ budgetMs: 300_000 })]
    const { row, onTimeBits } = scoreCell({ ...cell, budgetSeconds: null }, mixed, totals)
    expect(row).toMatchObject({ budget_s: null, on_time: 2 })
    expect(unpackBits(onTimeBits, 3)).toEqual([false, true, true])
  })

  it('of nobody has shares of 0 and no latencies', () => {
    const { row } = scoreCell(cell, [], totals)
    expect(row).toMatchObject({ arrived: 0, correct_goodput: 0, slo_attainment: 0, mean_ms: null, p99_ms: null })
    expect(benchRowSchema.parse(row)).toEqual(row)
  })

  it('of which nobody was answered has no latencies either', () => {
    expect(scoreCell(cell, [unanswered(1)], totals).row).toMatchObject({ answered: 0, accuracy: 0, p50_ms: null })
  })

  it.each([
    ['a backlog that grows for good by more than 2 % of the arrivals', 1.21, true, false],
    ['one that grows for good by less', 1.19, true, true],
    ['a steep slope that may be chance', 50, false, true],
    ['a backlog that shrinks', -50, true, true],
  ])('of %s (%s per minute, growing %s) is stable: %s', (_name, backlogPerMinute, isGrowing, stable) => {
    const { row } = scoreCell(cell, outcomes, { ...totals, backlogPerMinute, isGrowing })
    expect(row.stable).toBe(stable)
    expect(row.mean_ms === null).toBe(!stable)
    expect(row.backlog_slope).toBe(backlogPerMinute)
    expect(row.on_time).toBe(3)
  })

  it('never counts more of the stricter, whatever came', () => {
    const anyOutcome = fc
      .record({
        latencyMs: fc.oneof(fc.constant(neverMs), fc.double({ min: 0, max: 60_000, noNaN: true })),
        isCorrect: fc.boolean(),
        isStrict: fc.boolean(),
        budgetMs: fc.constantFrom(1000, 30_000),
      })
      .map(({ latencyMs, isCorrect, isStrict, budgetMs }): QueryOutcome => {
        if (latencyMs === neverMs) return unanswered(budgetMs)
        return { latencyMs, isCorrect, isStrict, isDegraded: !isStrict, budgetMs }
      })
    fc.assert(
      fc.property(fc.array(anyOutcome, { maxLength: 40 }), fc.constantFrom(null, 1, 30), (list, budgetSeconds) => {
        const { row } = scoreCell({ ...cell, budgetSeconds }, list, totals)
        expect(benchRowSchema.parse(row)).toEqual(row)
        expect(row.arrived).toBe(list.length)
        for (const [less, more] of [
          ['strict_on_time', 'on_time'],
          ['correct_on_time', 'on_time'],
          ['correct_on_time', 'correct'],
          ['on_time', 'answered'],
          ['correct', 'answered'],
          ['degraded', 'answered'],
          ['answered', 'arrived'],
        ] as const)
          expect(row[less]).toBeLessThanOrEqual(row[more])
      }),
    )
  })
})
