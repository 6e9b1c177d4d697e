/**
 * @file The live benchmark against a whole gateway over HTTP: what it counts is what the gateway recorded.
 *
 * The pool is simulated, at twenty times real speed. How far such a run lies from the twin's own is measured, not
 * asserted: see docs/benchmark.md, "Live".
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runProgram } from '../../src/cli/program.ts'
import type { Output } from '../../src/cli/terminal/index.ts'
import type { RunRecord } from '../../src/core/index.ts'
import { dueQueries } from '../../src/lab/bench/live/play-live.ts'
import { RunTally } from '../../src/lab/bench/play/run-tally.ts'
import { type RunResult, runResultSchema, type Summary, summarySchema } from '../../src/lab/bench/results/index.ts'
import { questionSets } from '../../src/lab/questions/index.ts'
import { rescore } from '../../src/lab/scoring/index.ts'
import { poissonArrivals } from '../../src/twin/arrivals/index.ts'
import { openTwinGateway, type TwinGateway } from '../open-twin-gateway.ts'
import { untilAllUsable } from './http-client.ts'

const timeScale = 20
const datasets = ['synthetic-math', 'synthetic-choice']
const [warmUpMinutes, minutes, ratePerMinute] = [0.25, 1, 40]
/** As many as the benchmark's own sets hold, so that every question is known to the engines. */
const questionsPerSet = 600

interface KeptReply {
  readonly questionId: string
  readonly run: string
  readonly isMeasured: boolean
  readonly end: string
  readonly latencyMs: number
  readonly sendLagMs: number
  readonly inframind: { readonly run_id: string } | null
}

/** A run of the benchmark beside what the gateway recorded of it. */
interface Measured {
  readonly result: RunResult
  readonly replies: readonly KeptReply[]
  readonly records: readonly RunRecord[]
}

