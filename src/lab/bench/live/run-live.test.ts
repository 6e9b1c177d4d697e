/** @file The live benchmark as a whole against a scripted server: what is counted, what is kept, how it is interrupted. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  delta,
  finish,
  type Received,
  type Script,
  sendAnswer,
  sendEvents,
  sendJson,
  startScriptedServer,
} from '../../../../test/scripted-chat-server.ts'
import { ConfigError } from '../../../core/index.ts'
import { questionSets } from '../../questions/index.ts'
import { rescore } from '../../scoring/index.ts'
import { runResultSchema, summarySchema } from '../results/index.ts'
import type { LiveOptions } from './live-options.ts'
import { type RunLiveOptions, runLive } from './run-live.ts'
import type { LiveFacts } from './score-live.ts'

const questions = new Map(
  [...questionSets({ folder: null, datasets: ['synthetic-math', 'synthetic-code'], seed: 1 }).values()].flatMap(
    ({ test }) => test.map((question) => [question.id, question] as const),
  ),
)
const byText = new Map([...questions.values()].map((question) => [question.text, question]))
const questionOf = ({ body }: Received) => {
  const messages = body?.['messages'] as readonly { readonly content: string }[]
  return byText.get(messages[0]!.content)!
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'inframind-live-'))
  onTestFinished(() => rmSync(path, { recursive: true }))
  return path
}

/** Six simulated seconds at 60 times real speed: about sixty queries in a tenth of a second. */
const options = (url: string, change: Partial<LiveOptions> = {}): LiveOptions => ({
  ...{ url, key: null, model: 'some-model', timeScale: 60, data: null, datasets: ['synthetic-math'], rates: [600] },
  ...{ budgets: [6], arrivals: 'poisson', minutes: 0.1, warmUpMinutes: 0, seeds: 1, seed: 1 },
  ...change,
})

const terms = (out: string, change: Partial<RunLiveOptions> = {}): RunLiveOptions => ({
  ...{ out, signal: new AbortController().signal, allowsUnsafeExec: false, version: '0', commit: null },
  onProgress: () => {},
  ...change,
})

const serve = (chat: Script) =>
  startScriptedServer((request, response) => {
    if (request.path === '/v1/chat/completions') chat(request, response)
    else if (request.path === '/v1/models') sendJson(response, { data: [{ id: 'some-model', owned_by: 'vllm' }] })
    else sendJson(response, {}, 404)
  })

const readJson = (...path: readonly string[]) => JSON.parse(readFileSync(join(...path), 'utf8'))
const readLines = (path: string) =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

/** Every way in which a query can end, in turn: right, wrong, no room, broken, cut off. */
const ways: readonly Script[] = [
  (request, response) => sendAnswer(response, `The answer is ${questionOf(request).key}.`),
  (request, response) => sendAnswer(response, `The answer is ${questionOf(request).wrongAnswers[0]}.`),
  (_, response) => sendJson(response, { error: { message: 'no room' } }, 429),
  (_, response) => sendEvents(response, [delta('The'), { error: { message: 'gone' } }]) ?? void response.end(),
  (_, response) => sendEvents(response, [delta('The answer')]) ?? void response.end(),
]
const key = 'live-some-model__synthetic-math__600__6__1'

