/** @file What every Discipline keeps: a key of the call alone, and a last start that leaves room for the rest. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Discipline } from '../../src/core/index.ts'
import { aQueuedCall } from '../../src/testing/index.ts'

const calls = fc
  .record({
    enqueuedAtMs: fc.integer({ min: 0, max: 1_000_000 }),
    budgetMs: fc.integer({ min: 1, max: 300_000 }),
    remainingMs: fc.integer({ min: 1, max: 400_000 }),
  })
  .map(({ enqueuedAtMs, budgetMs, remainingMs }) =>
    aQueuedCall({ enqueuedAtMs, deadlineAtMs: enqueuedAtMs + budgetMs, remainingMs, serviceMs: remainingMs }),
  )

export function describeDisciplineContract(name: string, create: () => Discipline): void {
  describe(`${name} keeps the contract of a discipline`, () => {
    it('has a name', () => {
      expect(create().name).not.toBe('')
    })

    it('gives a finite key that depends on the call alone', () => {
      fc.assert(
        fc.property(calls, calls, (call, other) => {
          const discipline = create()
          const key = discipline.key(call)
          expect(Number.isFinite(key)).toBe(true)
          discipline.key(other)
          expect(discipline.key(call)).toBe(key)
          expect(create().key(call)).toBe(key)
        }),
      )
    })

    it('puts a call that is older and more urgent no later', () => {
      fc.assert(
        fc.property(calls, fc.integer({ min: 0, max: 10_000 }), (call, ms) => {
          const later = { ...call, enqueuedAtMs: call.enqueuedAtMs + ms, deadlineAtMs: call.deadlineAtMs + ms }
          expect(create().key(call)).toBeLessThanOrEqual(create().key(later))
        }),
      )
    })

    it('demotes no call before its deadline would be missed, and the longer one no later', () => {
      fc.assert(
        fc.property(calls, fc.integer({ min: 0, max: 100_000 }), (call, moreMs) => {
          const discipline = create()
          const latest = discipline.latestStartAtMs?.(call)
          if (latest === undefined) return
          expect(latest).toBeLessThanOrEqual(call.deadlineAtMs)
          expect(latest).toBeGreaterThanOrEqual(call.deadlineAtMs - call.remainingMs)
          const longer = { ...call, remainingMs: call.remainingMs + moreMs }
          expect(discipline.latestStartAtMs?.(longer)).toBeLessThanOrEqual(latest)
        }),
      )
    })
  })
}
