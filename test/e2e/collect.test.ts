/**
 * @file `collect` over HTTP against simulated engines at fifty times real speed: stopped with Ctrl-C in the middle, asked
 * again while an engine dies and comes back. What it does in detail is tested in virtual time, beside its source.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runProgram } from '../../src/cli/program.ts'
import { strategyIds } from '../../src/core/index.ts'
import { type CallLine, callLineSchema, type GradedLine } from '../../src/lab/collect/index.ts'
import { captureOutput } from '../captured-output.ts'
import { callsOf, cellsDone, createFolders, jsonLines, promptsOf } from '../collect-pool.ts'
import { type CountedTwin, startCountedTwins } from '../counted-twins.ts'
import { parseTable } from '../parse-table.ts'

const models = ['Llama-3.1-8B-Instruct', 'Llama-3.2-3B-Instruct'] as const
const levels = [1, 4] as const
const [workflows, replayed] = [2, 3]
const cells = replayed * strategyIds.length * models.length * levels.length

const folders = createFolders()
const out = folders.next()
let twins: readonly CountedTwin[] = []
/** What a test wants done when engines get calls. */
let onCall: () => void = () => {}

const sent = () => twins.reduce((sum, twin) => sum + twin.sent, 0)
const underWay = () => twins.reduce((sum, twin) => sum + twin.underWay, 0)
const table = (name: string) => parseTable(readFileSync(join(out, name), 'utf8'))

/** A Ctrl-C that only the program under test hears. */
const strangers = new Set(process.listeners('SIGINT'))
function pressCtrlC(): void {
  for (const listener of process.listeners('SIGINT')) if (!strangers.has(listener)) listener('SIGINT')
}
function forgetListeners(): void {
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    for (const listener of process.listeners(name)) if (!strangers.has(listener)) process.removeListener(name, listener)
}

async function collect(...more: readonly string[]) {
  const output = captureOutput()
  const engines = twins.flatMap(({ url }) => ['--engine', url])
  const size = ['--workflows', String(workflows), '--max-agents', '2', '--replay', String(replayed)]
  const load = ['--background', levels.join(), '--time-scale', '50', '--seed', '4']
  const code = await runProgram(['collect', ...engines, '--out', out, ...size, ...load, ...more], output)
  process.exitCode = 0
  forgetListeners()
  return { code, said: output.lines.join('\n'), notes: output.notes.join('\n') }
}

describe('collect', () => {
  let stopped: Awaited<ReturnType<typeof collect>>
  let finished: Awaited<ReturnType<typeof collect>>
  let sentWhenStopped = 0
  let cellsWhenStopped: readonly string[] = []

  beforeAll(async () => {
    twins = await startCountedTwins({ models, timeScale: 50, onCall: () => onCall() })
    onCall = () => {
      if (sent() === 22) pressCtrlC()
    }
    stopped = await collect()
    sentWhenStopped = sent()
    cellsWhenStopped = cellsDone(out)
    const [dying, other] = twins as [CountedTwin, CountedTwin]
    const otherBefore = other.sent
    onCall = () => {
      if (sent() === sentWhenStopped + 5) void dying.server.setFault({ kind: 'refuse' })
      if (other.sent === otherBefore + 12) void dying.server.setFault(null)
    }
    finished = await collect('--json')
  })
  afterAll(async () => {
    await Promise.all(twins.map(({ server }) => server.close()))
    forgetListeners()
    folders.clear()
  })

  it('ends at Ctrl-C, with what it has, and says how to go on', () => {
    expect(stopped.code).toBe(1)
    expect(stopped.said).toContain('the same command goes on from here')
    // Those that were on the wire by then.
    expect(sentWhenStopped).toBeLessThan(22 + Math.max(...levels))
    expect(cellsWhenStopped.length).toBeGreaterThan(0)
    expect(cellsWhenStopped.length).toBeLessThan(cells)
  })

  it('goes on to the end, round an engine that dies and comes back', () => {
    expect(finished.code, finished.notes).toBe(0)
    const summary = JSON.parse(finished.said)
    expect(summary).toMatchObject({ end: 'complete', workflows, cells, cellsWanted: cells })
    expect(summary.failures).toBeGreaterThan(0)
    expect(cellsDone(out).slice(0, cellsWhenStopped.length)).toEqual(cellsWhenStopped)
    expect(new Set(cellsDone(out)).size).toBe(cells)
  })

  it('never has more under way on an engine than was asked for, and leaves nothing behind', () => {
    for (const { peak } of twins) expect(peak).toBe(Math.max(...levels))
    expect(underWay()).toBe(0)
  })

  it('keeps every intermediate prompt with its role', () => {
    const [header, ...rows] = table('intermediate_prompts.csv')
    expect(header).toEqual(['prompt_text', 'role_id'])
    const prompts = promptsOf(out)
    expect(rows.map(([, role]) => role)).toEqual(prompts.map(({ role }) => role))
    for (const [index, [text]] of rows.entries()) {
      expect(text).toContain('\n')
      expect(text).toContain(prompts[index]!.questionText)
    }
  })

  it('has a sample of every replay, in the columns and units of the predictors', () => {
    const [header, ...rows] = table('latency_samples.csv')
    expect(header?.join()).toBe(
      'queue_waiting,queue_running,kv_utilization,model_id,role_id,strategy_id,total_input_tokens,actual_ttft,actual_tpot,output_tokens',
    )
    expect(rows).toHaveLength(cells)
    for (const [waiting, running, kv, model, role, strategy, input, ttft, tpot, output] of rows) {
      expect([...models]).toContain(model)
      expect([...strategyIds]).toContain(strategy)
      expect(role).not.toBe('')
      expect(Number(waiting) + Number(running)).toBeLessThan(Math.max(...levels))
      expect(Number(kv)).toBeLessThan(1)
      expect(Number(input)).toBeGreaterThan(20)
      expect(Number(output)).toBeGreaterThan(0)
      // Seconds: an answer of some hundred tokens takes no minutes here.
      expect(Number(ttft)).toBeGreaterThan(0)
      expect(Number(ttft)).toBeLessThan(60)
      expect(Number(tpot)).toBeLessThan(5)
    }
  })

  it('writes every call down in a form that can be read again', () => {
    const calls = callsOf(out)
    for (const call of calls) expect(callLineSchema.parse(call)).toEqual(call)
    expect(calls.filter((call: CallLine) => call.phase === 1).length).toBeGreaterThanOrEqual(promptsOf(out).length)
    for (const { sentAtMs, firstTokenAtMs, finishedAtMs } of calls) {
      expect(firstTokenAtMs).toBeGreaterThan(sentAtMs)
      expect(finishedAtMs).toBeGreaterThanOrEqual(firstTokenAtMs!)
    }
  })

  it('judges the answers to questions whose keys are known', () => {
    const graded = jsonLines<GradedLine>(out, 'graded.jsonl')
    const ids = new Set(callsOf(out).map(({ id }) => id))
    expect(graded.length).toBeGreaterThan(0)
    expect(graded.every(({ call }) => ids.has(call))).toBe(true)
    expect(graded.some(({ correct }) => correct)).toBe(true)
    for (const { correct, verdict } of graded) expect(correct).toBe(verdict === 'correct')
  })

  it('sends nothing to plan but what tells whether an engine takes priorities', async () => {
    const before = sent()
    const { code, said } = await collect('--plan')
    expect(code).toBe(0)
    expect(said).toContain(`phase 2: ${replayed} prompts x 3 strategies x 2 models x 2 levels (1, 4) = ${cells} calls`)
    expect(sent()).toBe(before + twins.length)
  })
})
