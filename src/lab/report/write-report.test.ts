import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFakeBench, type FakeBench, writeFakeBench } from '../../../test/fake-bench.ts'
import { type WrittenReport, writeReport } from './index.ts'

const bench: FakeBench = {
  datasets: ['math', 'mixed'],
  seeds: 2,
  queries: 40,
  methods: [
    { name: 'inframind', accuracy: 0.6, onTime: 0.99, strict: 0.9 },
    { name: 'best-fixed', accuracy: 0.5, chosen: 'single:small-8b:Flash' },
    { name: 'moa', scheduler: 'fcfs', enforced: false, accuracy: 0.9, onTime: 0.5, unstableFrom: 100 },
    { name: 'greedy-solo', accuracy: 0.4 },
  ],
  fluid: () => ({ static_only: 0.8, none: 0.85, text: 0.9, difficulty: 0.95 }),
}

let folder: string
let written: WrittenReport
let text: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'inframind-report-'))
  writeFakeBench(folder, createFakeBench(bench))
  written = await writeReport(folder)
  text = readFileSync(written.report, 'utf8')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Lines of the section under `heading`. */
const sectionOf = (heading: string): readonly string[] =>
  (text.split('\n## ').find((section) => section.startsWith(heading)) ?? '').split('\n')

describe('report.md', () => {
  it('has all its sections, with what they rest on under every one', () => {
    const headings = [...text.matchAll(/^## (.*)$/gm)].map((match) => match[1])
    expect(headings).toEqual([
      'inframind against the others',
      'Against the best single arm in hindsight',
      'Answers in time',
      'What each part earns',
      'Baselines with our scheduler and the deadline',
      'Regret',
      'Which policy is the default',
      'Cost of a correct on-time answer',
      'Queue balance',
      'Prediction error',
      'Figures',
      'All cells: math',
      'All cells: mixed',
    ])
    const basis = text.split('\n').filter((line) => line.startsWith('<sub>'))
    expect(basis).toHaveLength(headings.length - 1)
    for (const line of basis) {
      expect(line).toMatch(
        /simulated; .*profile made-up \(p1\); truth t1; know estimated; seeds 1, 2; `inframind bench/,
      )
    }
  })

  it('has tables whose rows all have as many cells as their heads', () => {
    const tables = text.split('\n\n').filter((block) => block.startsWith('| '))
    expect(tables.length).toBeGreaterThan(10)
    for (const table of tables) {
      const widths = table.split('\n').map((line) => line.split(/(?<!\\)\|/).length)
      expect(new Set(widths).size, table).toBe(1)
    }
    expect(text).not.toMatch(/NaN|undefined|Infinity/)
  })

  it('shows the strict share beside the plain one, and no latency of unstable cells', () => {
    const rows = sectionOf('All cells: mixed').filter((line) => line.startsWith('| `moa`'))
    expect(rows).toHaveLength(4)
    const unstable = rows.filter((row) => row.endsWith('| no |'))
    expect(unstable).toHaveLength(2)
    for (const row of unstable) expect(row).toMatch(/\| - \| - \|/)
    expect(sectionOf('All cells: mixed').find((line) => line.startsWith('| method'))).toContain(
      'on time, % | strict, %',
    )
  })

  it('names the arm behind best-fixed, the missing ablations and their command', () => {
    expect(sectionOf('Against the best').join('\n')).toContain('`single:small-8b:Flash`')
    const parts = sectionOf('What each part earns').join('\n')
    expect(parts).toMatch(/`greedy-blind` \| not run/)
    expect(parts).toMatch(/```\ninframind bench .*greedy-blind.* --out /)
  })

  it('links figures that are there', () => {
    const links = [...text.matchAll(/\]\((figures\/[^)]+)\)/g)].map((match) => join(folder, match[1] as string))
    expect(links.toSorted()).toEqual(written.figures.toSorted())
    for (const link of links) expect(readFileSync(link, 'utf8')).toContain('<svg')
  })

  it('comes out the same to the byte, and takes older figures away', async () => {
    const stale = join(folder, 'figures', 'older.svg')
    writeFileSync(stale, '<svg/>')
    const before = new Map(written.figures.map((path) => [path, readFileSync(path, 'utf8')]))
    await writeReport(folder)
    expect(readFileSync(written.report, 'utf8')).toBe(text)
    for (const [path, svg] of before) expect(readFileSync(path, 'utf8')).toBe(svg)
    expect(readdirSync(join(folder, 'figures'))).not.toContain('older.svg')
  })
})

describe('writeReport', () => {
  it('writes elsewhere when asked', async () => {
    const out = join(folder, 'elsewhere')
    const { report, figures } = await writeReport(folder, { out, against: ['moa'] })
    expect(report).toBe(join(out, 'report.md'))
    expect(figures.every((path) => path.startsWith(out))).toBe(true)
    expect(readFileSync(report, 'utf8')).not.toContain('Against the best single arm')
  })

  it('says how the load came: for a time after a warm-up, or as a burst', async () => {
    const out = join(folder, 'burst')
    const made = createFakeBench(bench)
    const { meta } = made.summary
    writeFakeBench(out, { ...made, summary: { ...made.summary, meta: { ...meta, arrivals: 'burst' } } })
    const ofBurst = readFileSync((await writeReport(out)).report, 'utf8')
    expect(ofBurst).toContain('bursts of 500 queries each, without warm-up')
    expect(ofBurst).not.toContain('min measured')
    const ofTime = readFileSync((await writeReport(folder, { out: join(folder, 'of-time') })).report, 'utf8')
    expect(ofTime).toContain('30 min measured after 5 min of warm-up, poisson arrivals')
  })

  it('takes exact results only from a bench with exact knowledge', async () => {
    const exact = join(folder, 'exact')
    writeFakeBench(exact, createFakeBench({ ...bench, know: 'exact' }))
    await expect(writeReport(folder, { exact: folder })).rejects.toThrow(/--know exact/)
    const { numbers } = await writeReport(folder, { exact, out: join(folder, 'with-exact') })
    expect(numbers.regret).toMatchObject({ hasExact: true, mixed: { prediction: 0 } })
  })

  it('leaves an older report as it was where the results are broken', async () => {
    const broken = join(folder, 'broken')
    const made = createFakeBench(bench)
    writeFakeBench(broken, made)
    writeFileSync(join(broken, 'report.md'), 'older')
    unlinkSync(join(broken, 'runs', `${made.runs[0]?.key}.json`))
    await expect(writeReport(broken)).rejects.toThrow(/1 missing/)
    expect(readFileSync(join(broken, 'report.md'), 'utf8')).toBe('older')
    const { report } = await writeReport(broken, { partial: true })
    expect(readFileSync(report, 'utf8')).toMatch(/\*\*Partial: 1 missing\.\*\*/)
  })

  it('leaves no half-written file, and older figures, where the report itself cannot be written', async () => {
    const out = join(folder, 'full')
    mkdirSync(join(out, 'report.md'), { recursive: true })
    mkdirSync(join(out, 'figures'))
    writeFileSync(join(out, 'figures', 'older.svg'), '<svg/>')
    await expect(writeReport(folder, { out })).rejects.toThrow(/report\.md.*--out/s)
    const left = [...readdirSync(out), ...readdirSync(join(out, 'figures'))]
    expect(left).toContain('older.svg')
    expect(left.filter((name) => name.endsWith('.part'))).toEqual([])
  })

  it('names a folder that takes no files', async () => {
    const file = join(folder, 'a-file')
    writeFileSync(file, '')
    await expect(writeReport(folder, { out: file })).rejects.toThrow(/a-file.*--out/s)
  })
})
