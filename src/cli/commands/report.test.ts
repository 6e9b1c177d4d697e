import { existsSync, mkdtempSync, rmSync, unlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { captureOutput } from '../../../test/captured-output.ts'
import { createFakeBench, writeFakeBench } from '../../../test/fake-bench.ts'
import { runProgram } from '../program.ts'

const bench = createFakeBench({
  seeds: 2,
  queries: 30,
  methods: [
    { name: 'inframind', accuracy: 0.7 },
    { name: 'moa', scheduler: 'fcfs', enforced: false, accuracy: 0.3 },
    { name: 'random', accuracy: 0.6 },
  ],
})

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'inframind-report-cli-'))
  writeFakeBench(folder, bench)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function run(...args: readonly string[]) {
  const output = captureOutput()
  const code = await runProgram(['report', ...args], output)
  return { code, out: output.lines.join('\n'), notes: output.notes.join('\n') }
}

describe('report', () => {
  it('writes the report and says where', async () => {
    const { code, out } = await run(folder)
    expect([code, out]).toEqual([0, `wrote ${join(folder, 'report.md')} and 8 figures beside it`])
    expect(existsSync(join(folder, 'figures', 'load-mixed.svg'))).toBe(true)
  })

  it('prints the numbers of the comparison', async () => {
    const { code, out } = await run(
      folder,
      '--json',
      '--against',
      'moa',
      '--margin',
      '2',
      '--out',
      join(folder, 'json'),
    )
    expect(code).toBe(0)
    const numbers = JSON.parse(out)
    expect(numbers).toMatchObject({ schema: 'inframind.report/1', ours: 'inframind', rivals: ['moa'], margin: 0.02 })
    expect(numbers.comparisons[0].all.low).toBeGreaterThan(0)
  })

  it.each([
    [['/nowhere'], /\/nowhere.*--out/],
    [[], /folder/],
    [['--margin', 'x'], /from 0 to 100/],
  ])('answers %j with exit code 2 and says what to do', async (args, says) => {
    const { code, notes } = await run(...args)
    expect(notes).toMatch(says)
    expect(code).toBe(2)
  })

  it('names the nearest method where one is not there', async () => {
    expect(await run(folder, '--against', 'randon')).toMatchObject({
      code: 2,
      notes: expect.stringContaining('Did you mean "random"?'),
    })
  })

  it('reports on an interrupted bench only with --partial', async () => {
    const cut = join(folder, 'cut')
    writeFakeBench(cut, bench)
    unlinkSync(join(cut, 'runs', `${bench.runs[0]?.key}.json`))
    expect(await run(cut)).toMatchObject({ code: 2, notes: expect.stringContaining('1 missing: inframind on mixed') })
    expect(await run(cut, '--partial')).toMatchObject({ code: 0 })
  })
})
