/** @file The breaker: when it opens, what it lets through, what closes it, and for how long it waits. */
import { describe, expect, it } from 'vitest'
import { Breaker } from './breaker.ts'

function failed(times: number, atMs = 0): Breaker {
  const breaker = new Breaker()
  for (let count = 0; count < times; count += 1) breaker.failure(atMs)
  return breaker
}

describe('Breaker', () => {
  it('opens after three failures in a row, for two seconds', () => {
    expect(failed(2).state(0)).toBe('closed')
    const breaker = failed(3, 100)
    expect([100, 2_099, 2_100].map((ms) => breaker.state(ms))).toEqual(['open', 'open', 'half-open'])
    expect(breaker.allows(2_099)).toBe(false)
    expect(breaker.retryAtMs).toBe(2_100)
  })

  it('counts from zero after a success', () => {
    const breaker = failed(2)
    breaker.success()
    breaker.failure(0)
    breaker.failure(0)
    expect(breaker.state(0)).toBe('closed')
    breaker.failure(0)
    expect(breaker.state(0)).toBe('open')
  })

  it('lets one call through to try', () => {
    const breaker = failed(3)
    expect(breaker.allows(2_000)).toBe(true)
    breaker.callStarted('a', 2_000)
    expect(breaker.allows(2_000)).toBe(false)
    breaker.callReleased('other')
    expect(breaker.allows(2_000)).toBe(false)
    breaker.callReleased('a')
    expect(breaker.allows(2_000)).toBe(true)
    breaker.callStarted('b', 2_000)
    breaker.success()
    expect(breaker.state(2_000)).toBe('closed')
    expect(breaker.retryAtMs).toBeNull()
  })

  it('waits twice as long after every failed trial, up to thirty seconds, and starts over after a success', () => {
    const breaker = failed(3)
    const waits: number[] = []
    let nowMs = 0
    for (let trial = 0; trial < 6; trial += 1) {
      const retryAtMs = breaker.retryAtMs as number
      waits.push(retryAtMs - nowMs)
      nowMs = retryAtMs
      breaker.callStarted(`trial${trial}`, nowMs)
      breaker.failure(nowMs)
    }
    expect(waits).toEqual([2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
    breaker.success()
    for (let count = 0; count < 3; count += 1) breaker.failure(nowMs)
    expect(breaker.retryAtMs).toBe(nowMs + 2_000)
  })

  it('does not put the trial off for failures of calls that were sent before', () => {
    const breaker = failed(3)
    breaker.failure(1_000)
    breaker.unreachable(1_500)
    expect(breaker.retryAtMs).toBe(2_000)
  })

  it('opens at once when unreachable, and a good reading closes it', () => {
    const breaker = new Breaker()
    breaker.unreachable(0)
    expect(breaker.allows(0)).toBe(false)
    breaker.goodReading()
    expect(breaker.allows(0)).toBe(true)
  })

  it('does not let a good reading excuse calls that failed', () => {
    const breaker = failed(3)
    breaker.goodReading()
    expect(breaker.state(0)).toBe('open')
  })

  it('takes three missed polls in a row for unreachable', () => {
    const breaker = new Breaker()
    breaker.pollMissed(0)
    breaker.pollMissed(0)
    breaker.goodReading()
    breaker.pollMissed(0)
    breaker.pollMissed(0)
    expect(breaker.state(0)).toBe('closed')
    breaker.pollMissed(0)
    expect(breaker.state(0)).toBe('open')
    breaker.goodReading()
    expect(breaker.state(0)).toBe('closed')
  })
})
