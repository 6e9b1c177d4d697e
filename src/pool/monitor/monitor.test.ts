/** @file The monitor: readings put right by our own calls, ages, averages, health, and the state that decisions see. */
import { beforeEach, describe, expect, it } from 'vitest'
import type { Engine, EngineReading, ReplicaState } from '../../core/index.ts'
import { aCallResult, aQueuedCall, ManualClock, ScriptedEngine, scriptedReading } from '../../testing/index.ts'
import { createMonitor, type Monitor, type MonitorOptions } from './monitor.ts'
import { callHealth } from './replica-monitor.ts'

const good = { ok: true, unreachable: false }
const bad = { ok: false, unreachable: false }
const gone = { ok: false, unreachable: true }

let clock: ManualClock

beforeEach(() => {
  clock = new ManualClock(10_000)
})

const engine = (id: string, reading: Partial<EngineReading> = {}, model = id.split('#')[0] as string) =>
  new ScriptedEngine({ clock, id, model, readings: [{ running: 0, ...reading }] })

const monitorOf = (engines: readonly Engine[], options: Partial<MonitorOptions> = {}): Monitor =>
  createMonitor({ engines, clock, slots: () => null, ...options })

const send = (monitor: Monitor, id: string, replica = 'm#1', overrides = {}) =>
  monitor.callStarted(
    replica,
    aQueuedCall({ id, promptTokens: 100, outputTokens: 50, outputTokensP90: 80, ...overrides }),
  )

const replicaOf = (monitor: Monitor, index = 0): ReplicaState =>
  monitor.state().models[0]?.replicas[index] as ReplicaState
const requestsOf = (monitor: Monitor) => {
  const { running, waiting } = replicaOf(monitor)
  return [running, waiting]
}

describe('before any reading', () => {
  it('knows nothing but its own calls, and may send', () => {
    const monitor = monitorOf([engine('m#1')])
    send(monitor, 'a')
    expect(replicaOf(monitor)).toMatchObject({
      replica: 'm#1',
      model: 'm',
      isUsable: true,
      slots: 16,
      kvTokens: null,
      contextTokens: null,
      ownInFlight: 1,
      ownKvTokens: 150,
      running: 1,
      waiting: 0,
      kvUsage: null,
      ttftMs: null,
      interTokenMs: null,
      e2eMs: null,
      queueMs: null,
      readingAgeMs: null,
    })
    expect(monitor.readings()).toEqual(new Map([['m#1', null]]))
    expect(monitor.readingAgeMs('m#1')).toBeNull()
  })
})

