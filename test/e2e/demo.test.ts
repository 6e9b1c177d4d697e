/**
 * @file The demo as its user meets it: the built program in a process of its own, its two printed requests, `explain`, a
 * load in the background, and SIGTERM.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunRecord } from '../../src/core/index.ts'
import { type Answer, ask, type Reply } from './http-client.ts'

const program = resolve(import.meta.dirname, '../../dist/cli/main.js')
const isBuilt = existsSync(program)
const budgetsMs = [1000, 3000, 6000]
const loadMs = 10_000

interface Cluster {
  readonly models: readonly {
    readonly model: string
    readonly replicas: readonly { readonly slots: number; readonly own_in_flight: number }[]
  }[]
}

/** The demo, once it has said that it is ready. */
interface Demo {
  readonly child: ChildProcess
  readonly url: string
  /** Bodies of the printed requests. */
  readonly requests: readonly { readonly inframind: { readonly budget_ms: number } }[]
  readonly complaints: () => string
  readonly exit: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>
}

/** Undoes the shell's quoting of a printed body. */
const bodyOf = (line: string) => JSON.parse(/ -d '(.*)'$/.exec(line)![1]!.replaceAll(`'\\''`, `'`))

async function startDemo(flags: readonly string[]): Promise<Demo> {
  const child = spawn(process.execPath, [program, 'demo', '--port', '0', ...flags], { stdio: 'pipe' })
  let complaints = ''
  child.stderr.on('data', (bytes: Buffer) => {
    complaints += bytes.toString()
  })
  const exit = new Promise<Awaited<Demo['exit']>>((settle) => {
    child.once('exit', (code, signal) => settle({ code, signal }))
  })
  let url = ''
  const requests: Demo['requests'][number][] = []
  for await (const line of createInterface({ input: child.stdout })) {
    url ||= /^inframind ready on (http:\/\/127\.0\.0\.1:\d+)$/.exec(line)?.[1] ?? ''
    if (line.startsWith('curl ')) requests.push(bodyOf(line))
    // The line that follows the requests.
    if (line.includes('explain last')) return { child, url, requests, complaints: () => complaints, exit }
  }
  throw new Error(`the demo ended before it was ready: ${complaints}`)
}

describe.skipIf(!isBuilt)(isBuilt ? 'the demo' : 'the demo (skipped: dist is missing, see npm run build)', () => {
  let demo: Demo
  beforeAll(async () => {
    demo = await startDemo(['--time-scale', '10', '--seed', '3'])
  })
  afterAll(() => {
    if (demo?.child.exitCode === null) demo.child.kill('SIGKILL')
  })

  it('prints two requests that differ in their budget alone; both are answered in time, by different plans', async () => {
    expect(demo.requests.map(({ inframind }) => inframind.budget_ms)).toEqual([2000, 60_000])
    expect(demo.requests[0]).toEqual({ ...demo.requests[1], inframind: { budget_ms: 2000 } })
    const replies: Reply[] = []
    for (const body of demo.requests) replies.push(await ask(demo.url, body))
    for (const { status, json } of replies) {
      expect(status).toBe(200)
      expect(json.inframind).toMatchObject({ on_time: true, degraded: null, simulated: true })
      expect(json.inframind.elapsed_ms).toBeLessThanOrEqual(json.inframind.budget_ms)
    }
    const [hasty, patient] = replies.map(({ json }) => planOf(json))
    expect(hasty).not.toEqual(patient)
  })

  it('explains the last run from its record', async () => {
    const explain = async (...flags: string[]) => {
      const run = promisify(execFile)
      return (await run(process.execPath, [program, 'explain', 'last', '--url', demo.url, ...flags])).stdout
    }
    const record = JSON.parse(await explain('--json')) as RunRecord
    const text = await explain()
    expect(record).toMatchObject({ outcome: 'answered', budgetMs: 60_000 })
    expect(text.trim().split('\n').length).toBeGreaterThan(2)
    for (const step of record.steps) if ('model' in step.choice) expect(text).toContain(step.choice.model)
    expect(text).toContain('60.0 s')
  })

  it('ends with 0 on SIGTERM, silent', async () => {
    demo.child.kill('SIGTERM')
    expect(await demo.exit).toEqual({ code: 0, signal: null })
    expect(demo.complaints()).toMatch(/^stopping: [^\n]*\n$/)
  })
})

describe.skipIf(!isBuilt)(isBuilt ? 'the demo under load' : 'the demo under load (skipped: dist is missing)', () => {
  let demo: Demo
  beforeAll(async () => {
    const budgets = budgetsMs.map((ms) => ms / 1000).join(',')
    demo = await startDemo(['--time-scale', '10', '--rate', '300', '--budgets', budgets])
  })
  afterAll(() => {
    if (demo?.child.exitCode === null) demo.child.kill('SIGKILL')
  })

  it('answers in time, or says how an answer fell short or why there is none; no engine is overfilled', async () => {
    const asked: Promise<Reply>[] = []
    const body = demo.requests[0]!
    let fullest = 0
    for (const endMs = performance.now() + loadMs; performance.now() < endMs; ) {
      const budget_ms = budgetsMs[asked.length % budgetsMs.length]
      asked.push(ask(demo.url, { ...body, inframind: { budget_ms } }))
      await new Promise((settle) => setTimeout(settle, 150))
      const { models } = (await (await fetch(`${demo.url}/v1/cluster`)).json()) as Cluster
      for (const { own_in_flight, slots } of models.flatMap(({ replicas }) => replicas)) {
        fullest = Math.max(fullest, own_in_flight)
        expect(own_in_flight).toBeLessThanOrEqual(slots)
      }
    }
    const replies = await Promise.all(asked)
    expect(replies.length).toBeGreaterThan(20)
    expect(fullest).toBeGreaterThan(0)
    for (const { status, json } of replies) {
      if (status !== 200) expect(json.error).toMatchObject({ inframind_code: expect.any(String) })
      else expect(json.inframind.on_time || json.inframind.degraded !== null, JSON.stringify(json.inframind)).toBe(true)
    }
    const inTime = replies.filter(({ json }) => json.inframind?.on_time)
    expect(inTime.length / replies.length).toBeGreaterThan(0.9)
  })

  it('counts its own load beside ours, and nothing of it went wrong', async () => {
    const page = await (await fetch(`${demo.url}/metrics`)).text()
    const ends = [...page.matchAll(/^inframind_requests_total\{.*outcome="([^"]+)"\} (\d+)$/gm)]
    const counts = new Map(ends.map(([, outcome, count]) => [outcome as string, Number(count)]))
    // 300 a minute for 10 s, less chance, and ours.
    expect(counts.get('answered')).toBeGreaterThan(60)
    expect([...counts.keys()].filter((outcome) => !['answered', 'deadline_exceeded'].includes(outcome))).toEqual([])
  })

  it('lets what runs finish on SIGTERM, refuses what comes, and ends with 0', async () => {
    const last = ask(demo.url, { ...demo.requests[0], inframind: { budget_ms: 3000 } })
    await new Promise((settle) => setTimeout(settle, 30))
    demo.child.kill('SIGTERM')
    expect((await last).status).toBe(200)
    expect(await demo.exit).toEqual({ code: 0, signal: null })
  })
})

function planOf({ inframind }: Answer) {
  return { topology: inframind.topology, steps: inframind.steps.map(({ step, model }) => [step, model]) }
}
