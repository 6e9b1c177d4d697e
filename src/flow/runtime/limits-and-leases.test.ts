import { describe, expect, it } from 'vitest'
import { advisorsAndJudge, answerAfter, createHarness, setUp } from '../../../test/runtime-harness.ts'

describe('limits', () => {
  it('makes no more calls than max_calls', async () => {
    const { clock, engines } = setUp({ 'a#1': [answerAfter(10, 1), answerAfter(20, 2)] })
    const { ask } = createHarness(clock, { engines, plan: advisorsAndJudge })
    const result = await clock.runUntilSettled(ask({ limits: { maxCalls: 2 } }))
    expect(result.record.calls).toBe(2)
    expect(result.record.steps.at(-1)).toMatchObject({ outcome: 'dropped', choice: { stop: 'limit-reached' } })
  })

  it('keeps prompt and output within max_total_tokens', async () => {
    const { clock, engines } = setUp({ 'a#1': [{ ...answerAfter(10, 1), outputTokens: 900 }] })
    const { ask } = createHarness(clock, { engines })
    const result = await clock.runUntilSettled(ask({ limits: { maxTotalTokens: 400 } }))
    const { promptTokens, outputTokens } = result.record.usage
    expect(promptTokens + outputTokens).toBeLessThanOrEqual(400)
  })
})

describe('leases', () => {
  const request = {
    id: 'relay-1',
    model: 'a',
    arrivedAtMs: 0,
    deadlineAtMs: 5000,
    promptTokens: 10,
    maxOutputTokens: 20,
  }

  it('gives a slot, and gives it back once', async () => {
    const { clock, engines } = setUp({ 'a#1': [] })
    const { runtime, busy } = createHarness(clock, { engines })
    const lease = await clock.runUntilSettled(runtime.lease(request))
    expect(lease.replica).toBe('a#1')
    expect([busy(), runtime.inFlight]).toEqual([1, 1])
    lease.release()
    expect([busy(), runtime.inFlight]).toEqual([0, 0])
    expect(() => lease.release()).toThrow(/twice/)
  })

  it('ends at the deadline, or when the caller leaves, with nothing left in the queue', async () => {
    const { clock, engines } = setUp({ 'a#1': [] })
    const { runtime, dispatch } = createHarness(clock, { engines, slots: 1 })
    await clock.runUntilSettled(runtime.lease(request))
    const late = runtime.lease({ ...request, id: 'relay-2' })
    await expect(clock.runUntilSettled(late)).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' })
    const leaving = new AbortController()
    const left = runtime.lease({ ...request, id: 'relay-3', deadlineAtMs: 90_000 }, leaving.signal)
    await clock.runTo(5100)
    leaving.abort(new Error('gone'))
    await expect(left).rejects.toThrow('gone')
    expect(dispatch.waiting('a')).toBe(0)
  })

  it('drains', async () => {
    const { clock, engines } = setUp({ 'a#1': [answerAfter(800, 1)] })
    const { ask, runtime } = createHarness(clock, { engines })
    const running = ask()
    await clock.settle()
    const early = runtime.drained(100)
    expect(await clock.runUntilSettled(early)).toBe(false)
    const drained = runtime.drained(5000)
    expect(await clock.runUntilSettled(drained)).toBe(true)
    await running
  })
})