describe('runLive', () => {
  it('counts every arrival, whatever became of it, and leaves files of the common form', async () => {
    let turn = 0
    const server = await serve((request, response) => ways[turn++ % ways.length]!(request, response))
    const out = folder()
    const facts: LiveFacts[] = []
    const summary = await runLive(options(server.url), terms(out, { onFacts: (one) => facts.push(one) }))
    const sent = server.received.filter(({ path }) => path === '/v1/chat/completions').length
    const each = (way: number) => Math.ceil((sent - way) / ways.length)

    expect(sent).toBeGreaterThan(30)
    expect(summarySchema.parse(readJson(out, 'summary.json'))).toEqual(summary)
    expect(summary?.meta).toMatchObject({ kind: 'live', profile: server.url, truthHash: null })
    expect(summary?.rows).toHaveLength(1)
    expect(summary?.rows[0]).toMatchObject({
      method: 'live:some-model',
      arrived: sent,
      answered: each(0) + each(1),
      correct: each(0),
      calls: each(0) + each(1),
      output_tokens: 5 * (each(0) + each(1)),
    })
    expect(facts[0]).toMatchObject({
      ends: {
        answered: each(0) + each(1),
        refused: each(2),
        failed: each(3),
        cut: each(4),
        'timed-out': 0,
        stopped: 0,
      },
      verdicts: { correct: each(0), wrong: each(1), unparsed: 0, error: 0 },
    })
    const result = runResultSchema.parse(readJson(out, 'runs', `${key}.json`))
    expect(result.cells[0]?.row).toEqual(summary?.rows[0])
    expect(readJson(out, 'live', `${key}.json`)).toMatchObject({ ...facts[0], url: server.url, timeScale: 60 })
    expect(readJson(out, 'vllm-bench', `${key}.json`)).toMatchObject({
      completed: each(0) + each(1),
      num_prompts: sent,
    })
  })

  it('keeps every reply, so that they can be judged again', async () => {
    let turn = 0
    const server = await serve((request, response) => ways[turn++ % 2]!(request, response))
    const out = folder()
    const summary = await runLive(options(server.url), terms(out))
    const lines = readFileSync(join(out, 'replies.jsonl'), 'utf8').split('\n')
    let correct = 0
    for await (const one of rescore(lines, { questions, runner: null })) {
      expect(one).toHaveProperty('score')
      if ('score' in one && one.score.verdict === 'correct') correct += 1
    }
    expect(correct).toBe(summary?.rows[0]?.correct)
    expect(readLines(join(out, 'replies.jsonl'))[0]).toMatchObject({ run: key, end: 'answered', httpStatus: 200 })
  })

  it('gives up what is not answered, and goes on to the next run', async () => {
    const server = await serve((_, response) => sendEvents(response, [delta('Well')]))
    const out = folder()
    const summary = await runLive(options(server.url, { seeds: 2 }), terms(out, { marginMs: 20 }))
    expect(summary?.rows.map(({ seed, answered }) => ({ seed, answered }))).toEqual([
      { seed: 1, answered: 0 },
      { seed: 2, answered: 0 },
    ])
    expect(readJson(out, 'live', `${key}.json`).ends['timed-out']).toBe(summary?.rows[0]?.arrived)
  })

  it('keeps what is there when interrupted, and goes on from the finished runs', async () => {
    const stop = new AbortController()
    const firstSeed = new Set<string>()
    const server = await serve((_, response) => sendAnswer(response, '12'))
    const out = folder()
    const twoRuns = options(server.url, { seeds: 2 })
    const interrupted = await runLive(
      twoRuns,
      terms(out, {
        signal: stop.signal,
        onProgress: ({ run, ended }) => {
          if (run === 2 && ended === 5) stop.abort()
        },
      }),
    )
    expect(interrupted).toBeNull()
    expect(existsSync(join(out, 'summary.json'))).toBe(false)
    const kept = readLines(join(out, 'replies.jsonl'))
    for (const { run } of kept) firstSeed.add(run)
    expect([...firstSeed]).toHaveLength(2)

    const before = server.received.length
    const resumed: number[] = []
    const summary = await runLive(twoRuns, terms(out, { onProgress: (progress) => resumed.push(progress.resumed) }))
    expect(new Set(resumed)).toEqual(new Set([1]))
    const again = server.received.slice(before).filter(({ path }) => path === '/v1/chat/completions').length
    expect(summary?.rows.map(({ seed }) => seed)).toEqual([1, 2])
    expect(again).toBe(summary?.rows[1]?.arrived)
  })

  it('measures anew where anything was asked differently', async () => {
    const server = await serve((_, response) => sendAnswer(response, '12'))
    const out = folder()
    await runLive(options(server.url), terms(out))
    const before = server.received.length
    await runLive(options(server.url, { timeScale: 50 }), terms(out))
    expect(server.received.length).toBeGreaterThan(before + 10)
  })

  it('runs programs of answers in the sandbox, and tells where there is none', async () => {
    const server = await serve((_, response) => {
      sendEvents(response, [delta('```python\ndef f():\n    return 1\n```'), finish('stop'), '[DONE]'])
      response.end()
    })
    const few = options(server.url, { datasets: ['synthetic-code'], rates: [30] })
    const out = folder()
    const outcome = await runLive(few, terms(out)).catch((error: unknown) => error)
    if (outcome instanceof ConfigError) {
      // No level works on this machine: said before anything is asked.
      expect(outcome.message).toContain('--unsafe-exec')
      expect(server.received.some(({ path }) => path === '/v1/chat/completions')).toBe(false)
    } else {
      const facts = readJson(out, 'live', 'live-some-model__synthetic-code__30__6__1.json')
      expect(facts.verdicts).toMatchObject({ correct: 0, error: 0 })
      expect(facts.sandbox).toContain('Python')
    }
  })

  it('asks nothing where the gateway is not there, or the folder cannot be', async () => {
    await expect(runLive(options('http://127.0.0.1:1'), terms(folder()))).rejects.toThrow('--live')
    const server = await serve((_, response) => sendAnswer(response, '12'))
    const file = join(folder(), 'taken')
    writeFileSync(file, '')
    await expect(runLive(options(server.url), terms(file))).rejects.toThrow(ConfigError)
    expect(server.received.some(({ path }) => path === '/v1/chat/completions')).toBe(false)
  })
})
