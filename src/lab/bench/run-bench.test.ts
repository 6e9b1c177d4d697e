/** Whole benchmarks in this thread: half a minute of queries each. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  createOutFolders,
  paperModelIds,
  playBench,
  smallOptions,
  summaryBytes,
} from '../../../test/bench/small-bench.ts'
import { ConfigError } from '../../core/index.ts'
import { writeReport } from '../report/index.ts'
import type { BenchOptions } from './bench-options.ts'
import type { BenchProgress, RunBenchOptions } from './run-bench.ts'
import { type Summary, summarySchema } from './summary.ts'

const folders = createOutFolders()
afterEach(folders.clear)

/** Plays, and gives what was told of the progress. */
async function playTold(options: BenchOptions, out: string, more: Partial<RunBenchOptions> = {}) {
  const told: BenchProgress[] = []
  await playBench(options, out, { onProgress: (progress) => void told.push(progress), ...more })
  return { first: told[0]!, last: told.at(-1)!, told }
}

/** Plays into a folder of its own. */
async function play(parts: Partial<BenchOptions>): Promise<{ readonly summary: Summary; readonly bytes: string }> {
  const out = folders.next()
  const summary = await playBench(smallOptions(parts), out)
  if (summary === null) throw new Error('it was interrupted')
  return { summary, bytes: summaryBytes(out) }
}

async function problemsOf(parts: Partial<BenchOptions>, out = folders.next()) {
  const failure = await playBench(smallOptions(parts), out).then(
    () => null,
    (error: unknown) => error,
  )
  expect(failure).toBeInstanceOf(ConfigError)
  return (failure as ConfigError).problems
}

const runsIn = (out: string) => readdirSync(join(out, 'runs')).sort()

describe('a benchmark', () => {
  const grid = { methods: ['inframind', 'least-loaded'], budgets: [10, null], rates: [30, 120], seeds: 2, seed: 4 }

  it('writes the same bytes for the same command, twice and with a line for the ideal', async () => {
    const parts = { ...grid, rates: [30], budgets: [10], know: 'estimated', fluid: true, seeds: 1 } as const
    const [first, second] = [await play(parts), await play(parts)]
    expect(second.bytes).toBe(first.bytes)
    expect(JSON.parse(first.bytes)).toEqual(first.summary)
    expect(first.summary.fluid).toHaveLength(1)
    for (const { none, difficulty } of first.summary.fluid ?? []) expect(difficulty).toBeGreaterThanOrEqual(none - 1e-9)
    expect((await play({ ...parts, seed: 5 })).summary.rows).not.toEqual(first.summary.rows)
  })

  it('has one row for every method, set, rate, budget and seed, in this order', async () => {
    const { summary } = await play(grid)
    expect(summarySchema.parse(summary)).toEqual(summary)
    const places = summary.rows.map((row) => [row.method, row.rate_per_min, row.budget_s, row.seed])
    const wanted = grid.methods.flatMap((method) =>
      grid.rates.flatMap((rate) =>
        grid.budgets.flatMap((budget) => [4, 5].map((seed) => [method, rate, budget, seed])),
      ),
    )
    expect(places).toEqual(wanted)
    expect(summary.meta).toMatchObject({ seed: 4, seeds: 2, profile: 'paper-b200', kind: 'simulated', know: 'exact' })
    const { train, validation, test } = summary.meta.questions['synthetic-math']!
    expect(train + validation + test).toBe(600)
  })

  it('has every method meet as many queries', async () => {
    const { summary } = await play(grid)
    const arrived = (method: string) =>
      summary.rows.filter((row) => row.method === method).map((row) => [row.rate_per_min, row.seed, row.arrived])
    expect(arrived('least-loaded')).toEqual(arrived('inframind'))
  })

  it('leaves what a report can be made of', async () => {
    const out = folders.next()
    await playBench(smallOptions({ ...grid, budgets: [10] }), out)
    const { report } = await writeReport(out)
    const text = readFileSync(report, 'utf8')
    for (const method of grid.methods) expect(text).toContain(method)
  })

  it('tells how far it is', async () => {
    const options = smallOptions({ methods: ['least-loaded', 'random'], seeds: 2 })
    const out = folders.next()
    const { told } = await playTold(options, out)
    expect(told.map(({ done }) => done)).toEqual(expect.arrayContaining([0, 1, 2, 3, 4]))
    expect(told.every(({ resumed }) => resumed === 0)).toBe(true)
    expect(told.at(-1)).toEqual({ done: 4, total: 4, resumed: 0 })
    expect((await playTold(options, out)).first).toEqual({ done: 4, total: 4, resumed: 4 })
  })
})

