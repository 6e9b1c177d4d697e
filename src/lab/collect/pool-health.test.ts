import { describe, expect, it } from 'vitest'
import type { Engine } from '../../core/index.ts'
import { ManualClock, ScriptedEngine } from '../../testing/index.ts'
import { PoolHealth } from './pool-health.ts'

function createPool(...models: readonly string[]) {
  const clock = new ManualClock()
  const engines = models.map((model, index) => new ScriptedEngine({ clock, id: `${model}#${index}`, model }))
  const abort = new AbortController()
  const health = new PoolHealth({ engines, clock, patienceMs: 10_000, signal: abort.signal })
  return { clock, engines, abort, health }
}

describe('the health of a pool', () => {
  it('tells which engines of a model can be called', async () => {
    const { engines, health } = createPool('a', 'a', 'b')
    engines[0]!.setReading({ health: 'loading' })
    expect((await health.upOf('a')).map(({ id }) => id)).toEqual(['a#1'])
  })

  it('waits for one that comes back', async () => {
    const { clock, engines, health } = createPool('a', 'b')
    for (const engine of engines) engine.setReading({ health: 'down' })
    clock.at(4500, () => engines[1]!.setReading({ health: 'ok' }))
    expect(await clock.runUntilSettled(health.untilUp(['a', 'b']))).toEqual(['b'])
    expect(clock.nowMs()).toBe(5000)
  })

  it('tells that none of those asked for came, where others answer', async () => {
    const { clock, engines, health } = createPool('a', 'b')
    engines[0]!.setReading({ health: 'down' })
    expect(await clock.runUntilSettled(health.untilUp(['a']))).toEqual([])
    expect(clock.nowMs()).toBe(10_000)
  })

  it('gives a pool up of which nothing answers', async () => {
    const { clock, engines, health } = createPool('a')
    engines[0]!.setReading({ health: 'down' })
    await expect(clock.runUntilSettled(health.untilUp(['a']))).rejects.toMatchObject({ code: 'POOL_UNAVAILABLE' })
  })

  it('waits no longer when it is stopped', async () => {
    const { clock, engines, abort, health } = createPool('a')
    engines[0]!.setReading({ health: 'down' })
    const waiting = health.untilUp(['a'])
    await clock.runBy(1500)
    abort.abort()
    expect(await waiting).toEqual([])
    expect(clock.pending).toBe(0)
  })

  it('does not wait for an engine that never answers', async () => {
    const { clock, health } = createPool('a')
    const signals: AbortSignal[] = []
    const silent: Engine = {
      id: 'silent#1',
      model: 'silent',
      run: () => Promise.reject(new Error('not called')),
      read: (signal) => {
        signals.push(signal)
        return new Promise(() => {})
      },
    }
    expect(await clock.runUntilSettled(health.read(silent))).toBeNull()
    expect([clock.nowMs(), signals[0]?.aborted, clock.pending]).toEqual([2000, true, 0])
  })
})