describe('between polls', () => {
  it('is the reading, plus what we started, less what ended', async () => {
    const one = engine('m#1', { running: 3, waiting: 0, slots: 8 })
    const monitor = monitorOf([one])
    await monitor.pollOnce()
    expect(requestsOf(monitor)).toEqual([3, 0])
    send(monitor, 'a')
    send(monitor, 'b')
    expect(requestsOf(monitor)).toEqual([5, 0])
    one.setReading({ running: 5, waiting: 0, slots: 8 })
    await monitor.pollOnce()
    expect(requestsOf(monitor)).toEqual([5, 0])
    monitor.callEnded('a', 'm#1')
    monitor.callEnded('a', 'm#1')
    expect(requestsOf(monitor)).toEqual([4, 0])
    expect(monitor.inFlight('m#1')).toBe(1)
  })

  it('never falls below our own calls, however far the gauge lags behind', async () => {
    const monitor = monitorOf([engine('m#1', { running: 0, waiting: 0, slots: 8 })])
    for (let count = 0; count < 10; count += 1) send(monitor, `c${count}`)
    await monitor.pollOnce()
    expect(requestsOf(monitor)).toEqual([8, 2])
    monitor.callEnded('c0', 'm#1')
    expect(requestsOf(monitor)).toEqual([8, 1])
  })

  it('keeps an engine that has a queue as full as it was', async () => {
    const monitor = monitorOf([engine('m#1', { running: 2, waiting: 4, slots: 8 })])
    await monitor.pollOnce()
    expect(requestsOf(monitor)).toEqual([2, 4])
    send(monitor, 'a')
    expect(requestsOf(monitor)).toEqual([2, 5])
  })

  it('does not take a call that ended while the poll was under way for one of another client', async () => {
    let answer = (_reading: EngineReading): void => {}
    const slow: Engine = {
      id: 'm#1',
      model: 'm',
      run: async () => aCallResult(),
      read: () =>
        new Promise((resolve) => {
          answer = resolve
        }),
    }
    const monitor = monitorOf([slow])
    send(monitor, 'a')
    send(monitor, 'b')
    const poll = monitor.pollOnce()
    monitor.callEnded('a', 'm#1')
    answer(scriptedReading({ atMs: clock.nowMs(), running: 2, waiting: 0 }))
    await poll
    expect(requestsOf(monitor)).toEqual([1, 0])
  })

  it('corrects the KV usage by the tokens of our calls', async () => {
    const one = engine('m#1', { kvUsage: 0.5, kvTokens: 1_000 })
    const monitor = monitorOf([one])
    await monitor.pollOnce()
    send(monitor, 'a')
    expect(replicaOf(monitor).kvUsage).toBeCloseTo(0.6, 12)
    one.setReading({ kvUsage: 0.6, kvTokens: 1_000 })
    await monitor.pollOnce()
    monitor.callEnded('a', 'm#1')
    expect(replicaOf(monitor).kvUsage).toBeCloseTo(0.5, 12)
    send(monitor, 'b', 'm#1', { promptTokens: 5_000 })
    expect(replicaOf(monitor).kvUsage).toBe(1)
  })

  it('leaves a KV usage of unknown size as read, and one never read as null', async () => {
    const sized = monitorOf([engine('m#1', { kvUsage: 0.5, kvTokens: null })])
    await sized.pollOnce()
    send(sized, 'a')
    expect(replicaOf(sized).kvUsage).toBe(0.5)
    const none = monitorOf([engine('m#1', { kvUsage: null })])
    await none.pollOnce()
    send(none, 'a')
    expect(replicaOf(none).kvUsage).toBeNull()
  })

  it('counts on its own calls alone where the engine publishes no metrics', async () => {
    const monitor = monitorOf([engine('m#1', { running: null, waiting: null, kvUsage: null })])
    await monitor.pollOnce()
    send(monitor, 'a')
    expect(replicaOf(monitor)).toMatchObject({ running: 1, waiting: 0, kvUsage: null, readingAgeMs: 0 })
  })
})

describe('an old reading', () => {
  it('grows in age by itself, and is not believed from five seconds on', async () => {
    const monitor = monitorOf([engine('m#1', { running: 6, waiting: 2, kvUsage: 0.9, kvTokens: 1_000, slots: 8 })])
    await monitor.pollOnce()
    send(monitor, 'a')
    const kept = replicaOf(monitor)
    clock.advanceBy(4_999)
    expect(replicaOf(monitor)).toMatchObject({ readingAgeMs: 4_999, running: 6, waiting: 3 })
    expect(kept.readingAgeMs).toBe(4_999)
    expect(monitor.readingAgeMs('m#1')).toBe(4_999)
    expect(monitor.views('m')[0]?.foreignKvTokens).toBe(900)
    clock.advanceBy(1)
    expect(replicaOf(monitor)).toMatchObject({ readingAgeMs: 5_000, running: 1, waiting: 0, kvUsage: 0.1, slots: 8 })
    expect(monitor.views('m')[0]).toMatchObject({ inFlight: 1, foreignKvTokens: 0 })
  })
})

describe('averages', () => {
  it('are of what ended between polls, in the state of replica and model', async () => {
    const counters = (count: number) => ({
      ttft: { sumMs: count * 100, count },
      interToken: { sumMs: count * 10, count },
      e2e: { sumMs: count * 900, count },
      queueTime: { sumMs: 0, count },
    })
    const one = engine('m#1', counters(5))
    const monitor = monitorOf([one])
    await monitor.pollOnce()
    expect(replicaOf(monitor).ttftMs).toBeNull()
    one.setReading(counters(7))
    await monitor.pollOnce()
    expect(replicaOf(monitor)).toMatchObject({ ttftMs: 100, interTokenMs: 10, e2eMs: 900, queueMs: 0 })
    expect(monitor.state().model('m')).toMatchObject({ ttftMs: 100, interTokenMs: 10, queueMs: 0 })
  })
})

