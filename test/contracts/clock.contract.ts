/** @file What every Clock keeps: never synchronous, never early, instants in order, equal instants in order of call. */
import { describe, expect, it } from 'vitest'
import type { Clock } from '../../src/core/index.ts'

export interface ClockHarness {
  readonly clock: Clock
  /** Lets `ms` of the clock's time pass, callbacks included. */
  advance(ms: number): Promise<void> | void
}

/** `roundingMs`: how much a callback may seem early for the clock's own arithmetic. */
export function describeClockContract(
  name: string,
  create: () => ClockHarness,
  { roundingMs = 0 }: { readonly roundingMs?: number } = {},
): void {
  describe(`${name} keeps the contract of a clock`, () => {
    it('moves forward only, and by the time that passes', async () => {
      const { clock, advance } = create()
      const startMs = clock.nowMs()
      await advance(25)
      expect(clock.nowMs() - startMs).toBeGreaterThanOrEqual(25 - roundingMs)
      const laterMs = clock.nowMs()
      await advance(0)
      expect(clock.nowMs()).toBeGreaterThanOrEqual(laterMs)
    })

    it.each([50, 0, -50])('runs a callback for %i ms from now once, not synchronously, not early', async (delayMs) => {
      const { clock, advance } = create()
      const atMs = clock.nowMs() + delayMs
      const ranAtMs: number[] = []
      clock.at(atMs, () => ranAtMs.push(clock.nowMs()))
      expect(ranAtMs).toEqual([])
      await advance(100)
      await advance(100)
      expect(ranAtMs).toHaveLength(1)
      expect(ranAtMs[0]).toBeGreaterThanOrEqual(atMs - roundingMs)
    })

    it('runs callbacks by instant, equal instants in order of call', async () => {
      const { clock, advance } = create()
      const startMs = clock.nowMs()
      const ran: string[] = []
      for (const [label, delayMs] of [
        ['c1', 30],
        ['a', 10],
        ['c2', 30],
        ['b', 20],
        ['c3', 30],
      ] as const) {
        clock.at(startMs + delayMs, () => ran.push(label))
      }
      await advance(100)
      expect(ran).toEqual(['a', 'b', 'c1', 'c2', 'c3'])
    })

    it('keeps that order for callbacks scheduled by callbacks', async () => {
      const { clock, advance } = create()
      const startMs = clock.nowMs()
      const ran: string[] = []
      clock.at(startMs + 10, () => {
        clock.at(startMs + 40, () => ran.push('second at 40'))
        clock.at(startMs + 20, () => ran.push('at 20'))
        clock.at(clock.nowMs(), () => ran.push('at once'))
        ran.push('at 10')
      })
      clock.at(startMs + 40, () => ran.push('first at 40'))
      await advance(100)
      expect(ran).toEqual(['at 10', 'at once', 'at 20', 'first at 40', 'second at 40'])
    })

    it('takes a callback back, also from a callback of the same instant; later cancels do nothing', async () => {
      const { clock, advance } = create()
      const atMs = clock.nowMs() + 10
      const ran: string[] = []
      const cancelEarly = clock.at(atMs, () => ran.push('early'))
      clock.at(atMs, () => {
        ran.push('kept')
        cancelLate()
      })
      const cancelLate = clock.at(atMs, () => ran.push('late'))
      cancelEarly()
      await advance(50)
      cancelEarly()
      cancelLate()
      await advance(50)
      expect(ran).toEqual(['kept'])
    })
  })
}