describe('bench --live against a gateway', () => {
  let gateway: TwinGateway
  let summary: Summary
  let runs: readonly Measured[]
  const out = mkdtempSync(join(tmpdir(), 'inframind-live-'))
  const told: string[] = []
  const output: Output = {
    line: (text = '') => void told.push(text),
    note: (text) => void told.push(text),
    raw: () => {},
    isTerminal: false,
    columns: 100,
  }
  const flags = () => [
    ...['bench', '--live', gateway.url, '--time-scale', String(timeScale), '--datasets', datasets.join(',')],
    ...['--rates', String(ratePerMinute), '--budgets', '30', '--minutes', String(minutes)],
    ...['--warm-up', String(warmUpMinutes), '--seeds', '1', '--out', out, '--no-report'],
  ]
  const readJson = (...path: readonly string[]) => JSON.parse(readFileSync(join(out, ...path), 'utf8'))

  beforeAll(async () => {
    gateway = await openTwinGateway({ timeScale, questionsPerSet })
    await untilAllUsable(gateway)
    expect(await runProgram(flags(), output), told.join('\n')).toBe(0)
    summary = summarySchema.parse(readJson('summary.json'))
    const lines = readFileSync(join(out, 'replies.jsonl'), 'utf8').trim().split('\n')
    const kept = lines.map((line) => JSON.parse(line) as KeptReply)
    const recordOf = new Map(gateway.finished.map((record) => [record.runId, record]))
    runs = datasets.map((dataset) => {
      const key = `live-inframind__${dataset}__${ratePerMinute}__30__1`
      const replies = kept.filter(({ run, isMeasured }) => run === key && isMeasured)
      return {
        result: runResultSchema.parse(readJson('runs', `${key}.json`)),
        replies,
        records: replies.flatMap(({ inframind }) => recordOf.get(inframind?.run_id ?? '') ?? []),
      }
    })
  })
  afterAll(async () => {
    await gateway?.stop()
    rmSync(out, { recursive: true })
  })

  it('says what was measured, and that the pool is simulated', () => {
    expect(summary.meta).toMatchObject({
      kind: 'live',
      minutes,
      warmUpMinutes,
      profile: `${gateway.url} (its pool is simulated)`,
      command: expect.stringContaining(`--live ${gateway.url} --model inframind --time-scale ${timeScale} `),
    })
    expect(summary.rows.map(({ method, dataset }) => [method, dataset])).toEqual(
      datasets.map((dataset) => ['live:inframind', dataset]),
    )
  })

  it("asks the twin's questions, each once, warm-up and measured time apart", () => {
    for (const { result, replies } of runs) {
      const { test: questions } = questionSets({ folder: null, datasets: [result.dataset], seed: 1 }).get(
        result.dataset,
      )!
      const stream = {
        questions,
        setSizes: [questions.length],
        arrivals: poissonArrivals,
        originMs: 0,
        budgetSeconds: 30,
      }
      const warmUp: string[] = []
      const measured: string[] = []
      for (const { atMs, question } of dueQueries({ ...stream, ratePerMinute, seed: 1 })) {
        if (atMs >= (warmUpMinutes + minutes) * 60_000) break
        const part = atMs < warmUpMinutes * 60_000 ? warmUp : measured
        part.push(question.id)
      }
      expect(result.warmUpQueries).toBe(warmUp.length)
      expect(result.cells[0]!.row.arrived).toBe(measured.length)
      expect(replies.map(({ questionId }) => questionId).sort()).toEqual(measured.sort())
    }
  })

  it('counts what the gateway recorded: answers, fall-backs, calls, tokens, choices', () => {
    for (const { result, replies, records } of runs) {
      const row = result.cells[0]!.row
      const answered = replies.filter(({ end }) => end === 'answered')
      expect(answered.length).toBeGreaterThan(0)
      expect(records).toHaveLength(answered.length)
      expect(row.answered).toBe(records.filter(({ outcome }) => outcome === 'answered').length)
      const fellBack = records.filter(({ degraded }) =>
        degraded.some((kind) => ['insurance', 'best-so-far', 'cut'].includes(kind)),
      )
      expect(row.degraded).toBe(fellBack.length)
      const tally = new RunTally()
      for (const record of records) tally.add(record)
      expect(result.choices).toEqual(tally.result().choices)
      expect(row.calls).toBe(tally.calls)
      // Calls that were given up spend on for a moment after the answer went out: only the record knows.
      expect(row.output_tokens).toBeLessThanOrEqual(tally.outputTokens)
      // How many depends on how late the machine was; more than the answers' own there never are.
      expect(row.output_tokens).toBeGreaterThan(0.2 * tally.outputTokens)
      expect(result.queryError.count).toBe(tally.result().queryError.count)
    }
  })

  it('never sees an answer sooner than the gateway sent it, and counts from the instant it was due', () => {
    for (const { result, replies, records } of runs) {
      const onTime = replies.filter(({ end, latencyMs }) => end === 'answered' && latencyMs <= 30_000)
      expect(result.cells[0]!.row.on_time).toBe(onTime.length)
      const ofGateway = new Map(records.map((record) => [record.runId, record]))
      expect(ofGateway.size).toBeGreaterThan(0)
      for (const { inframind, latencyMs, sendLagMs } of replies) {
        const record = ofGateway.get(inframind?.run_id ?? '')
        if (record === undefined) continue
        const servedMs = (record.finishedAtMs - record.arrivedAtMs) * timeScale
        // Two clocks: the gateway's reads a little later than it finished, in the time that is scaled.
        expect(latencyMs - sendLagMs).toBeGreaterThan(servedMs - 2 * timeScale)
      }
    }
  })

  it('scores the texts, and they can be scored again from the kept replies', async () => {
    const sets = [...questionSets({ folder: null, datasets, seed: 1 }).values()]
    const questions = new Map(sets.flatMap(({ test }) => test.map((question) => [question.id, question] as const)))
    for (const { result, replies } of runs) {
      const lines = replies.filter(({ end }) => end === 'answered').map((reply) => JSON.stringify(reply))
      let correct = 0
      for await (const one of rescore(lines, { questions, runner: null })) {
        if ('score' in one && one.score.verdict === 'correct') correct += 1
      }
      expect(correct).toBeGreaterThan(0)
      expect(result.cells[0]!.row.correct).toBe(correct)
    }
  })

  it("watches every model's load, and writes the figures of vllm bench serve", () => {
    for (const { result } of runs) {
      const row = result.cells[0]!.row
      expect(Object.keys(result.queues.models).sort()).toEqual(gateway.twins.map(({ model }) => model).sort())
      expect(result.queues.everySeconds).toBe(timeScale)
      expect(readJson('vllm-bench', `${result.key}.json`)).toMatchObject({
        num_prompts: row.arrived,
        completed: row.answered,
        total_output_tokens: row.output_tokens,
      })
      expect(readJson('live', `${result.key}.json`)).toMatchObject({
        isPoolSimulated: true,
        timeScale,
        sendLagMs: { p50: expect.any(Number), p99: expect.any(Number) },
      })
    }
  })

  it('takes up what is finished when asked again', async () => {
    const before = gateway.finished.length
    expect(await runProgram(flags(), output)).toBe(0)
    expect(gateway.finished).toHaveLength(before)
    expect(summarySchema.parse(readJson('summary.json'))).toEqual(summary)
  })

  it.each([
    [['--methods', 'moa'], '--methods'],
    [['--model', 'inframnd'], '--model'],
  ])('refuses %j with exit 2', async (more, path) => {
    expect(await runProgram([...flags(), ...more], output)).toBe(2)
    expect(told.at(-1)).toContain(path)
  })

  it('refuses flags of --live without it', async () => {
    expect(await runProgram(['bench', '--time-scale', '10'], output)).toBe(2)
    expect(told.at(-1)).toContain('only with --live')
  })
})
