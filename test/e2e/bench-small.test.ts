/**
 * @file The default grid of the benchmark in small: every kind of method, two rates, two budgets, a mix of all sets and one
 * set alone. Only what holds by a wide margin is asserted; the figures are the full grid's to show.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Summary, summarySchema } from '../../src/lab/bench/index.ts'
import { isBuilt, startBench } from '../bench/bench-process.ts'
import { createOutFolders, summaryBytes } from '../bench/small-bench.ts'
import { sharedDataFolder } from '../shared-data.ts'

const shared = sharedDataFolder()
const questions = shared === null ? null : join(shared, 'questions')
const hasData = questions !== null && existsSync(questions)

const methods = ['inframind', 'best-fixed', 'least-loaded', 'multi-factor', 'moa', 'gptswarm']
const datasets = hasData ? ['mixed', 'math'] : ['mixed', 'synthetic-math']
const [rates, budgets] = [
  [30, 200],
  [10, 30],
]

describe.skipIf(!isBuilt)(
  isBuilt ? `the grid in small, on ${datasets.join(' and ')}` : 'the grid in small (skipped: dist is missing)',
  () => {
    const folders = createOutFolders()
    const out = folders.next()
    let rows: Summary['rows'] = []
    beforeAll(async () => {
      const flags = ['--datasets', datasets.join(), '--methods', methods.join(), '--rates', rates.join()]
      const span = ['--budgets', budgets.join(), '--minutes', '2', '--warm-up', '0.5', '--seeds', '1', '--no-fluid']
      const data = hasData ? ['--data', questions] : []
      const { code, notes } = await startBench([...flags, ...span, ...data, '--jobs', '2', '--out', out]).ended
      expect(code, notes).toBe(0)
      rows = summarySchema.parse(JSON.parse(summaryBytes(out))).rows
    }, 300_000)
    afterAll(folders.clear)

    const cells = datasets.flatMap((dataset) =>
      rates!.flatMap((rate) => budgets!.map((budget) => ({ dataset, rate, budget }))),
    )
    const rowsOf = ({ dataset, rate, budget }: (typeof cells)[number]) =>
      rows.filter((row) => row.dataset === dataset && row.rate_per_min === rate && row.budget_s === budget)

    it('has a row for every method in every cell, all of them of the same arrivals', () => {
      for (const cell of cells) {
        const found = rowsOf(cell)
        expect(found.map(({ method }) => method)).toEqual(methods)
        expect(new Set(found.map(({ arrived }) => arrived)).size).toBe(1)
        // 60 and 400 on average, give or take four deviations.
        const expected = 2 * cell.rate
        expect(Math.abs(found[0]!.arrived - expected)).toBeLessThan(4 * Math.sqrt(expected))
      }
      expect(rows).toHaveLength(cells.length * methods.length)
    })

    it('counts nobody twice and nobody away', () => {
      for (const row of rows) {
        const { arrived, answered, on_time, strict_on_time, correct, correct_on_time } = row
        expect(answered).toBeLessThanOrEqual(arrived)
        expect(on_time).toBeLessThanOrEqual(answered)
        expect(strict_on_time).toBeLessThanOrEqual(on_time)
        expect(correct).toBeLessThanOrEqual(answered)
        expect(correct_on_time).toBeLessThanOrEqual(Math.min(correct, on_time))
        expect(row.correct_goodput).toBeCloseTo(correct_on_time / arrived, 12)
        expect(row.slo_attainment).toBeCloseTo(on_time / arrived, 12)
        expect(row.calls).toBeGreaterThanOrEqual(row.method === 'inframind' ? answered : 0)
        if (row.enforced) expect(answered).toBe(on_time)
      }
    })

    it('has the default stack above the teams and the router that were published, in every cell', () => {
      for (const cell of cells) {
        const goodput = (name: string) => rowsOf(cell).find(({ method }) => method === name)!.correct_goodput
        for (const rival of ['moa', 'least-loaded'])
          expect(goodput('inframind'), `${JSON.stringify(cell)}, ${rival}`).toBeGreaterThan(goodput(rival))
        expect(goodput('inframind')).toBeGreaterThan(0.3)
      }
    })

    it('has the best fixed arm named in every cell', () => {
      for (const row of rows.filter(({ method }) => method === 'best-fixed')) expect(row.chosen).toMatch(/^single:/)
    })

    it('is reported, with every method and a figure', () => {
      const report = readFileSync(join(out, 'report.md'), 'utf8')
      for (const method of methods) expect(report).toContain(method)
      const figures = [...report.matchAll(/\((figures\/[^)]+\.svg)\)/g)].map(([, file]) => file as string)
      expect(figures.length).toBeGreaterThan(2)
      for (const file of figures) expect(readFileSync(join(out, file), 'utf8')).toMatch(/^<svg|^<\?xml/)
    })
  },
)