describe('views', () => {
  it('show what each call holds, what others hold, and the room there is', async () => {
    const one = engine('m#1', { ttft: { sumMs: 0, count: 0 }, interToken: { sumMs: 0, count: 0 } })
    const monitor = monitorOf([one])
    await monitor.pollOnce()
    send(monitor, 'a')
    one.setReading({
      running: 3,
      waiting: 0,
      slots: 4,
      kvTokens: 1_000,
      kvUsage: 0.4,
      contextTokens: 512,
      ttft: { sumMs: 100, count: 1 },
      interToken: { sumMs: 100, count: 10 },
    })
    await monitor.pollOnce()
    monitor.callFirstToken('m#1', 'a')
    clock.advanceBy(95)
    const [view] = monitor.views('m')
    expect(view).toMatchObject({
      replica: 'm#1',
      isUsable: true,
      slots: 4,
      inFlight: 3,
      kvTokens: 1_000,
      contextTokens: 512,
      held: [{ tokens: 110, remaining: 70 }],
      foreignKvTokens: 300,
    })
    expect(monitor.views('nobody')).toEqual([])
  })

  it('use the configured slots, KV size and context before those reported', async () => {
    const monitor = monitorOf(
      [
        engine('m#1', { slots: 8, kvTokens: 1_000, contextTokens: 4_096 }),
        engine('m#2', { slots: null, kvTokens: 1_000, contextTokens: 4_096 }),
      ],
      {
        slots: (replica) => (replica === 'm#1' ? 2 : null),
        kvTokens: (replica) => (replica === 'm#1' ? 500 : null),
        contextTokens: (replica) => (replica === 'm#1' ? 2_048 : null),
        fallbackSlots: 5,
      },
    )
    expect(monitor.views('m').map(({ contextTokens }) => contextTokens)).toEqual([2_048, null])
    await monitor.pollOnce()
    expect(monitor.views('m').map((view) => [view.slots, view.kvTokens, view.contextTokens])).toEqual([
      [2, 500, 2_048],
      [5, 1_000, 4_096],
    ])
    expect(monitor.state().models[0]?.contextTokens).toBe(2_048)
  })
})

describe('one of several gateways', () => {
  it('fills its own share, and is not held back by what the others send', async () => {
    const monitor = monitorOf([engine('m#1', { running: 12, slots: 16, kvTokens: 1000, kvUsage: 0.9 })], {
      share: 0.25,
    })
    await monitor.pollOnce()
    send(monitor, 'a')
    expect(monitor.views('m')[0]).toMatchObject({
      slots: 4,
      inFlight: 1,
      kvTokens: 250,
      foreignKvTokens: 0,
      held: [{ tokens: 100 }],
    })
    // What policies see is the whole engine.
    expect(replicaOf(monitor)).toMatchObject({ slots: 16, running: 13 })
  })
})

describe('health', () => {
  it('takes a replica that is down or loading out of use, and back when it is well', async () => {
    const one = engine('m#1', { health: 'loading' })
    const monitor = monitorOf([one])
    await monitor.pollOnce()
    expect(replicaOf(monitor).isUsable).toBe(false)
    one.setReading({ health: 'ok' })
    await monitor.pollOnce()
    expect(replicaOf(monitor).isUsable).toBe(true)
    one.setReading({ health: 'down' })
    await monitor.pollOnce()
    expect(monitor.views('m')[0]?.isUsable).toBe(false)
    clock.advanceBy(60_000)
    expect(replicaOf(monitor).isUsable).toBe(false)
    one.setReading({ health: 'ok' })
    await monitor.pollOnce()
    expect(replicaOf(monitor).isUsable).toBe(true)
  })

  it('keeps what the last good reading said while the engine is down', async () => {
    const one = engine('m#1', { slots: 8, contextTokens: 512, running: 2 })
    const monitor = monitorOf([one])
    await monitor.pollOnce()
    one.setReading({ health: 'down', slots: null, contextTokens: null, running: null })
    await monitor.pollOnce()
    expect(replicaOf(monitor)).toMatchObject({ isUsable: false, slots: 8, contextTokens: 512, running: 2 })
    expect(monitor.readings().get('m#1')).toMatchObject({ health: 'ok', slots: 8 })
  })

  it('opens after three failed calls, tells listeners, and lets one call try after two seconds', async () => {
    const monitor = monitorOf([engine('m#1')])
    await monitor.pollOnce()
    const heard: string[] = []
    monitor.onChange((model) => heard.push(`${model}@${clock.nowMs()}`))
    for (const id of ['a', 'b', 'c', 'd']) send(monitor, id)
    for (const id of ['a', 'b', 'c']) monitor.callEnded(id, 'm#1', bad)
    expect(replicaOf(monitor).isUsable).toBe(false)
    expect(heard).toEqual([])
    clock.advanceBy(0)
    expect(heard).toEqual(['m@10000'])
    await monitor.pollOnce()
    expect(replicaOf(monitor).isUsable).toBe(false)
    clock.advanceBy(2_000)
    expect(heard.at(-1)).toBe('m@12000')
    expect(replicaOf(monitor).isUsable).toBe(true)
    send(monitor, 'trial')
    expect(replicaOf(monitor).isUsable).toBe(false)
    monitor.callEnded('d', 'm#1', null)
    expect(replicaOf(monitor).isUsable).toBe(false)
    monitor.callEnded('trial', 'm#1', good)
    expect(replicaOf(monitor).isUsable).toBe(true)
  })

  it('goes out of use at the first call that finds nobody, and comes back with the next good reading', async () => {
    const monitor = monitorOf([engine('m#1')])
    send(monitor, 'a')
    monitor.callEnded('a', 'm#1', gone)
    expect(replicaOf(monitor).isUsable).toBe(false)
    await monitor.pollOnce()
    expect(replicaOf(monitor).isUsable).toBe(true)
  })

  it.each([
    ['done', aCallResult(), good],
    ['cut', aCallResult({ status: 'cut' }), good],
    ['aborted', aCallResult({ status: 'aborted' }), null],
    ['CONTEXT_TOO_LONG', null, null],
    ['REQUEST_INVALID', null, null],
    ['MODEL_UNKNOWN', null, bad],
    ['ENGINE_OVERLOADED', null, bad],
    ['ENGINE_BAD_RESPONSE', null, bad],
    ['STREAM_INTERRUPTED', null, bad],
    ['ENGINE_TIMEOUT', null, bad],
    ['ENGINE_UNREACHABLE', null, gone],
  ] as const)('what a result says of its replica: %s', (code, result, health) => {
    const error = { code: code as 'ENGINE_TIMEOUT', message: '', status: null, retryAfterMs: null }
    expect(callHealth(result ?? aCallResult({ status: 'failed', error }))).toEqual(health)
  })
})

