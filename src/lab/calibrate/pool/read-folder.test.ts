/** @file What a folder may hold: whole, torn, wrong, of another kind. Faults that a user can mend are said, never thrown about. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { ConfigError } from '../../../core/index.ts'
import { aRunRecord, aStepRecord } from '../../../testing/index.ts'
import { readFolder } from './read-folder.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'calibrate-'))
  folders.push(folder)
  mkdirSync(join(folder, 'runs'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

const call = {
  engine: 'small#1',
  model: 'small',
  strategy: 'Flash',
  role: 'MathSolver',
  domain: 'math',
  level: 10,
  promptTokens: 200,
  outputTokens: 50,
  isCut: false,
  sentAtMs: 1000,
  firstTokenAtMs: 1100,
  finishedAtMs: 2000,
  running: 3,
  waiting: 0,
  kvUsage: 0.25,
  capTokens: 512,
}
const line = (change: object = {}) => `${JSON.stringify({ ...call, ...change })}\n`
const graded = {
  id: 'q1',
  set: 'mine',
  domain: 'math',
  model: 'small',
  strategy: 'Flash',
  correct: true,
  output_tokens: 50,
  cut: false,
}
const samplesHeader =
  'queue_waiting,queue_running,kv_utilization,model_id,role_id,strategy_id,total_input_tokens,actual_ttft,actual_tpot,output_tokens'

/** Paths and texts of the problems that reading such a folder ends with. */
function problemsOf(files: Readonly<Record<string, string>>): string {
  try {
    readFolder(folderWith(files))
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    return (error as ConfigError).message
  }
  return 'none'
}

describe('readFolder', () => {
  it('reads calls in the order of sending, and graded answers', () => {
    const files = { 'calls.jsonl': line({ sentAtMs: 1050 }) + line(), 'graded.jsonl': `${JSON.stringify(graded)}\n` }
    const { calls, graded: answers, warnings } = readFolder(folderWith(files))
    expect(calls.map(({ sentAtMs }) => sentAtMs)).toEqual([1000, 1050])
    expect(calls[0]).toMatchObject({ engine: 'small#1', level: 10, kvUsage: 0.25, capTokens: 512 })
    expect(answers).toEqual([
      {
        id: 'q1',
        set: 'mine',
        domain: 'math',
        model: 'small',
        strategy: 'Flash',
        isCorrect: true,
        outputTokens: 50,
        isCut: false,
      },
    ])
    expect(warnings).toEqual([])
  })

  it('takes calls out of a gateway’s run records too, and passes over other lines', () => {
    const steps = [
      aStepRecord(),
      aStepRecord({ stepId: '0/1', outcome: 'aborted' }),
      aStepRecord({ outcome: 'failed' }),
    ]
    const files = { 'runs/a.jsonl': `${JSON.stringify(aRunRecord({ steps }))}\n{"schema":"other"}\n` }
    const { calls } = readFolder(folderWith(files))
    expect(calls.map(({ isCut }) => isCut)).toEqual([false, true])
    expect(calls[0]).toMatchObject({
      engine: 'small#1',
      model: 'small',
      strategy: 'Concise',
      domain: 'math',
      outputTokens: 120,
    })
  })

  it('leaves out a torn last line, and lines with impossible numbers, with a word', () => {
    const lines = [line(), line(), line(), line({ finishedAtMs: 900 }), line({ outputTokens: null }), '{"engine": "sm']
    const { calls, warnings } = readFolder(folderWith({ 'calls.jsonl': lines.join('') }))
    expect(calls).toHaveLength(3)
    expect(warnings.join('\n')).toMatch(/last line is not whole/)
    expect(warnings.join('\n')).toMatch(/2 of 5 lines left out \(line 4: finishedAtMs: an instant after sentAtMs/)
  })

  it('counts lines that only look like run records, and takes the rest', () => {
    const whole = aRunRecord({ steps: [aStepRecord()] })
    const wrong = [{ schema: whole.schema }, { ...whole, steps: [{}] }, { ...whole, steps: 'none' }]
    const good = Array.from({ length: 3 }, () => whole)
    const files = { 'runs/a.jsonl': [...good, ...wrong].map((record) => `${JSON.stringify(record)}\n`).join('') }
    const { calls, warnings } = readFolder(folderWith(files))
    expect(calls).toHaveLength(3)
    expect(warnings.join()).toMatch(/a\.jsonl: 3 of 6 lines left out \(line 4: query/)
  })

  it('takes a cache that is a little over full as full', () => {
    const { calls } = readFolder(folderWith({ 'calls.jsonl': line({ kvUsage: 1.02 }) }))
    expect(calls[0]!.kvUsage).toBe(1)
  })

  it('passes over calls that gave no token', () => {
    const { calls } = readFolder(
      folderWith({ 'calls.jsonl': line() + line({ outputTokens: 0, firstTokenAtMs: null }) }),
    )
    expect(calls).toHaveLength(1)
  })

  it('refuses a file of another form, and says what is wrong with it', () => {
    const problems = problemsOf({ 'calls.jsonl': line() + line({ kvUsage: 30 }) + line({ model: '' }) })
    expect(problems).toMatch(/calls\.jsonl: expected one call a line.*got line 2: kvUsage/)
    expect(problems).toMatch(/line 3: model/)
    expect(problemsOf({ 'calls.jsonl': line(), 'graded.jsonl': '{"set": "mine"}\n' })).toMatch(/graded\.jsonl.*domain/)
  })

  it('refuses a folder that is missing or holds nothing measured', () => {
    expect(() => readFolder(join(tmpdir(), 'no-such-folder'))).toThrow(/no such folder/)
    expect(problemsOf({})).toMatch(/Run collect into it/)
    expect(problemsOf({ 'calls.jsonl': '' })).toMatch(/got none/)
  })

  it('reads the table of samples where there are no calls: seconds, with empty cells where nothing was said', () => {
    const table = `${samplesHeader}\n,,,small,Solver,Flash,200,0.05,,1\n2,3,0.25,small,Solver,Flash,200,0.1,0.008,90\n`
    const { samples, warnings } = readFolder(folderWith({ 'latency_samples.csv': table }))
    expect(samples).toEqual([
      {
        model: 'small',
        promptTokens: 200,
        outputTokens: 1,
        ttftMs: 50,
        tpotMs: 0,
        waiting: null,
        running: null,
        kvUsage: null,
      },
      {
        model: 'small',
        promptTokens: 200,
        outputTokens: 90,
        ttftMs: 100,
        tpotMs: 8,
        waiting: 2,
        running: 3,
        kvUsage: 0.25,
      },
    ])
    expect(warnings).toEqual([])
  })

  it('leaves out samples with negative or wordy numbers, and refuses a table that lacks columns', () => {
    const table = `${samplesHeader}\n0,1,0,small,S,Flash,200,-0.1,0.008,90\n0,1,0,small,S,Flash,many,0.1,0.008,90\n0,1,0,small,S,Flash,2,0.1,0.008,9\n`
    const { samples, warnings } = readFolder(folderWith({ 'latency_samples.csv': table }))
    expect(samples).toHaveLength(1)
    expect(warnings[0]).toMatch(/2 of 3 rows left out/)
    const problems = problemsOf({ 'latency_samples.csv': samplesHeader.replace(',actual_ttft', '') })
    expect(problems).toMatch(/actual_ttft: expected the columns queue_waiting/)
  })
})
