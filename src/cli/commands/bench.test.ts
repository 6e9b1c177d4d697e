import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createOutFolders, summaryBytes } from '../../../test/bench/small-bench.ts'
import { captureOutput } from '../../../test/captured-output.ts'
import { summarySchema } from '../../lab/bench/index.ts'
import { runProgram } from '../program.ts'

const folders = createOutFolders()
let listeners: readonly NodeJS.SignalsListener[] = []
beforeEach(() => {
  listeners = process.listeners('SIGINT')
})
afterEach(() => {
  folders.clear()
  // The command listens for Ctrl-C to the end of its process, which here goes on.
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    for (const listener of process.listeners(name))
      if (!listeners.includes(listener)) process.removeListener(name, listener)
})

async function run(...args: readonly string[]) {
  const output = captureOutput()
  const code = await runProgram(['bench', ...args], output)
  return { code, out: output.lines.join('\n'), notes: output.notes.join('\n') }
}

const quick =
  '--datasets synthetic-math --methods random,least-loaded --rates 60 --budgets 5,mix --minutes 0.3 --warm-up 0'
const small = [...quick.split(' '), '--seeds', '1', '--jobs', '1', '--know', 'exact', '--no-fluid']

describe('bench', () => {
  it('takes pools that are made, engines that are gone and metrics that are bad, and says so', async () => {
    const out = folders.next()
    const worse = ['--poll-ms', '3000', '--metrics-noise', '0.5', '--metrics-age', '5', '--faults', 'gone:model-1']
    const { code } = await run(...small, '--profile', 'random:1001', ...worse, '--no-report', '--out', out)
    expect(code).toBe(0)
    const { meta } = summarySchema.parse(JSON.parse(summaryBytes(out)))
    expect(meta.profile).toBe('random:1001')
    expect(meta.command).toContain('--faults gone:model-1 --poll-ms 3000 --metrics-noise 0.5 --metrics-age 5')
    const refused = await run(...small, '--metrics-noise', '-1', '--out', out)
    expect([refused.code, refused.notes]).toEqual([2, expect.stringContaining('--metrics-noise')])
  })

  it('writes summary and report, and says where', async () => {
    const out = folders.next()
    const { code, out: said, notes } = await run(...small, '--out', out)
    expect([code, said]).toEqual([0, `4 rows in ${out}/summary.json, read ${out}/report.md`])
    expect(notes).toContain('2 of 2 runs')
    expect(readFileSync(join(out, 'report.md'), 'utf8')).toContain('least-loaded')
    const { meta, rows } = summarySchema.parse(JSON.parse(summaryBytes(out)))
    expect(meta.command).toBe(
      'inframind bench --profile paper-b200 --datasets synthetic-math --methods random,least-loaded --rates 60 ' +
        '--budgets 5,mix --arrivals poisson --minutes 0.3 --warm-up 0 --seeds 1 --seed 1 --know exact --no-fluid',
    )
    expect(rows.map(({ method, budget_s }) => [method, budget_s])).toEqual([
      ['random', 5],
      ['random', null],
      ['least-loaded', 5],
      ['least-loaded', null],
    ])
  })

  it('prints the summary, and no report unless wanted', async () => {
    const out = folders.next()
    const { code, out: said } = await run(...small, '--out', out, '--json', '--no-report')
    expect(code).toBe(0)
    expect(`${said}\n`).toBe(summaryBytes(out))
    expect(readdirSync(out).sort()).toEqual(['runs', 'summary.json'])
  })

  it('takes its command from its own summary', async () => {
    const [first, second] = [folders.next(), folders.next()]
    await run(...small, '--no-report', '--out', first)
    const { command } = summarySchema.parse(JSON.parse(summaryBytes(first))).meta
    const again = command.split(' ').slice(2)
    expect(await run(...again, '--no-report', '--jobs', '1', '--out', second)).toMatchObject({ code: 0 })
    expect(summaryBytes(second)).toBe(summaryBytes(first))
  })

  it.each<[string, RegExp]>([
    ['--methods infarmind', /--methods.*inframind/],
    ['--datasets synthetic-code,synthetic-mth', /--datasets.*synthetic-math/],
    ['--profile paper-b20', /paper-b200/],
    ['--methods moa,moa', /--methods: expected each once/],
    ['--methods ,', /--methods: expected at least one/],
    ['--rates 1 --minutes 0.5', /at least one arrival/],
    ['--rates 10,x', /10,50,200/],
    ['--budgets 10,never', /10,30,60/],
    ['--seeds 0', /whole number from 1/],
    ['--seeds 10000 --rates 1,2,3,4,5,6,7,8', /at most 200000 cells/],
    ['--know evrything', /exact, estimated, biased/],
    ['--arrivals poison', /poisson/],
    ['--faults dwon', /down/],
    ['--data /nowhere --datasets math', /\/nowhere/],
    ['--jbos 2', /--jobs/],
  ])('answers %s with exit code 2, says what to do, and writes nothing', async (flags, says) => {
    const out = join(folders.next(), 'results')
    const { code, notes } = await run('--no-fluid', '--out', out, ...flags.split(' '))
    expect(notes).toMatch(says)
    expect(code).toBe(2)
    expect(existsSync(out)).toBe(false)
  })
})
