/** @file The open loop: the twin's queries at the twin's instants, sent when due whatever the answers do. */
import { Agent } from 'undici'
import { describe, expect, it, onTestFinished } from 'vitest'
import { aQuestion } from '../../../../test/live-query.ts'
import { type Script, sendAnswer, sendEvents, startScriptedServer } from '../../../../test/scripted-chat-server.ts'
import { createScaledClock, createWallClock } from '../../../core/index.ts'
import { poissonArrivals } from '../../../twin/arrivals/index.ts'
import { loadProfile } from '../../profile-file.ts'
import { questionSets } from '../../questions/index.ts'
import { parseMethod } from '../methods/index.ts'
import { mixedBudgetsSeconds } from '../play/index.ts'
import { simulate } from '../play/simulate.ts'
import { dueQueries, type LiveQuery, type PlayLiveInput, playLive } from './play-live.ts'

const questions = Array.from({ length: 50 }, (_, index) => aQuestion({ id: `q${index}`, text: `Question ${index}?` }))
const stream = { questions, setSizes: [50], arrivals: poissonArrivals, ratePerMinute: 60, originMs: 0 }

const firstOf = <T>(count: number, items: Iterable<T>): T[] => {
  const taken: T[] = []
  for (const item of items) {
    taken.push(item)
    if (taken.length === count) break
  }
  return taken
}

describe('dueQueries', () => {
  it('asks the same questions at the same instants as the twin under the same seed', async () => {
    const profile = loadProfile('paper-b200')
    const [set] = questionSets({ folder: null, datasets: ['synthetic-math'], seed: 1 }).values()
    const terms = { questions: set!.test, setSizes: [set!.test.length], arrivals: poissonArrivals, seed: 5 }
    const asked: { readonly id: string; readonly atMs: number; readonly budgetMs: number }[] = []
    await simulate({
      ...terms,
      profile,
      prior: profile.prior,
      method: parseMethod('single:Llama-3.2-3B-Instruct:Flash', Object.keys(profile.models)),
      ratePerMinute: 30,
      warmUpMinutes: 0,
      minutes: 2,
      budgetSeconds: null,
      onRecord: ({ arrivedAtMs, budgetMs }, { id }) => asked.push({ id, atMs: arrivedAtMs, budgetMs }),
    })
    asked.sort((a, b) => a.atMs - b.atMs)
    const due = firstOf(asked.length, dueQueries({ ...terms, ratePerMinute: 30, originMs: 0, budgetSeconds: null }))
    expect(asked.length).toBeGreaterThan(30)
    expect(due.map(({ atMs, question, budgetMs }) => ({ id: question.id, atMs, budgetMs }))).toEqual(asked)
  })

  it('counts its instants from the origin', () => {
    const [plain, moved] = [0, 1e6].map((originMs) =>
      firstOf(20, dueQueries({ ...stream, seed: 1, originMs, budgetSeconds: 10 })),
    )
    expect(moved!.map(({ atMs }) => atMs - 1e6)).toEqual(plain!.map(({ atMs }) => expect.closeTo(atMs, 6)))
    expect(moved!.map(({ question }) => question.id)).toEqual(plain!.map(({ question }) => question.id))
  })

  it('draws mixed budgets from those of the twin, and gives a fixed one to all', () => {
    const mixed = firstOf(200, dueQueries({ ...stream, seed: 1, budgetSeconds: null }))
    expect(new Set(mixed.map(({ budgetMs }) => budgetMs / 1000))).toEqual(new Set(mixedBudgetsSeconds))
    const fixed = firstOf(20, dueQueries({ ...stream, seed: 1, budgetSeconds: 30 }))
    expect(new Set(fixed.map(({ budgetMs }) => budgetMs))).toEqual(new Set([30_000]))
  })
})

const timeScale = 20

