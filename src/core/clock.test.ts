/** @file The real clocks, on faked platform timers. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ManualClock } from '../testing/index.ts'
import { createScaledClock, createWallClock } from './clock.ts'

describe('the wall clock', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('counts milliseconds since the Unix epoch', () => {
    vi.useRealTimers()
    expect(Math.abs(createWallClock().nowMs() - Date.now())).toBeLessThan(60_000)
  })

  it('runs a callback at its instant, once, and not before', () => {
    const clock = createWallClock()
    const ran: number[] = []
    const startMs = clock.nowMs()
    clock.at(startMs + 50, () => ran.push(clock.nowMs() - startMs))
    vi.advanceTimersByTime(49)
    expect(ran).toEqual([])
    vi.advanceTimersByTime(200)
    expect(ran).toHaveLength(1)
    expect(ran[0]).toBeGreaterThanOrEqual(50)
    expect(ran[0]).toBeLessThanOrEqual(51)
  })

  it('never runs a callback synchronously, even when its instant has passed', () => {
    const clock = createWallClock()
    let count = 0
    clock.at(clock.nowMs() - 1000, () => {
      count += 1
    })
    expect(count).toBe(0)
    vi.runAllTimers()
    expect(count).toBe(1)
  })

  it('waits on when the platform timer fires early', () => {
    const clock = createWallClock()
    const startMs = clock.nowMs()
    const now = vi.spyOn(clock, 'nowMs')
    let count = 0
    clock.at(startMs + 10, () => {
      count += 1
    })
    now.mockReturnValue(startMs + 9.4)
    vi.advanceTimersByTime(10)
    expect(count).toBe(0)
    now.mockReturnValue(startMs + 10)
    vi.advanceTimersByTime(1)
    expect(count).toBe(1)
  })

  it('runs by instant, and equal instants in order of call, whenever they were asked for', () => {
    const clock = createWallClock()
    const ran: string[] = []
    const startMs = clock.nowMs()
    clock.at(startMs + 20, () => ran.push('first at 20'))
    clock.at(startMs + 10, () => ran.push('at 10'))
    vi.advanceTimersByTime(5)
    clock.at(startMs + 20, () => ran.push('second at 20'))
    clock.at(startMs + 15, () => ran.push('at 15'))
    vi.advanceTimersByTime(100)
    expect(ran).toEqual(['at 10', 'at 15', 'first at 20', 'second at 20'])
  })

  it('lets promise continuations run between two callbacks of one instant', async () => {
    const clock = createWallClock()
    const ran: string[] = []
    const atMs = clock.nowMs() + 5
    clock.at(atMs, () => {
      ran.push('a')
      void Promise.resolve().then(() => ran.push('continuation of a'))
    })
    clock.at(atMs, () => ran.push('b'))
    await vi.advanceTimersByTimeAsync(10)
    expect(ran).toEqual(['a', 'continuation of a', 'b'])
  })

  it('takes callbacks back, leaves no timer behind, and ignores a second cancel', () => {
    const clock = createWallClock()
    const ran: string[] = []
    const atMs = clock.nowMs() + 5
    const cancels = ['a', 'b', 'c'].map((name) => clock.at(atMs, () => ran.push(name)))
    cancels[1]?.()
    cancels[1]?.()
    vi.advanceTimersByTime(10)
    expect(ran).toEqual(['a', 'c'])
    cancels[0]?.()
    clock.at(clock.nowMs() + 5, () => ran.push('d'))()
    expect(vi.getTimerCount()).toBe(0)
    vi.advanceTimersByTime(10)
    expect(ran).toEqual(['a', 'c'])
  })

  it('waits longer than one platform timer can', () => {
    const clock = createWallClock()
    const monthMs = 30 * 24 * 3_600_000
    let count = 0
    clock.at(clock.nowMs() + monthMs, () => {
      count += 1
    })
    vi.advanceTimersByTime(monthMs - 1000)
    expect(count).toBe(0)
    vi.advanceTimersByTime(1001)
    expect(count).toBe(1)
  })

  it('refuses an instant that is no number', () => {
    const clock = createWallClock()
    expect(() => clock.at(Number.NaN, () => {})).toThrow(expect.objectContaining({ code: 'INVARIANT_VIOLATED' }))
    expect(vi.getTimerCount()).toBe(0)
  })

  it('goes on after a callback has thrown', () => {
    const clock = createWallClock()
    let count = 0
    clock.at(clock.nowMs() + 1, () => {
      throw new Error('from the callback')
    })
    clock.at(clock.nowMs() + 2, () => {
      count += 1
    })
    expect(() => vi.advanceTimersByTime(2)).toThrow('from the callback')
    vi.advanceTimersByTime(10)
    expect(count).toBe(1)
  })
})

describe('a scaled clock', () => {
  it('starts at the base instant and runs at its multiple', () => {
    const base = new ManualClock(1000)
    const clock = createScaledClock(base, 20)
    expect(clock.nowMs()).toBe(1000)
    base.advanceBy(3)
    expect(clock.nowMs()).toBe(1060)
  })

  it('runs callbacks at its own instants, and takes them back', () => {
    const base = new ManualClock(1000)
    const clock = createScaledClock(base, 20)
    const ran: number[] = []
    clock.at(1100, () => ran.push(clock.nowMs()))
    const cancel = clock.at(1200, () => ran.push(clock.nowMs()))
    expect(base.nextAtMs).toBe(1005)
    cancel()
    base.advanceBy(100)
    expect(ran).toEqual([1100])
  })
})