describe('the state', () => {
  it('sums usable replicas per model, in the order of the config', async () => {
    const monitor = monitorOf([
      engine('b#1', { running: 4, slots: 8, kvUsage: 0.2, contextTokens: 4_096 }),
      engine('a#1', { running: 1, slots: 2, kvUsage: null }),
      engine('b#2', { running: 2, waiting: 6, slots: 2, kvUsage: 0.6, contextTokens: 2_048 }),
      engine('b#3', { health: 'down' }),
    ])
    await monitor.pollOnce()
    monitor.setGatewayWaiting('b', 3, 4_500)
    monitor.setSlowdown('b', 1.5)
    const state = monitor.state()
    expect(state.models.map(({ model }) => model)).toEqual(['b', 'a'])
    expect(state.model('b')).toMatchObject({
      isUsable: true,
      slots: 10,
      running: 6,
      waiting: 6,
      gatewayWaiting: 3,
      gatewayWaitingMs: 4_500,
      kvUsage: 0.4,
      contextTokens: 2_048,
      slowdown: 1.5,
    })
    expect(state.model('b')?.replicas.map(({ replica }) => replica)).toEqual(['b#1', 'b#2', 'b#3'])
    expect(state.model('a')).toMatchObject({ kvUsage: null, gatewayWaiting: 0, slowdown: 1 })
    expect(state.model('c')).toBeUndefined()
    expect(state.load).toBeCloseTo((6 + 6 + 3 + 1) / 12, 12)
    expect(state.atMs).toBe(10_000)
  })

  it('counts nothing of a pool that is down', async () => {
    const monitor = monitorOf([engine('m#1', { health: 'down' })])
    send(monitor, 'a')
    await monitor.pollOnce()
    expect(monitor.state()).toMatchObject({
      load: 0,
      models: [{ isUsable: false, slots: 0, running: 0, kvUsage: null }],
    })
  })

  it('rebuilds only what changed, and what was handed out stays as it was', async () => {
    const monitor = monitorOf([engine('a#1'), engine('b#1')])
    await monitor.pollOnce()
    const before = monitor.state()
    expect(monitor.state().models).toBe(before.models)
    send(monitor, 'x', 'b#1')
    monitor.views('b')
    const after = monitor.state()
    expect(after.model('a')).toBe(before.model('a'))
    expect(after.model('b')?.running).toBe(1)
    expect(before.model('b')?.running).toBe(0)
    clock.advanceBy(7)
    expect(monitor.state().atMs).toBe(10_007)
  })

  it('can be written as JSON, age included', async () => {
    const monitor = monitorOf([engine('m#1')])
    await monitor.pollOnce()
    clock.advanceBy(250)
    expect(JSON.parse(JSON.stringify(monitor.state())).models[0].replicas[0]).toMatchObject({
      readingAgeMs: 250,
      slots: 8,
    })
  })
})