/** 60 queries a (simulated) second for two seconds, the first of them warm-up: a tenth of a second really. */
async function play(script: Script, change: Partial<PlayLiveInput> = {}) {
  const server = await startScriptedServer(script)
  const agent = new Agent({ connections: null })
  onTestFinished(() => agent.destroy())
  const clock = createScaledClock(createWallClock(), timeScale)
  const originMs = clock.nowMs() + 100
  const heard: LiveQuery[] = []
  const queries = await playLive({
    ...{ ...stream, model: 'm', clock, timeScale, ratePerMinute: 3600, seed: 1, budgetSeconds: 2, originMs },
    gateway: {
      ...{ origin: server.url, headers: {}, agent, models: [] },
      ...{ hasCluster: false, isOrchestrated: false, isSimulated: false },
    },
    window: { startMs: originMs + 1000, endMs: originMs + 2000 },
    marginMs: 20_000,
    signal: new AbortController().signal,
    onQuery: (query) => heard.push(query),
    ...change,
  })
  return { queries, heard, received: server.received, originMs }
}

const textsOf = (queries: readonly LiveQuery[]) => queries.map(({ question }) => question.text)

describe('playLive', () => {
  it('sends every query of the window once, and tells warm-up and measured apart', async () => {
    const { queries, heard, received, originMs } = await play((_, response) => sendAnswer(response, '12'))
    const due = dueQueries({ ...stream, ratePerMinute: 3600, seed: 1, budgetSeconds: 2, originMs })
    const expected = []
    for (const one of due) {
      if (one.atMs >= originMs + 2000) break
      expected.push(one)
    }
    expect(textsOf(queries)).toEqual(expected.map(({ question }) => question.text))
    expect(queries.map(({ arrivedAtMs }) => arrivedAtMs)).toEqual(expected.map(({ atMs }) => atMs))
    expect(received).toHaveLength(expected.length)
    expect([...textsOf(heard)].sort()).toEqual([...textsOf(queries)].sort())
    for (const { arrivedAtMs, isMeasured, reply } of queries) {
      expect(isMeasured).toBe(arrivedAtMs >= originMs + 1000)
      expect(reply.end).toBe('answered')
      expect(reply.sentAtMs).toBeGreaterThanOrEqual(arrivedAtMs)
    }
  })

  const marginMs = 2000
  it('sends on though nothing is answered, and gives each up in its turn', async () => {
    // The margin lets a machine that stands still for a moment send what it is to send.
    const { queries, received } = await play(() => {}, { marginMs })
    expect(queries.length).toBeGreaterThan(60)
    expect(received).toHaveLength(queries.length)
    for (const { reply, arrivedAtMs } of queries) {
      expect(reply.end).toBe('timed-out')
      // Its budget and the margin, in the clock's time.
      expect(reply.finishedAtMs - arrivedAtMs).toBeGreaterThanOrEqual(2000 + marginMs * timeScale)
    }
  })

  it('asks with the whole conversation of a question that has one, and the budget in real time', async () => {
    const messages = [{ role: 'system' as const, content: 'Count.' }]
    const { received } = await play((_, response) => sendAnswer(response, '12'), {
      questions: [aQuestion({ messages })],
      setSizes: [1],
    })
    expect(received[0]?.body).toMatchObject({ messages })
    expect(received[0]?.headers['x-inframind-budget-ms']).toBe(String(2000 / timeScale))
  })

  it('gives up what is under way when stopped, and sends nothing more', async () => {
    const stop = new AbortController()
    // Ten real seconds at this pace: were everything sent, or half of it, it would show.
    const clock = createWallClock()
    const originMs = clock.nowMs() + 100
    const window = { startMs: originMs, endMs: originMs + 10_000 }
    let count = 0
    const { queries, received } = await play(
      (_, response) => {
        count += 1
        sendEvents(response, [])
        if (count === 10) stop.abort()
      },
      { signal: stop.signal, clock, timeScale: 1, originMs, window, budgetSeconds: 60 },
    )
    expect(queries.length).toBeLessThan(300)
    expect(received.length).toBeLessThanOrEqual(queries.length)
    for (const { reply } of queries) expect(reply.end).toBe('stopped')
  })

  it('sends nothing at all when stopped before', async () => {
    const { queries, received } = await play(() => {}, { signal: AbortSignal.abort() })
    expect(queries).toEqual([])
    expect(received).toEqual([])
  })

  it('ends with the fault of its listener, and gives the rest up', async () => {
    const fault = new Error('no room on the disk')
    const played = play((_, response) => sendAnswer(response, '12'), {
      onQuery: () => {
        throw fault
      },
    })
    await expect(played).rejects.toBe(fault)
  })
})
