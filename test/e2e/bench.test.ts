/**
 * @file `inframind bench` as its user meets it: worker threads, Ctrl-C, a disk that takes no more. What it computes is
 * tested beside its source.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runResultSchema, summarySchema } from '../../src/lab/bench/index.ts'
import { isBuilt, startBench } from '../bench/bench-process.ts'
import { createOutFolders, summaryBytes } from '../bench/small-bench.ts'
import { until } from './http-client.ts'

const grid =
  '--profile small --datasets synthetic-math --methods inframind,best-fixed,moa --rates 120 --budgets 2,20 ' +
  '--minutes 0.4 --warm-up 0.1 --seeds 1 --no-fluid'

const flagsOf = (out: string, ...more: readonly string[]) => [...grid.split(' '), '--out', out, ...more]
const runsIn = (out: string) => readdirSync(join(out, 'runs'))

/** Every run that is there is whole, and nothing else lies about. */
function expectWhole(out: string): void {
  for (const file of runsIn(out)) {
    expect(file).toMatch(/\.json$/)
    runResultSchema.parse(JSON.parse(readFileSync(join(out, 'runs', file), 'utf8')))
  }
  expect(readdirSync(out).filter((name) => name.endsWith('.part'))).toEqual([])
}

describe.skipIf(!isBuilt)(isBuilt ? 'bench' : 'bench (skipped: dist is missing, see npm run build)', () => {
  const folders = createOutFolders()
  const one = folders.next()
  let summary = ''
  beforeAll(async () => {
    const { code, out, notes } = await startBench(flagsOf(one, '--jobs', '1', '--json')).ended
    expect(code, notes).toBe(0)
    summary = summaryBytes(one)
    expect(out).toBe(summary)
  })
  afterAll(folders.clear)

  /** It says how to add to the folder that it lies in. */
  const reportOf = (out: string) => readFileSync(join(out, 'report.md'), 'utf8').replaceAll(out, 'FOLDER')

  it('says the same of itself whatever the number of worker threads', async () => {
    for (const jobs of ['2', '3']) {
      const out = folders.next()
      expect((await startBench(flagsOf(out, '--jobs', jobs)).ended).code).toBe(0)
      expect(summaryBytes(out), `${jobs} jobs`).toBe(summary)
      expect(reportOf(out), `${jobs} jobs`).toBe(reportOf(one))
    }
    expect(summarySchema.parse(JSON.parse(summary)).rows).toHaveLength(3 * 2)
  })

  it.each(['1', '2'])('stops at Ctrl-C with whole files (%s jobs), and the same command ends it', async (jobs) => {
    const out = folders.next()
    const flags = flagsOf(out, '--jobs', jobs, '--no-report')
    const { child, ended } = startBench(flags)
    await until('some runs are done', () => existsSync(join(out, 'runs')) && runsIn(out).length > 3)
    child.kill('SIGINT')
    const { code, notes } = await ended
    expect([code, notes]).toEqual([1, expect.stringContaining('the same command goes on from there')])
    expectWhole(out)
    expect(readdirSync(out)).toEqual(['runs'])
    const kept = runsIn(out).length
    const again = await startBench(flags).ended
    expect([again.code, again.notes]).toEqual([0, expect.stringMatching(/\((\d+) found finished\)/)])
    expect(Number(/\((\d+) found/.exec(again.notes)?.[1])).toBeGreaterThanOrEqual(kept)
    expect(summaryBytes(out)).toBe(summary)
  })

  it.each([
    ['at a run', ['--jobs', '1'], /runs\/.*\.json: expected a file that can be written/],
    ['in a worker', ['--jobs', '2', '--records', 'all'], /records\/.*\.jsonl: expected a file that can be written/],
  ] as const)(
    'ends with exit code 2 where the disk is full %s, and goes on when there is room',
    async (_at, more, says) => {
      const out = folders.next()
      const flags = flagsOf(out, '--no-report', ...more)
      const { code, notes } = await startBench(flags, { fileBlocks: 1 }).ended
      expect(notes).toMatch(says)
      expect(notes).toMatch(/Make room.*--out.*same command/)
      expect(notes).not.toMatch(/^ +at /m)
      expect(code).toBe(2)
      expectWhole(out)
      expect(existsSync(join(out, 'summary.json'))).toBe(false)
      expect((await startBench(flags).ended).code).toBe(0)
      expect(summaryBytes(out)).toBe(summary)
    },
  )
})
