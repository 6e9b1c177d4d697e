import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anEngineView, aQueuedCall } from '../../../testing/index.ts'
import { createKvPeak, type KvCall, kvPeakTokens } from './kv-peak.ts'

/** Steps through every token: at step t each call that has not ended holds its tokens and t more. */
function steppedPeak(calls: readonly KvCall[], blockTokens = 1): number {
  const end = Math.max(0, ...calls.map(({ remaining }) => remaining))
  let peak = 0
  for (let step = 0; step <= end; step += 1) {
    const running = calls.filter(({ remaining }) => remaining >= step)
    const held = running.map(({ tokens }) => Math.ceil((tokens + step) / blockTokens) * blockTokens)
    peak = Math.max(
      peak,
      held.reduce((sum, tokens) => sum + tokens, 0),
    )
  }
  return peak
}

const calls = fc.array(fc.record({ tokens: fc.nat(200), remaining: fc.nat(120) }), { maxLength: 12 })

describe('kvPeakTokens', () => {
  it('agrees with stepping through every token', () => {
    fc.assert(
      fc.property(calls, (given) => {
        expect(kvPeakTokens(given)).toBe(steppedPeak(given))
      }),
      { numRuns: 500 },
    )
  })

  it('in whole blocks is never below the stepped peak, nor above it by more than two blocks a call', () => {
    fc.assert(
      fc.property(calls, (given) => {
        const exact = steppedPeak(given, 16)
        expect(kvPeakTokens(given, 16)).toBeGreaterThanOrEqual(exact)
        expect(kvPeakTokens(given, 16)).toBeLessThanOrEqual(exact + 32 * given.length)
      }),
    )
  })

  it('leaves its argument in order', () => {
    const given = [
      { tokens: 1, remaining: 1 },
      { tokens: 2, remaining: 9 },
    ]
    kvPeakTokens(given)
    expect(given[0]).toEqual({ tokens: 1, remaining: 1 })
  })
})

describe('createKvPeak', () => {
  // Peak of both: at the end of the candidate 2 * 100 + 300 + 200 = 700; the other alone later: 300 + 300 = 600.
  const call = aQueuedCall({ promptTokens: 200, outputTokensP90: 100 })
  const running = [{ tokens: 300, remaining: 300 }]
  const decide = (kvTokens: number, options = {}) =>
    createKvPeak(options).decide(call, anEngineView({ kvTokens, held: running }))

  it('sends while the peak fits beside the slack, and holds one token below', () => {
    expect(decide(700, { slackFraction: 0 })).toBe('send')
    expect(decide(699, { slackFraction: 0 })).toBe('hold')
    expect(decide(737)).toBe('send')
    expect(decide(736)).toBe('hold')
  })

  it('counts whole blocks where told to', () => {
    expect(decide(704, { slackFraction: 0, blockTokens: 16 })).toBe('hold')
    expect(decide(304 + 208 + 2 * 112, { slackFraction: 0, blockTokens: 16 })).toBe('send')
  })

  it('plans with no more output than the cap allows', () => {
    const capped = aQueuedCall({ promptTokens: 200, outputTokensP90: 100, maxOutputTokens: 10 })
    const view = anEngineView({ kvTokens: 600, held: running })
    expect(createKvPeak({ slackFraction: 0 }).decide(capped, view)).toBe('send')
    expect(createKvPeak({ slackFraction: 0 }).decide(call, view)).toBe('hold')
  })

  it('decides the same with and without its shortcut', () => {
    fc.assert(
      fc.property(calls, fc.integer({ min: 1, max: 3_000 }), (given, kvTokens) => {
        const view = anEngineView({ kvTokens, held: given, inFlight: given.length })
        const candidate = { tokens: call.promptTokens, remaining: call.outputTokensP90 }
        const fits = given.length === 0 || kvPeakTokens([...given, candidate]) <= kvTokens
        expect(createKvPeak({ slackFraction: 0 }).decide(call, view)).toBe(fits ? 'send' : 'hold')
      }),
    )
  })
})