describe('polling', () => {
  /** An engine whose readings are answered by hand. */
  class HandheldEngine implements Engine {
    readonly id = 'm#1'
    readonly model = 'm'
    readonly asked: { answer: (reading: EngineReading) => void; fail: (error: Error) => void; signal: AbortSignal }[] =
      []
    run = async () => aCallResult()
    read(signal: AbortSignal): Promise<EngineReading> {
      return new Promise((answer, fail) => this.asked.push({ answer, fail, signal }))
    }
  }

  it('begins at once, goes on every second, and stops', async () => {
    const readings: string[] = []
    const changes: string[] = []
    const monitor = monitorOf([engine('a#1'), engine('b#1')], {
      onReading: (replica, { atMs }) => readings.push(`${replica}@${atMs}`),
    })
    const stopListening = monitor.onChange((model) => changes.push(model))
    monitor.start()
    monitor.start()
    await clock.runBy(1_999)
    expect(readings).toEqual(['a#1@10000', 'b#1@10000', 'a#1@11000', 'b#1@11000'])
    expect(changes).toEqual(['a', 'b', 'a', 'b'])
    stopListening()
    monitor.stop()
    await clock.runBy(5_000)
    expect(readings).toHaveLength(4)
    expect(clock.pending).toBe(0)
    monitor.start()
    await clock.settle()
    expect([readings.length, changes.length]).toEqual([6, 4])
    monitor.stop()
  })

  it('asks a replica again only when it has answered, or its time is over', async () => {
    const slow = new HandheldEngine()
    const monitor = monitorOf([slow])
    monitor.start()
    await clock.runBy(1_500)
    expect(slow.asked).toHaveLength(1)
    await clock.runBy(500)
    expect(slow.asked[0]?.signal.aborted).toBe(true)
    await clock.runBy(1_000)
    expect(slow.asked).toHaveLength(2)
    // Too late: it counts as missed already.
    slow.asked[0]?.answer(scriptedReading({ running: 9 }))
    await clock.settle()
    expect(replicaOf(monitor).readingAgeMs).toBeNull()
    slow.asked[1]?.answer(scriptedReading({ atMs: clock.nowMs(), running: 1 }))
    await clock.settle()
    expect(replicaOf(monitor)).toMatchObject({ running: 1, readingAgeMs: 0 })
    monitor.stop()
  })

  it('takes a replica out of use after three polls without an answer, and keeps its last reading', async () => {
    const slow = new HandheldEngine()
    const monitor = monitorOf([slow], { pollTimeoutMs: 100 })
    const first = monitor.pollOnce()
    slow.asked[0]?.answer(scriptedReading({ atMs: clock.nowMs(), running: 5 }))
    await first
    for (let poll = 1; poll <= 3; poll += 1) {
      expect(replicaOf(monitor).isUsable).toBe(true)
      const missed = monitor.pollOnce()
      if (poll === 2) slow.asked[poll]?.fail(new Error('a read should not reject'))
      await clock.runBy(100)
      await missed
    }
    expect(replicaOf(monitor)).toMatchObject({ isUsable: false, running: 5, readingAgeMs: 300 })
    const back = monitor.pollOnce()
    slow.asked[4]?.answer(scriptedReading({ atMs: clock.nowMs() }))
    await back
    expect(replicaOf(monitor).isUsable).toBe(true)
  })

  it('gives up what is under way when stopped', async () => {
    const slow = new HandheldEngine()
    const monitor = monitorOf([slow])
    const poll = monitor.pollOnce()
    monitor.stop()
    await poll
    expect(slow.asked[0]?.signal.aborted).toBe(true)
    expect(clock.pending).toBe(0)
  })
})

describe('misuse', () => {
  it('is named: two engines of one name, calls and notes for nobody', () => {
    expect(() => monitorOf([engine('m#1'), engine('m#1')])).toThrow(/m#1/)
    const monitor = monitorOf([engine('m#1')])
    expect(() => send(monitor, 'a', 'x#1')).toThrow(/x#1/)
    expect(() => monitor.callEnded('a', 'x#1')).toThrow(/x#1/)
    expect(() => monitor.setGatewayWaiting('x', 1, 1)).toThrow(/no model x/)
  })
})
