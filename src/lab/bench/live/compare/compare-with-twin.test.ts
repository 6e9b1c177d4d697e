/** @file Intervals, and a live row held against them. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../../core/index.ts'
import { createStepTimer } from '../../../../twin/engine/step-time.ts'
import { loadProfile } from '../../../profile-file.ts'
import type { BenchRow } from '../../bench-row.ts'
import { parseMethod } from '../../methods/index.ts'
import { playRun } from '../../play/index.ts'
import type { LiveOptions } from '../live-options.ts'
import { createLiveSetting } from '../live-setting.ts'
import { compareRow, compareWithTwin } from './compare-with-twin.ts'
import { fasterProfile } from './faster-profile.ts'
import { predictionInterval, studentQuantile } from './prediction-interval.ts'

const row: BenchRow = {
  ...{ method: 'live:m', scheduler: 'default', enforced: true, dataset: 'd', rate_per_min: 6, budget_s: 10, seed: 1 },
  ...{ arrived: 60, answered: 60, on_time: 60, strict_on_time: 58, correct: 50, correct_on_time: 50, degraded: 2 },
  ...{ accuracy: 50 / 60, slo_attainment: 1, strict_attainment: 58 / 60, correct_goodput: 50 / 60 },
  ...{ mean_ms: 4000, p50_ms: 3000, p95_ms: 8000, p99_ms: 9000, backlog_slope: 0, stable: true },
  ...{ output_tokens: 6000, calls: 90, gpu_seconds: 0, joules: null },
}

describe('predictionInterval', () => {
  it.each([
    // Tables of Student's t, 0.975.
    [9, 2.2622],
    [19, 2.093],
    [29, 2.0452],
    [120, 1.9799],
  ])('knows the quantile of t for %i degrees of freedom', (degrees, expected) => {
    expect(studentQuantile(0.975, degrees)).toBeCloseTo(expected, 3)
  })

  it('holds 95 % of new values of the same kind', () => {
    const random = createRandom(7)
    let inside = 0
    for (let trial = 0; trial < 4000; trial += 1) {
      const [low, high] = predictionInterval(Array.from({ length: 20 }, () => random.normal()))
      const value = random.normal()
      if (value >= low && value <= high) inside += 1
    }
    // Four standard errors.
    expect(Math.abs(inside / 4000 - 0.95)).toBeLessThan(0.014)
  })

  it('moves and stretches with its values, and is a point where they agree', () => {
    const values = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 10, maxLength: 30 })
    fc.assert(
      fc.property(values, (given) => {
        const [low, high] = predictionInterval(given)
        const [lowTwice, highTwice] = predictionInterval(given.map((value) => 2 * value + 5))
        expect(lowTwice).toBeCloseTo(2 * low + 5, 6)
        expect(highTwice).toBeCloseTo(2 * high + 5, 6)
      }),
    )
    expect(predictionInterval(Array(10).fill(3))).toEqual([3, 3])
    expect(() => predictionInterval([1, 2, 3])).toThrow('at least 10')
  })
})

describe('compareRow', () => {
  const twin: readonly BenchRow[] = Array.from({ length: 20 }, (_, index) => ({
    ...row,
    mean_ms: 3900 + 10 * index,
    calls: 80 + index,
  }))
  const outside = (live: BenchRow, rows = twin) =>
    compareRow(live, rows)
      .filter(({ isInside }) => !isInside)
      .map(({ metric }) => metric)

  it('finds a row of the same kind inside throughout', () => {
    expect(outside(row)).toEqual([])
    expect(compareRow(row, twin)).toHaveLength(18)
  })

  it('finds what is off, each metric by itself', () => {
    expect(outside({ ...row, mean_ms: 5000, calls: 200 })).toEqual(['mean_ms', 'calls'])
  })

  it('allows no difference where the twin shows none', () => {
    expect(outside({ ...row, slo_attainment: 59 / 60 })).toEqual(['slo_attainment'])
  })

  it('takes a latency that is left out only where the twin leaves it out too', () => {
    const without = { ...row, mean_ms: null }
    expect(outside(without)).toEqual(['mean_ms'])
    expect(
      outside(
        without,
        twin.map((one) => ({ ...one, mean_ms: null })),
      ),
    ).toEqual([])
    expect(
      outside(
        row,
        twin.map((one) => ({ ...one, mean_ms: null })),
      ),
    ).toEqual(['mean_ms'])
  })
})

describe('fasterProfile', () => {
  const profile = loadProfile('paper-b200')

  it('divides every time of every engine, and nothing else', () => {
    const faster = fasterProfile(profile, 10)
    for (const [model, machine] of Object.entries(profile.models)) {
      const [plain, quick] = [createStepTimer(machine), createStepTimer(faster.models[model]!)]
      const load = { decodeSequences: 7, kvTokens: 9000, prefillTokens: 400 }
      expect(quick.decodeMs(9000)).toBeCloseTo(plain.decodeMs(9000) / 10, 9)
      expect(quick.prefillMs(load)).toBeCloseTo(plain.prefillMs(load) / 10, 9)
      expect(faster.models[model]!.slots).toEqual(machine.slots)
    }
    expect(faster.apiOverheadMs.value).toBe(profile.apiOverheadMs.value / 10)
    expect(faster.truth).toBe(profile.truth)
    expect(fasterProfile(profile, 1)).toBe(profile)
  })
})

const options: LiveOptions = {
  ...{ url: 'http://nowhere', key: null, model: 'inframind', timeScale: 1, data: null, datasets: ['synthetic-choice'] },
  ...{ rates: [30], budgets: [30], arrivals: 'poisson', minutes: 1, warmUpMinutes: 0, seeds: 1, seed: 1 },
}

describe('compareWithTwin', () => {
  const profile = loadProfile('paper-b200')

  it('finds a run of the twin itself inside, and one of another method outside', async () => {
    const setting = createLiveSetting(options)
    const playAs = async (name: string) => {
      const method = parseMethod(name, Object.keys(profile.models))
      const { cells } = await playRun({
        ...{
          key: '',
          inputsHash: '',
          dataset: 'synthetic-choice',
          budgetsSeconds: [30],
          profile,
          prior: profile.prior,
        },
        ...{ ...setting.asked('synthetic-choice'), method, arrivals: setting.arrivals, ratePerMinute: 30, seed: 1 },
        ...{ minutes: 1, warmUpMinutes: 0 },
      })
      return cells.map((cell) => cell.row)
    }
    const method = 'single:Llama-3.1-8B-Instruct:Concise'
    const same = await compareWithTwin({ profile, options, rows: await playAs(method), method, twinSeeds: 10 })
    expect(same.compared).toBe(18)
    expect(same.inside).toBeGreaterThanOrEqual(16)
    expect(same.twinSeeds).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
    const other = await playAs('single:DeepSeek-R1-Distill-Qwen-32B:DeepThink')
    const compared = await compareWithTwin({ profile, options, rows: other, method, twinSeeds: 10 })
    expect(compared.cells[0]!.metrics.find(({ metric }) => metric === 'mean_ms')?.isInside).toBe(false)
    expect(compared.inside).toBeLessThan(same.inside)
  })

  it('refuses mixed budgets under a time-scale: they cannot be divided', async () => {
    const input = { profile, options: { ...options, timeScale: 10, budgets: [null] }, rows: [] }
    await expect(compareWithTwin(input)).rejects.toThrow('--budgets')
  })
})
