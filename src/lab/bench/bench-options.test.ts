import { describe, expect, it } from 'vitest'
import { smallOptions } from '../../../test/bench/small-bench.ts'
import { ConfigError } from '../../core/index.ts'
import { type BenchOptions, canonicalCommand, checkBenchOptions } from './bench-options.ts'

function problemsOf(parts: Partial<BenchOptions>): readonly string[] {
  try {
    checkBenchOptions(smallOptions(parts))
    return []
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    return (error as ConfigError).problems.map(({ path, got }) => `${path}: ${got}`)
  }
}

describe('what a benchmark is asked for', () => {
  it('can be had', () => {
    expect(problemsOf({})).toEqual([])
    expect(problemsOf({ budgets: [10, null], rates: [0.5, 100_000], minutes: 2, warmUpMinutes: 0 })).toEqual([])
    // Exactly one arrival is to be expected.
    expect(problemsOf({ rates: [2], minutes: 0.5 })).toEqual([])
  })

  it.each<[string, Partial<BenchOptions>, string]>([
    ['no sets', { datasets: [] }, '--datasets: none'],
    ['no methods', { methods: [] }, '--methods: none'],
    ['no rates', { rates: [] }, '--rates: none'],
    ['no budgets', { budgets: [] }, '--budgets: none'],
    ['a set twice', { datasets: ['math', 'mbpp', 'math'] }, '--datasets: math'],
    ['a method twice', { methods: ['moa', 'moa'] }, '--methods: moa'],
    ['a rate twice', { rates: [60, 60] }, '--rates: 60'],
    ['a mix of budgets twice', { budgets: [null, 10, null] }, '--budgets: mix'],
    ['a rate of nothing', { rates: [0] }, '--rates: 0'],
    ['a rate that is no number', { rates: [Number.NaN] }, '--rates: NaN'],
    ['too high a rate', { rates: [1e6] }, '--rates: 1000000'],
    ['a budget below 50 ms', { budgets: [0.01] }, '--budgets: 0.01'],
    ['a budget of days', { budgets: [100_000] }, '--budgets: 100000'],
    ['no time', { minutes: 0 }, '--minutes: 0'],
    ['negative warm-up', { warmUpMinutes: -1 }, '--warm-up: -1'],
    ['no seeds', { seeds: 0 }, '--seeds: 0'],
    ['polls without a pause', { pollMs: 0 }, '--poll-ms: 0'],
    ['noise below none', { metricsNoise: -0.1 }, '--metrics-noise: -0.1'],
    ['metrics of yesterday', { metricsAge: 86_400 }, '--metrics-age: 86400'],
    ['no arrival in the time', { rates: [1], minutes: 0.5 }, '--rates: 1 per minute for 0.5 minutes'],
    [
      'too many cells',
      { seeds: 10_000, budgets: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], rates: [60, 61] },
      '(grid): 220000',
    ],
  ])('is refused: %s', (_name, parts, problem) => {
    expect(problemsOf(parts)).toContain(problem)
  })

  it('is told all that is wrong with it at once', () => {
    expect(problemsOf({ methods: [], rates: [60, 60], minutes: -1 })).toEqual(
      expect.arrayContaining(['--methods: none', '--rates: 60', '--minutes: -1']),
    )
  })
})

describe('the canonical command', () => {
  it('says everything that can change the results, and nothing that cannot', () => {
    expect(canonicalCommand(smallOptions())).toBe(
      'inframind bench --profile paper-b200 --datasets synthetic-math --methods least-loaded --rates 60 --budgets 10 ' +
        '--arrivals poisson --minutes 0.5 --warm-up 0.1 --seeds 1 --seed 1 --know exact --no-fluid',
    )
    expect(canonicalCommand(smallOptions({ records: 'all' }))).toBe(canonicalCommand(smallOptions()))
  })

  it.each<[Partial<BenchOptions>, string]>([
    [{ data: '/somewhere' }, '--data DIR'],
    [{ budgets: [10, null] }, '--budgets 10,mix'],
    [{ faults: ['down', 'slow:small'] }, '--faults down,slow:small'],
    [{ prefixCache: true }, '--prefix-cache'],
    [{ know: 'biased' }, '--know biased'],
    [{ pollMs: 5000, metricsNoise: 0.5, metricsAge: 10 }, '--poll-ms 5000 --metrics-noise 0.5 --metrics-age 10'],
    [{ methods: ['moa', 'best-fixed+edf'] }, '--methods moa,best-fixed+edf'],
  ])('has %j as %s', (parts, words) => {
    expect(canonicalCommand(smallOptions(parts))).toContain(words)
  })

  it('leaves out what is so anyway', () => {
    expect(canonicalCommand(smallOptions({ fluid: true, pollMs: 1000, metricsNoise: 0, metricsAge: 0 }))).not.toMatch(
      /--(no-fluid|faults|prefix-cache|data |poll|metrics)/,
    )
  })
})
