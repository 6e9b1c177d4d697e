/** @file Applies each contract suite to every implementation of its port. */
import { afterEach, beforeEach, describe, vi } from 'vitest'
import { createScaledClock, createWallClock } from '../../src/core/index.ts'
import { ManualClock, ScriptedEngine } from '../../src/testing/index.ts'
import { describeClockContract } from './clock.contract.ts'
import { describeEngineContract } from './engine.contract.ts'

const manualHarness = () => {
  const clock = new ManualClock(1_000)
  return { clock, advance: (ms: number) => clock.runBy(ms) }
}

describeClockContract('ManualClock', manualHarness)
describe('on faked platform timers', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })
  describeClockContract('the wall clock', () => ({
    clock: createWallClock(),
    advance: async (ms) => void (await vi.advanceTimersByTimeAsync(ms)),
  }))
})
describeClockContract(
  'the scaled clock',
  () => {
    const base = new ManualClock(1_000)
    return { clock: createScaledClock(base, 20), advance: (ms) => base.runBy(ms / 20) }
  },
  { roundingMs: 1e-6 },
)

const answer = { text: 'x'.repeat(120), outputTokens: 30, firstTokenAfterMs: 20, tokensPerSecond: 100, times: Infinity }
const scripted = (options: Omit<ConstructorParameters<typeof ScriptedEngine>[0], 'clock'>) => {
  const clock = new ManualClock()
  const settle = <T>(promise: Promise<T>) => clock.runUntilSettled(promise)
  return { engine: new ScriptedEngine({ clock, ...options }), settle }
}
describeEngineContract('ScriptedEngine', {
  create: () => scripted({ replies: [answer] }),
  createFailing: () => scripted({ replies: [{ ...answer, failAfterTokens: 3 }], readings: [{ health: 'down' }] }),
})
