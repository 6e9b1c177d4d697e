/** @file The ledger: counts, planned and held tokens, and that nothing is left when all has ended. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Ledger } from './ledger.ts'

const call = { promptTokens: 100, outputTokens: 50, outputTokensP90: 80 }
const unknown = { ttftMs: null, tpotMs: null }
const pace = { ttftMs: 200, tpotMs: 10 }

describe('Ledger', () => {
  it('counts calls and what they are planned to hold', () => {
    const ledger = new Ledger()
    expect(ledger.begin('a', call, 0)).toBe(true)
    expect(ledger.begin('a', call, 0)).toBe(false)
    ledger.begin('b', { ...call, promptTokens: 7 }, 0)
    expect([ledger.inFlight, ledger.plannedTokens]).toEqual([2, 207])
    expect(ledger.end('a')).toBe(true)
    expect(ledger.end('a')).toBe(false)
    expect([ledger.inFlight, ledger.plannedTokens]).toEqual([1, 57])
  })

  it('holds the prompt alone while the pace is not known', () => {
    const ledger = new Ledger()
    ledger.begin('a', call, 0)
    ledger.firstToken('a', 10)
    expect(ledger.held(9_999, unknown)).toEqual([{ tokens: 100, remaining: 80 }])
  })

  it.each([
    [199, 100, 80],
    [200, 101, 79],
    [209, 101, 79],
    [210, 102, 78],
    [989, 179, 1],
    [990, 180, 0],
    [99_999, 180, 0],
  ])('adds a token per tpot from the expected first token on: at %i ms', (atMs, tokens, remaining) => {
    const ledger = new Ledger()
    ledger.begin('a', call, 0)
    expect(ledger.held(atMs, pace)).toEqual([{ tokens, remaining }])
    expect(ledger.heldTokens(atMs, pace)).toBe(tokens)
  })

  it('counts from the first token where it was told, the first telling alone', () => {
    const ledger = new Ledger()
    ledger.begin('a', call, 0)
    ledger.firstToken('a', 500)
    ledger.firstToken('a', 600)
    ledger.firstToken('nobody', 1)
    expect(ledger.held(500, pace)).toEqual([{ tokens: 101, remaining: 79 }])
    expect(ledger.held(400, { ttftMs: null, tpotMs: 10 })).toEqual([{ tokens: 100, remaining: 80 }])
  })

  it('says how the tokens moved since the last reading', () => {
    const ledger = new Ledger()
    ledger.begin('a', call, 0)
    expect(ledger.noteReading(300, pace)).toBe(111)
    expect(ledger.sinceReadingTokens).toBe(0)
    ledger.begin('b', call, 310)
    expect(ledger.sinceReadingTokens).toBe(100)
    ledger.end('a')
    expect(ledger.sinceReadingTokens).toBe(-11)
    ledger.end('b')
    expect(ledger.sinceReadingTokens).toBe(-111)
  })

  it('is empty when every call has ended, whatever happened in between', () => {
    const step = fc.record({
      id: fc.constantFrom('a', 'b', 'c', 'd'),
      kind: fc.constantFrom('begin', 'first', 'end', 'reading'),
      prompt: fc.double({ min: 0, max: 5_000, noNaN: true }),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const ledger = new Ledger()
        const open = new Set<string>()
        steps.forEach(({ id, kind, prompt }, index) => {
          const nowMs = index * 100
          if (kind === 'begin') {
            ledger.begin(id, { promptTokens: prompt, outputTokens: prompt / 3, outputTokensP90: prompt / 2 }, nowMs)
            open.add(id)
          } else if (kind === 'first') ledger.firstToken(id, nowMs)
          else if (kind === 'reading') ledger.noteReading(nowMs, pace)
          else {
            ledger.end(id)
            open.delete(id)
          }
          expect(ledger.inFlight).toBe(open.size)
          expect(ledger.plannedTokens).toBeGreaterThanOrEqual(0)
          for (const { tokens, remaining } of ledger.held(nowMs, pace)) {
            expect(tokens).toBeGreaterThanOrEqual(0)
            expect(remaining).toBeGreaterThanOrEqual(0)
          }
        })
        for (const id of open) ledger.end(id)
        expect([ledger.inFlight, ledger.plannedTokens, ledger.heldTokens(1e9, pace)]).toEqual([0, 0, 0])
      }),
    )
  })
})
