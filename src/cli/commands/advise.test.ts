import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { captureOutput } from '../../../test/captured-output.ts'
import { adviceSchema } from '../../lab/advise/index.ts'
import { runProgram } from '../program.ts'
import { mixFlag } from './advise.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'inframind-advise-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function run(...args: readonly string[]) {
  const output = captureOutput()
  const code = await runProgram(['advise', ...args], output)
  return { code, out: output.lines.join('\n'), notes: output.notes.join('\n') }
}

const small = '--profile small --datasets synthetic-choice --rates 40'.split(' ')

describe('advise', () => {
  it('answers in tables, with what they rest on first', async () => {
    const { code, out } = await run(...small)
    expect(code).toBe(0)
    expect(out).toMatch(/^Advice on 3 models for 1 GPUs: 40 queries a minute, 30 s for each; knowledge 100 %/)
    expect(out).toMatch(/computed from profile small, not measured; the twin's error is not known for this profile/)
    for (const section of [
      '1. The pool as it is',
      '2. What each model adds',
      '3. What to host',
      '4. How differently',
      '5. Who takes',
    ])
      expect(out).toContain(`\n${section}`)
    expect(out).not.toMatch(/NaN|undefined|Infinity/)
  })

  it('prints all of it as JSON, graded answers too', async () => {
    const file = join(folder, 'graded.jsonl')
    const models = ['Llama-3.1-8B-Instruct', 'Llama-3.2-3B-Instruct']
    const rows = Array.from({ length: 50 }, (_, id) =>
      models.map((model, at) => ({
        id,
        set: 's',
        domain: 'knowledge',
        model,
        strategy: 'Flash',
        correct: id % (2 + at) > 0,
      })),
    )
    writeFileSync(
      file,
      rows
        .flat()
        .map((row) => `${JSON.stringify(row)}\n`)
        .join(''),
    )
    const flags = [...small, '--models', models.join(), '--budgets', '10,60', '--gpus', '2', '--gpu-memory-gb', '48']
    const { code, out } = await run(...flags, '--max-replicas', '1', '--graded', file, '--json')
    expect(code).toBe(0)
    const advice = adviceSchema.parse(JSON.parse(out))
    expect(advice.basis).toMatchObject({
      models,
      budgetsSeconds: [10, 60],
      gpus: 2,
      gpuMemory: '0.9 of 48 GB, as asked for',
    })
    expect(advice.graded).toMatchObject([{ domain: 'knowledge', pairs: [{ questions: 50, better: models[1] }] }])
    expect(advice.pool.byRate.map(({ ratePerMinute }) => ratePerMinute)).toEqual([40])
  })

  it.each<[string, RegExp]>([
    ['--models Llama-3.2-3B-Instrct', /--models: .*Did you mean "Llama-3\.2-3B-Instruct"/],
    ['--gpu-memory-gb 2', /--gpu-memory-gb: expected room for the smallest/],
    ['--profile paper-b20', /paper-b200/],
    ['--mix maths=1', /math=0\.5,code=0\.3,knowledge=0\.2/],
    ['--mix code=1', /--mix code: expected a domain of the questions at hand/],
    ['--rates 0', /10,50,200/],
    ['--budgets x', /10,30,60/],
    ['--gpus 0', /whole number from 1/],
    ['--max-replicas 0', /whole number from 1/],
    ['--datasets synthetic-mth', /synthetic-math/],
    ['--graded /nowhere/graded.jsonl', /--graded: expected a readable file/],
    ['--replicas 2', /--replicas/],
  ])('answers %s with exit code 2 and says what to do', async (flags, says) => {
    const { code, notes, out } = await run(...small, ...flags.split(' '))
    expect(notes).toMatch(says)
    expect([code, out]).toEqual([2, ''])
  })
})

describe('--mix', () => {
  it('takes weights of domains', () => {
    expect(mixFlag('math=0.5, code=0.3')).toEqual({ math: 0.5, code: 0.3 })
    for (const text of ['', 'math', 'math=0', 'math=-1', 'math=x', 'general=1', 'math=1=2'])
      expect(() => mixFlag(text), text).toThrow(/Expected shares/)
  })
})
