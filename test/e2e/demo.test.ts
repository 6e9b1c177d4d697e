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
import {
  type Answer,
  ask,
  type Chunk,
  events,
  expectHonest,
  post,
  type Reply,
  textOfChunk,
  until,
} from './http-client.ts'

const program = resolve(import.meta.dirname, '../../dist/cli/main.js')
const isBuilt = existsSync(program)
const budgetsMs = [3000, 6000, 12_000]
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

const kill = (demo: Demo | undefined) => {
  if (demo?.child.exitCode === null) demo.child.kill('SIGKILL')
}

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
  afterAll(() => kill(demo))

  it('prints two requests that differ in their budget alone; both are answered, by different plans', async () => {
    expect(demo.requests.map(({ inframind }) => inframind.budget_ms)).toEqual([2000, 60_000])
    expect(demo.requests[0]).toEqual({ ...demo.requests[1], inframind: { budget_ms: 2000 } })
    const replies: Reply[] = []
    for (const body of demo.requests) replies.push(await ask(demo.url, body))
    for (const { status, json } of replies) {
      expect(status).toBe(200)
      expect(json.inframind).toMatchObject({ simulated: true })
      expectHonest(json.inframind)
    }
    // Two seconds are little for a machine that stands still now and then; a minute is not.
    expect(replies[1]?.json.inframind.on_time).toBe(true)
    const [hasty, patient] = replies.map(({ json }) => planOf(json))
    expect(hasty).not.toEqual(patient)
  })

  it('explains the last run from its record', async () => {
    expect((await ask(demo.url, demo.requests[1])).status).toBe(200)
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
    const other = await startDemo([])
    try {
      other.child.kill('SIGTERM')
      expect(await other.exit).toEqual({ code: 0, signal: null })
      expect(other.complaints()).toMatch(/^stopping: [^\n]*\n$/)
    } finally {
      kill(other)
    }
  })

  it('lets what runs finish on SIGTERM, refuses what comes, and ends with 0', async () => {
    const other = await startDemo(['--rate', '60'])
    try {
      const inframind = { budget_ms: 4000, steps: 'events' }
      const stream = events(await post(other.url, { ...other.requests[0], inframind, stream: true }))
      const isOpen = async () => (await fetch(`${other.url}/ready`).catch(() => null))?.status === 200
      let text = ''
      let last: Chunk | '[DONE]' | null = null
      for await (const event of stream) {
        // At the first sign of life it is under way.
        if (last === null) {
          other.child.kill('SIGTERM')
          await until('nobody is let in', async () => !(await isOpen()))
        }
        text += textOfChunk(event)
        last = event
      }
      expect([text !== '', last]).toEqual([true, '[DONE]'])
      expect(await other.exit).toEqual({ code: 0, signal: null })
    } finally {
      kill(other)
    }
  })
})

describe.skipIf(!isBuilt)(isBuilt ? 'the demo under load' : 'the demo under load (skipped: dist is missing)', () => {
  let demo: Demo
  beforeAll(async () => {
    const budgets = budgetsMs.map((ms) => ms / 1000).join(',')
    demo = await startDemo(['--time-scale', '10', '--rate', '300', '--budgets', budgets])
  })
  afterAll(() => kill(demo))

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
    expect(replies.length).toBeGreaterThan(10)
    expect(fullest).toBeGreaterThan(0)
    for (const { status, json } of replies) {
      if (status === 200) expectHonest(json.inframind)
      else expect([status, json.error?.inframind_code]).toEqual([504, 'DEADLINE_EXCEEDED'])
    }
    // A machine that stands still makes some late; most are not, even so.
    const inTime = replies.filter(({ json }) => json.inframind?.on_time)
    expect(inTime.length / replies.length).toBeGreaterThan(0.5)
  })

  it('counts its own load, of which nothing goes wrong', async () => {
    const ends = async () => {
      const page = await (await fetch(`${demo.url}/metrics`)).text()
      const counts = [...page.matchAll(/^inframind_requests_total\{.*outcome="([^"]+)"\} (\d+)$/gm)]
      return new Map(counts.map(([, outcome, count]) => [outcome as string, Number(count)]))
    }
    const before = (await ends()).get('answered') ?? 0
    // Five a second come, and we ask nothing.
    await until('ten more are answered', async () => ((await ends()).get('answered') ?? 0) >= before + 10)
    const outcomes = [...(await ends()).keys()]
    expect(outcomes.filter((outcome) => !['answered', 'deadline_exceeded'].includes(outcome))).toEqual([])
  })
})

function planOf({ inframind }: Answer) {
  return { topology: inframind.topology, steps: inframind.steps.map(({ step, model }) => [step, model]) }
}
