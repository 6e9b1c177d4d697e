/** @file The manual clock beyond the contract of clocks: what tests rely on when they move it. */
import { describe, expect, it } from 'vitest'
import { ManualClock } from './manual-clock.ts'

describe('ManualClock', () => {
  it('shows what is pending, and each callback its own instant', () => {
    const clock = new ManualClock(100)
    const seen: number[] = []
    clock.at(150, () => seen.push(clock.nowMs()))
    const cancel = clock.at(120, () => seen.push(clock.nowMs()))
    expect([clock.pending, clock.nextAtMs]).toEqual([2, 120])
    cancel()
    expect([clock.pending, clock.nextAtMs]).toEqual([1, 150])
    clock.advanceTo(149)
    expect(seen).toEqual([])
    clock.advanceBy(1)
    expect([seen, clock.nowMs(), clock.pending, clock.nextAtMs]).toEqual([[150], 150, 0, null])
  })

  it('runs what is due now when moved by nothing', () => {
    const clock = new ManualClock()
    let count = 0
    clock.at(-5, () => {
      count += 1
    })
    clock.advanceBy(0)
    expect(count).toBe(1)
  })

  it('refuses to go back, to NaN, and to be moved by its own callbacks', () => {
    const clock = new ManualClock(10)
    expect(() => clock.advanceTo(9)).toThrow(RangeError)
    expect(() => clock.advanceBy(Number.NaN)).toThrow(RangeError)
    expect(() => clock.at(Number.NaN, () => {})).toThrow(RangeError)
    clock.at(20, () => clock.advanceBy(1))
    expect(() => clock.advanceTo(30)).toThrow('must not advance')
    clock.advanceTo(30)
    expect(clock.nowMs()).toBe(30)
  })

  it('runs promise continuations between callbacks when asked to', async () => {
    const clock = new ManualClock()
    const sleep = (ms: number) => new Promise<void>((resolve) => clock.at(clock.nowMs() + ms, resolve))
    const seen: number[] = []
    const work = async () => {
      for (const ms of [10, 20, 30]) {
        await sleep(ms)
        seen.push(clock.nowMs())
      }
    }
    void work()
    await clock.runBy(35)
    expect([seen, clock.nowMs()]).toEqual([[10, 30], 35])
    await clock.runTo(60)
    expect(seen).toEqual([10, 30, 60])
  })

  it('runs until a promise settles, and no further', async () => {
    const clock = new ManualClock()
    clock.at(500, () => {})
    const promise = new Promise<string>((resolve) => clock.at(40, () => resolve('done')))
    expect(await clock.runUntilSettled(promise)).toBe('done')
    expect([clock.nowMs(), clock.pending]).toEqual([40, 1])
    const failure = new Promise<never>((_, reject) => clock.at(50, () => reject(new Error('late'))))
    await expect(clock.runUntilSettled(failure)).rejects.toThrow('late')
  })

  it('says so when nothing can settle a promise any more', async () => {
    const clock = new ManualClock(7)
    await expect(clock.runUntilSettled(new Promise(() => {}))).rejects.toThrow('still open at 7 ms')
  })
})