describe('records', () => {
  const recordsOf = async (records: BenchOptions['records']) => {
    const out = folders.next()
    const options = smallOptions({ records, rates: [300], methods: ['least-loaded'] })
    const summary = await playBench(options, out)
    const files = readdirSync(out).includes('records') ? readdirSync(join(out, 'records')) : []
    const lines = files.flatMap((file) =>
      readFileSync(join(out, 'records', file), 'utf8')
        .trim()
        .split('\n'),
    )
    return { arrived: summary!.rows[0]!.arrived, files, lines, bytes: summaryBytes(out) }
  }

  it('are kept as asked, and change no result', async () => {
    const [none, sample, all] = [await recordsOf('none'), await recordsOf('sample'), await recordsOf('all')]
    expect([none.files.length, sample.lines.length, all.lines.length]).toEqual([0, 100, all.arrived])
    expect(all.arrived).toBeGreaterThan(100)
    expect(JSON.parse(all.lines[0]!)).toMatchObject({ schema: 'inframind.run/1' })
    expect([sample.bytes, all.bytes]).toEqual([none.bytes, none.bytes])
    expect(sample.lines).toEqual(all.lines.slice(0, 100))
  })
})

describe('an interrupted benchmark', () => {
  const quick = { profile: 'small', budgets: [3, 10], rates: [120], minutes: 0.2 }
  const plain = smallOptions({ ...quick, methods: ['inframind', 'random', 'least-loaded'] })
  // A second pass, where arms that were late are played again, and chosen from.
  const options = smallOptions({ ...quick, methods: ['random', 'best-fixed'] })

  /** Stops after `count` runs. */
  async function stopAfter(count: number, of: BenchOptions, out: string): Promise<Summary | null> {
    const stop = new AbortController()
    const onProgress = ({ done }: BenchProgress) => {
      if (done >= count) stop.abort()
    }
    return playBench(of, out, { signal: stop.signal, onProgress })
  }

  let bytes = ''
  let runs = 0
  beforeAll(async () => {
    const out = folders.next()
    runs = (await playTold(options, out)).last.total
    bytes = summaryBytes(out)
  })

  it('goes on from every point to the same bytes', async () => {
    const whole = folders.next()
    expect((await playTold(plain, whole)).last.total).toBe(4)
    for (let count = 0; count <= 4; count += 1) {
      const out = folders.next()
      expect(await stopAfter(count, plain, out), `stopped after ${count}`).toBeNull()
      expect(readdirSync(out)).toEqual(['runs'])
      expect(runsIn(out)).toHaveLength(count)
      expect((await playTold(plain, out)).last.resumed).toBe(count)
      expect(summaryBytes(out), `stopped after ${count}`).toBe(summaryBytes(whole))
    }
  })

  it('may be interrupted again and again, in the second pass too', async () => {
    const out = folders.next()
    const arms = 1 + 3 * 3
    expect(runs).toBeGreaterThan(arms)
    for (const count of [1, arms - 1, arms, arms + 1, runs]) expect(await stopAfter(count, options, out)).toBeNull()
    expect(readdirSync(out)).toEqual(['runs'])
    await playBench(options, out)
    expect(summaryBytes(out)).toBe(bytes)
  })

  it.each<[string, (path: string) => void]>([
    ['gone', (path) => rmSync(path)],
    ['empty', (path) => writeFileSync(path, '')],
    ['half', (path) => writeFileSync(path, readFileSync(path, 'utf8').slice(0, 700))],
    [
      'of other inputs',
      (path) => writeFileSync(path, readFileSync(path, 'utf8').replace(/"inputsHash":"./, '"inputsHash":"?')),
    ],
    ['a draft only', (path) => writeFileSync(`${path}.part`, '{')],
  ])('mends a run that is %s', async (_name, spoil) => {
    const out = folders.next()
    await playBench(options, out)
    for (const file of runsIn(out).filter((_, index) => index % 4 === 0)) spoil(join(out, 'runs', file))
    rmSync(join(out, 'summary.json'))
    await playBench(options, out)
    expect(summaryBytes(out)).toBe(bytes)
  })
})

describe('a folder that holds other results', () => {
  const trace = mkdtempSync(join(tmpdir(), 'inframind-trace-'))
  const file = join(trace, 'trace.csv')
  /** Arrivals in pairs, or one by one. */
  const writeTrace = (together: number) => {
    const atMs = Array.from({ length: 60 }, (_, index) => Math.floor(index / together) * together * 1000)
    const rows = atMs.map((ms) => `${new Date(ms).toISOString()},1,1`)
    writeFileSync(file, `TIMESTAMP,ContextTokens,GeneratedTokens\n${rows.join('\n')}\n`)
  }
  afterAll(() => rmSync(trace, { recursive: true, force: true }))

  const base = { methods: ['inframind'], know: 'estimated', minutes: 0.3 } as const
  it.each<[string, Partial<BenchOptions>]>([
    ['time', { minutes: 0.4 }],
    ['warm-up', { warmUpMinutes: 0.2 }],
    ['knowledge', { know: 'biased' }],
    ['arrivals', { arrivals: 'on-off' }],
    ['faults', { faults: ['down'] }],
    ['engines', { prefixCache: true }],
    ['profile', { profile: 'paper-h100' }],
    ['part of the questions', { part: 'validation' }],
    ['seed', { seed: 9 }],
    ['budget', { budgets: [3] }],
    ['rate', { rates: [200] }],
    ['depth of knowledge: further sets tell of the domain', { datasets: ['synthetic-math', 'synthetic-code'] }],
  ])('takes none of them up under another %s', async (_name, change) => {
    const out = folders.next()
    await playBench(smallOptions(base), out)
    const { last } = await playTold(smallOptions({ ...base, ...change }), out)
    expect(summaryBytes(out)).toBe((await play({ ...base, ...change })).bytes)
    expect(last.resumed).toBe(0)
  })

  it('takes none of them up where the trace of the arrivals has changed', async () => {
    const out = folders.next()
    const options = smallOptions({ ...base, methods: ['random'], arrivals: `trace:${file}` })
    writeTrace(1)
    await playBench(options, out)
    const before = summaryBytes(out)
    writeTrace(2)
    expect((await playTold(options, out)).last.resumed).toBe(0)
    expect(summaryBytes(out)).not.toBe(before)
  })

  it('is taken up by more of the same: only what is new is played', async () => {
    const out = folders.next()
    await playBench(smallOptions({ ...base, rates: [60] }), out)
    const { first } = await playTold(smallOptions({ ...base, rates: [60, 120] }), out)
    expect(first).toEqual({ done: 1, total: 2, resumed: 1 })
  })
})

describe('a disk that takes no more', () => {
  const options = smallOptions({ methods: ['random', 'least-loaded'], seeds: 2 })

  it.each(['summary.json', 'runs/least-loaded__synthetic-math__60__10__1.json'])(
    'at %s is told with path and fix; what is there is whole, and the same command ends it',
    async (place) => {
      const whole = folders.next()
      await playBench(options, whole)
      const out = folders.next()
      // A folder in its place: what cannot be written fails here for every user, the superuser too.
      mkdirSync(join(out, place), { recursive: true })
      const [problem] = await problemsOf(options, out)
      expect(problem).toMatchObject({ path: join(out, place), fix: expect.stringMatching(/--out.*same command/) })
      expect(runsIn(out).filter((file) => file.endsWith('.part'))).toEqual([])
      expect(readdirSync(out)).not.toContain('summary.json.part')
      for (const name of runsIn(out).filter((file) => join('runs', file) !== place))
        expect(() => JSON.parse(readFileSync(join(out, 'runs', name), 'utf8'))).not.toThrow()
      rmSync(join(out, place), { recursive: true })
      await playBench(options, out)
      expect(summaryBytes(out)).toBe(summaryBytes(whole))
    },
  )

  it('at the folder itself is told before anything is played', async () => {
    const out = folders.next()
    writeFileSync(join(out, 'runs'), '')
    expect(await problemsOf(options, out)).toMatchObject([{ path: join(out, 'runs') }])
  })
})

describe('what cannot be had', () => {
  it.each<[string, Partial<BenchOptions>, string, string]>([
    ['an unknown method', { methods: ['infamind'] }, '--methods', 'inframind'],
    ['an unknown suffix of best-fixed', { methods: ['best-fixed+fcsf'] }, '--methods', '+fcfs'],
    ['an unknown set', { datasets: ['synthetic-maths'] }, '--datasets', 'synthetic-math'],
    ['an unknown profile', { profile: 'paper-b20' }, '--profile', 'paper-b200'],
    ['unknown arrivals', { arrivals: 'poison' }, '--arrivals', 'poisson'],
    ['an unknown fault', { faults: ['dwon'] }, '--faults', 'down'],
    ['an empty list', { rates: [] }, '--rates', '--rates'],
  ])('%s is told with path and fix, and nothing is written', async (_name, parts, path, fix) => {
    const out = join(folders.next(), 'results')
    expect(await problemsOf(parts, out)).toContainEqual(
      expect.objectContaining({ path, fix: expect.stringContaining(fix) }),
    )
    expect(readdirSync(join(out, '..'))).toEqual([])
  })

  it('a broken data folder is told with file and line', async () => {
    const data = folders.next()
    writeFileSync(
      join(data, 'gsm8k_test.jsonl'),
      '{"question": "What is 2 + 2?", "answer": "#### 4"}\n{"question": "Wh\n',
    )
    const problems = await problemsOf({ data, datasets: ['gsm8k'] })
    expect(problems[0]?.path).toContain('gsm8k_test.jsonl')
    expect(problems[0]?.path).toContain('2')
    expect(await problemsOf({ data: join(data, 'nowhere'), datasets: ['gsm8k'] })).toHaveLength(1)
    expect(await problemsOf({ data: folders.next(), datasets: ['mixed'] })).toHaveLength(1)
  })

  it('questions without a known answer are told to be for live runs', async () => {
    const data = folders.next()
    const lines = Array.from({ length: 40 }, (_, index) =>
      JSON.stringify({ messages: [{ role: 'user', content: `Write ${index} lines on the sea.` }], regex: 'sea' }),
    )
    writeFileSync(join(data, 'poems.jsonl'), `${lines.join('\n')}\n`)
    const problems = await problemsOf({ data, datasets: ['poems'] })
    expect(problems).toMatchObject([{ path: '--datasets poems', fix: expect.stringContaining('--live') }])
  })
})

describe('arms of the pool', () => {
  it('are those of the profile', async () => {
    const { summary } = await play({ methods: [`single:${paperModelIds[4]}:Flash`] })
    expect(summary.rows[0]?.method).toBe(`single:${paperModelIds[4]}:Flash`)
    expect(await problemsOf({ methods: ['single:gpt-9:Flash'] })).toMatchObject([{ path: '--methods', got: 'gpt-9' }])
  })
})
