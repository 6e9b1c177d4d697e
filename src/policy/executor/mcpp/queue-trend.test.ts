import { describe, expect, it } from 'vitest'
import { aClusterState } from '../../../testing/index.ts'
import { addedWaitMs, QueueTrend, trendMs } from './queue-trend.ts'

const stateOf = (atMs: number, running: number, gatewayWaiting = 0) =>
  aClusterState({ atMs, models: [{ model: 'small', replicas: [{ slots: 8, running }], gatewayWaiting }] })

const growthAfter = (states: readonly ReturnType<typeof stateOf>[]) => {
  const trend = new QueueTrend()
  for (const state of states) trend.observe(state)
  return trend.growth((states.at(-1) as ReturnType<typeof stateOf>).models[0] as never, 2_000)
}

describe('the trend of a queue', () => {
  it('is none at first, and none while nothing changes', () => {
    expect(growthAfter([stateOf(0, 5)])).toEqual({ headroom: 3, slope: 0, msPerCall: 250 })
    expect(growthAfter([stateOf(0, 5), stateOf(5_000, 5), stateOf(9_000, 5)]).slope).toBe(0)
  })

  it('follows a steady rise and a steady fall', () => {
    const rising = Array.from({ length: 60 }, (_, index) => stateOf(index * 1_000, 8, index))
    expect(growthAfter(rising).slope).toBeCloseTo(0.001, 5)
    expect(growthAfter(rising).headroom).toBe(-59)
    const falling = Array.from({ length: 60 }, (_, index) => stateOf(index * 1_000, 8, 59 - index))
    expect(growthAfter(falling).slope).toBeCloseTo(-0.001, 5)
  })

  it('hears nothing from a state of the same instant', () => {
    expect(growthAfter([stateOf(1_000, 2), stateOf(1_000, 8)]).slope).toBe(0)
  })

  it('knows nothing of a model without slots', () => {
    const down = aClusterState({ models: [{ model: 'small', replicas: [{ slots: 8, isUsable: false }] }] })
    expect(new QueueTrend().growth(down.models[0] as never, 2_000).msPerCall).toBe(0)
  })
})

describe('the wait that growth adds', () => {
  const growth = { headroom: 3, slope: 0.001, msPerCall: 250 }

  it('is none until the free slots are taken', () => {
    expect(addedWaitMs(growth, 3_000)).toBe(0)
    expect(addedWaitMs(growth, 5_000)).toBeCloseTo(500)
  })

  it('counts from the queue that is there already, down as well', () => {
    expect(addedWaitMs({ ...growth, headroom: -4 }, 2_000)).toBeCloseTo(500)
    expect(addedWaitMs({ ...growth, headroom: -4, slope: -0.001 }, 2_000)).toBeCloseTo(-500)
    expect(addedWaitMs({ ...growth, headroom: -4, slope: -0.001 }, 9_000)).toBeCloseTo(-1_000)
  })

  it('fades: what is told of the far future is no more than ten seconds of it', () => {
    expect(trendMs(0)).toBe(0)
    expect(trendMs(100)).toBeCloseTo(99.5, 1)
    expect(trendMs(1e9)).toBe(10_000)
  })
})
