/** @file Load over time as seen from outside: asked at even instants, a failed look covered by the one before. */
import { Agent } from 'undici'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Script, sendJson, startScriptedServer } from '../../../../test/scripted-chat-server.ts'
import { ManualClock } from '../../../testing/index.ts'
import { backlogOver, QueueWatch } from './queue-watch.ts'

const cluster = (...calls: readonly number[]) => ({
  models: calls.map((running, index) => ({ model: `m${index}`, running, waiting: 2, gateway_waiting: 1, slots: 16 })),
})

/** Watches for `seconds` of a window of ten, at twice real speed; every look is answered before the next. */
async function watch(script: Script, { hasCluster = true, seconds = 10 } = {}) {
  const server = await startScriptedServer(script)
  // One connection: what is asked after a look is answered after it.
  const agent = new Agent({ connections: 1 })
  onTestFinished(() => agent.destroy())
  const clock = new ManualClock(0)
  const gateway = { origin: server.url, headers: {}, agent, models: [], hasCluster }
  const queues = new QueueWatch(
    { ...gateway, isOrchestrated: true, isSimulated: false },
    { clock, timeScale: 2, window: { startMs: 4000, endMs: 14_000 } },
  )
  for (let atMs = 0; atMs <= 4000 + seconds * 1000; atMs += 1000) {
    clock.advanceTo(atMs)
    await agent.request({ origin: server.url, path: '/idle', method: 'GET' }).then(({ body }) => body.dump())
  }
  queues.stop()
  clock.advanceTo(60_000)
  const looks = server.received.filter(({ path }) => path === '/v1/cluster').length
  return { series: queues.result(), looks }
}

describe('QueueWatch', () => {
  it('looks once a real second within the window, and sums what runs and waits', async () => {
    let looks = 0
    const { series } = await watch(({ path }, response) => {
      if (path === '/v1/cluster') looks += 1
      sendJson(response, path === '/v1/cluster' ? cluster(looks, 0) : {})
    })
    expect(series.everySeconds).toBe(2)
    expect(series.models).toEqual({ m0: [4, 5, 6, 7, 8, 9], m1: [3, 3, 3, 3, 3, 3] })
    expect(series.idleShare).toEqual({ m0: 0, m1: 0 })
  })

  it('lets the last look stand where one fails', async () => {
    let looks = 0
    const { series } = await watch(({ path }, response) => {
      if (path === '/v1/cluster') looks += 1
      if (path === '/v1/cluster' && looks % 2 === 0) response.destroy()
      else sendJson(response, cluster(looks))
    })
    expect(series.models['m0']).toEqual([4, 4, 6, 6, 8, 8])
  })

  it('is empty where the server has no such page, and stops when told', async () => {
    const none = await watch((_, response) => sendJson(response, {}), { hasCluster: false })
    expect(none).toEqual({ looks: 0, series: { everySeconds: 2, models: {}, idleShare: {} } })
    expect((await watch((_, response) => sendJson(response, cluster(1)), { seconds: 3 })).looks).toBe(2)
  })
})

describe('backlogOver', () => {
  it('counts who has arrived and not ended, each second, and gives the growth per minute', () => {
    const stay = Array.from({ length: 60 }, (_, index) => ({ arrivedAtMs: index * 1000, finishedAtMs: 1e9 }))
    expect(backlogOver(stay, { startMs: 0, endMs: 59_000 })).toEqual({
      backlogPerMinute: expect.closeTo(60, 9),
      isGrowing: true,
    })
    const leave = stay.map(({ arrivedAtMs }) => ({ arrivedAtMs, finishedAtMs: arrivedAtMs + 1000 }))
    expect(backlogOver(leave, { startMs: 0, endMs: 59_000 })).toEqual({ backlogPerMinute: 0, isGrowing: false })
    expect(backlogOver([], { startMs: 0, endMs: 0 })).toEqual({ backlogPerMinute: 0, isGrowing: false })
  })
})
