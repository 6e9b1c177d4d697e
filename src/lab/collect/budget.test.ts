import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Budget } from './budget.ts'

describe('the budget', () => {
  it('never lets used and promised tokens together pass the limit', () => {
    const steps = fc.array(
      fc.record({ tokens: fc.integer({ min: 1, max: 400 }), usedShare: fc.double({ min: 0, max: 1, noNaN: true }) }),
    )
    fc.assert(
      fc.property(steps, (calls) => {
        const budget = new Budget({ maxTokens: 1000, maxRequests: Infinity })
        const open: { tokens: number; used: number }[] = []
        for (const [index, { tokens, usedShare }] of calls.entries()) {
          if (budget.take(tokens)) open.push({ tokens, used: Math.floor(tokens * usedShare) })
          const promised = open.reduce((sum, call) => sum + call.tokens, 0)
          expect(budget.tokens + promised).toBeLessThanOrEqual(1000)
          const first = index % 2 === 1 ? open.shift() : undefined
          if (first) budget.settle(first.tokens, first.used)
        }
      }),
    )
  })

  it('counts what was used, not what was promised', () => {
    const budget = new Budget({ maxTokens: 1000, maxRequests: Infinity })
    expect(budget.take(900)).toBe(true)
    budget.settle(900, 100)
    expect([budget.tokens, budget.take(900), budget.end]).toEqual([100, true, null])
  })

  it('says what ran out first, and opens no more', () => {
    const byRequests = new Budget({ maxTokens: 1000, maxRequests: 1 })
    expect([byRequests.take(10), byRequests.take(10), byRequests.end]).toEqual([true, false, 'requests'])
    const byTokens = new Budget({ maxTokens: 100, maxRequests: 9 })
    expect([byTokens.take(80), byTokens.take(30), byTokens.end]).toEqual([true, false, 'tokens'])
    byTokens.settle(80, 0)
    expect([byTokens.take(30), byTokens.requests]).toEqual([false, 1])
  })
})
