import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ClusterState } from '../../../core/index.ts'
import { aClusterState } from '../../../testing/index.ts'
import { createVirtualClock } from '../../../twin/index.ts'
import type { TwinWorld } from '../../twin-world.ts'
import { QueueSampler, readBacklog } from './queue-sampler.ts'

/** A world whose load at an instant is as told. */
function sample(
  load: (atMs: number) => { readonly inFlight: number; readonly busyMs: number; readonly state: ClusterState },
) {
  const clock = createVirtualClock()
  const now = () => load(clock.nowMs())
  const world = {
    clock,
    state: () => now().state,
    runtime: {
      get inFlight() {
        return now().inFlight
      },
    },
    engines: [{ statistics: () => ({ busyMs: now().busyMs }) }, { statistics: () => ({ busyMs: 1000 }) }],
  } as unknown as TwinWorld
  return async (startMs: number, endMs: number) => {
    const sampler = new QueueSampler(world, { startMs, endMs })
    sampler.start()
    await clock.run(new Promise<void>((resolve) => clock.at(endMs + 5000, resolve)))
    return { ...sampler.result(), busySeconds: sampler.busySeconds }
  }
}

const stateOf = (small: number, large: number) =>
  aClusterState({
    models: [
      { model: 'small', gatewayWaiting: 1, replicas: [{ running: small, waiting: 2 }] },
      { model: 'large', replicas: [{ running: large }] },
    ],
  })

describe('the sampler', () => {
  it('looks once a second from the start of the window to its end, both included', async () => {
    const play = sample((ms) => ({ inFlight: ms / 1000, busyMs: 0, state: stateOf(ms / 1000, 0) }))
    const { queues } = await play(10_000, 15_000)
    expect(queues.everySeconds).toBe(1)
    expect(queues.models).toEqual({ small: [13, 14, 15, 16, 17, 18], large: [0, 0, 0, 0, 0, 0] })
    expect(queues.idleShare).toEqual({ small: 0, large: 1 })
  })

  it('adds up the time in which engines were busy within the window', async () => {
    const play = sample((ms) => ({ inFlight: 0, busyMs: ms / 2, state: stateOf(0, 0) }))
    expect((await play(20_000, 50_000)).busySeconds).toBe(15)
  })

  it('keeps no more points than a picture takes, at even distance', async () => {
    const play = sample((ms) => ({ inFlight: 0, busyMs: 0, state: stateOf(ms / 1000, 1) }))
    const { queues } = await play(0, 1_000_000)
    expect(queues.everySeconds).toBe(6)
    expect(queues.models['small']?.slice(0, 3)).toEqual([3, 9, 15])
    expect(queues.models['large']?.length).toBeLessThanOrEqual(180)
    expect(queues.idleShare['large']).toBe(0)
  })

  it('tells how fast the backlog grew, per minute', async () => {
    const play = sample((ms) => ({ inFlight: ms / 1000, busyMs: 0, state: stateOf(0, 0) }))
    const { backlogPerMinute, isGrowing } = await play(5000, 65_000)
    expect(backlogPerMinute).toBeCloseTo(60, 9)
    expect(isGrowing).toBe(true)
  })
})

describe('the backlog', () => {
  it.each<[string, readonly number[], boolean]>([
    ['nothing', [], false],
    ['one look', [50], false],
    ['a level', Array(60).fill(40), false],
    ['a steady climb', Array.from({ length: 60 }, (_, second) => second), true],
    ['a climb by less than double', Array.from({ length: 60 }, (_, second) => 100 + second), false],
    ['a climb by a few', Array.from({ length: 60 }, (_, second) => second / 8), false],
    ['a rush that is worked off', [...Array(20).fill(0), ...Array(20).fill(90), ...Array(20).fill(5)], false],
    ['an emptying', Array.from({ length: 60 }, (_, second) => 60 - second), false],
  ])('of %s grows: %s', (_name, samples, grows) => {
    expect(readBacklog(samples).isGrowing).toBe(grows)
  })

  it('has the slope of any straight line', () => {
    const size = fc.integer({ min: 2, max: 200 })
    fc.assert(
      fc.property(size, fc.integer({ min: -50, max: 50 }), fc.integer({ min: 0, max: 1000 }), (count, slope, from) => {
        const line = Array.from({ length: count }, (_, second) => from + slope * second)
        expect(readBacklog(line).backlogPerMinute).toBeCloseTo(60 * slope, 6)
      }),
    )
    expect(readBacklog([7]).backlogPerMinute).toBe(0)
  })
})
