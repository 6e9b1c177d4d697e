import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFakeBench, type FakeBench, writeFakeBench } from '../../../../test/fake-bench.ts'
import { ConfigError } from '../../../core/index.ts'
import { readResults } from './read-results.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'inframind-report-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const bench: FakeBench = {
  datasets: ['math', 'mixed'],
  rates: [100, 30],
  budgets: [30, null],
  seeds: 2,
  queries: 20,
  methods: [
    { name: 'inframind', accuracy: 0.6 },
    { name: 'moa', scheduler: 'fcfs', enforced: false, accuracy: 0.5 },
  ],
}

function problemOf(read: () => unknown): ConfigError {
  try {
    read()
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
  throw new Error('no ConfigError was thrown')
}

describe('readResults', () => {
  it('gives cells in a fixed order, methods with what their names stand for, seeds ascending', () => {
    writeFakeBench(folder, createFakeBench(bench))
    const { cells, methods, seeds, meta, missing } = readResults(folder)
    expect(cells.map(({ dataset, ratePerMinute, budgetSeconds }) => [dataset, ratePerMinute, budgetSeconds])).toEqual([
      ['math', 30, 30],
      ['math', 30, null],
      ['math', 100, 30],
      ['math', 100, null],
      ['mixed', 30, 30],
      ['mixed', 30, null],
      ['mixed', 100, 30],
      ['mixed', 100, null],
    ])
    expect(methods).toEqual([
      { name: 'inframind', base: 'inframind', scheduler: 'default', isEnforced: true },
      { name: 'moa', base: 'moa', scheduler: 'fcfs', isEnforced: false },
    ])
    expect(cells.every(({ byMethod }) => [...byMethod.values()].every((results) => results.length === 2))).toBe(true)
    expect([seeds, meta?.profile, missing]).toEqual([[1, 2], 'made-up', []])
  })

  it('finds rows of best-fixed in the run of the arm that was chosen', () => {
    const arm = 'single:small-8b:Flash'
    const made = createFakeBench({ ...bench, methods: [{ name: arm, accuracy: 0.5 }] })
    const rows = made.summary.rows.map((row) => ({ ...row, method: 'best-fixed', chosen: arm }))
    writeFakeBench(folder, { ...made, summary: { ...made.summary, rows } })
    const { cells, methods } = readResults(folder)
    expect(methods.map(({ name }) => name)).toEqual(['best-fixed'])
    expect(cells[0]?.byMethod.get('best-fixed')?.[0]?.run.method).toBe(arm)
  })

  it('takes the run that the chosen arm was played in, not another of the same arm under other suffixes', () => {
    const arm = 'single:small-8b:Flash'
    const free = { name: `${arm}+fcfs+free`, scheduler: 'fcfs', enforced: false, accuracy: 0.7 } as const
    const best = { name: 'best-fixed', accuracy: 0.7, chosen: free.name }
    const made = createFakeBench({ ...bench, methods: [{ name: arm, accuracy: 0.3 }, free, best] })
    const rows = made.summary.rows.filter(({ method }) => method === 'best-fixed')
    writeFakeBench(folder, { ...made, summary: { ...made.summary, rows } })
    const methods = readResults(folder).cells.map(({ byMethod }) => byMethod.get('best-fixed')?.[0]?.run.method)
    expect(methods).toEqual(methods.map(() => free.name))
  })

  it('names a folder that holds nothing', () => {
    expect(problemOf(() => readResults(join(folder, 'nowhere'))).message).toMatch(/nowhere.*--out folder/s)
    expect(problemOf(() => readResults(folder, { partial: true })).message).toContain('no runs')
  })

  it('names a broken file, what is wrong in it and what to do', () => {
    writeFakeBench(folder, createFakeBench(bench))
    writeFileSync(join(folder, 'summary.json'), '{"schema"')
    expect(problemOf(() => readResults(folder)).message).toMatch(/summary\.json: expected JSON/)
    writeFileSync(join(folder, 'summary.json'), '{"schema":"other"}')
    const { problems } = problemOf(() => readResults(folder))
    expect(problems.map(({ path }) => path)).toContain(`${join(folder, 'summary.json')}: schema`)
    expect(problems[0]?.fix).toContain('same bench command')
  })

  it('says which runs are missing, and goes on without them only when asked', () => {
    const made = createFakeBench(bench)
    writeFakeBench(folder, made)
    unlinkSync(join(folder, 'runs', `${made.runs[0]?.key}.json`))
    const { message } = problemOf(() => readResults(folder))
    expect(message).toContain('1 missing: inframind on math at 100/min, 30 s, seed 1')
    expect(message).toMatch(/--partial/)
    const results = readResults(folder, { partial: true })
    expect(results.missing).toEqual(['inframind on math at 100/min, 30 s, seed 1'])
    expect(results.cells).toHaveLength(8)
  })

  it('reads the runs of a bench that left no summary, and finds the holes in its grid', () => {
    const made = createFakeBench(bench)
    writeFakeBench(folder, made)
    unlinkSync(join(folder, 'summary.json'))
    unlinkSync(join(folder, 'runs', `${made.runs[5]?.key}.json`))
    expect(problemOf(() => readResults(folder)).message).toContain('summary.json; ')
    const { meta, missing } = readResults(folder, { partial: true })
    expect(meta).toBeNull()
    expect(missing).toEqual(['summary.json', 'inframind on math at 30/min, 30 s, seed 2'])
  })

  it('refuses a run that contradicts its row', () => {
    const made = createFakeBench(bench)
    const rows = made.summary.rows.map((row, index) =>
      index === 0 ? { ...row, correct_on_time: row.correct_on_time + 1 } : row,
    )
    writeFakeBench(folder, { ...made, summary: { ...made.summary, rows } })
    expect(problemOf(() => readResults(folder)).message).toMatch(/different commands/)
  })
})
