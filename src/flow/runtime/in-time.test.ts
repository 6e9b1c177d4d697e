import { describe, expect, it } from 'vitest'
import { advisorsAndJudge, answerAfter, createHarness, setUp } from '../../../test/runtime-harness.ts'
import type { Arm } from '../../core/index.ts'

describe('the deadline', () => {
  it('gives the best complete answer where the last step is late', async () => {
    const { clock, engines } = setUp({ 'a#1': [answerAfter(100, 7), answerAfter(200, 8), answerAfter(60_000, 8)] })
    const { ask, busy } = createHarness(clock, { engines, plan: advisorsAndJudge })
    const result = await clock.runUntilSettled(ask({ budgetMs: 5000 }))
    expect(result.record).toMatchObject({ outcome: 'answered', isOnTime: true, degraded: ['best-so-far'] })
    await clock.settle()
    expect(busy()).toBe(0)
  })

  it('cuts an answer that is being written, and says so', async () => {
    const slow = { text: 'x'.repeat(100), outputTokens: 100, firstTokenAfterMs: 0, tokensPerSecond: 10 }
    const { clock, engines } = setUp({ 'a#1': [slow] })
    const { ask } = createHarness(clock, { engines })
    const heard: string[] = []
    const result = await clock.runUntilSettled(
      ask({ budgetMs: 2000 }, undefined, { delta: ({ text }) => void heard.push(text ?? '') }),
    )
    expect(result).toMatchObject({ status: 'answered', finishReason: 'length', degraded: ['cut'] })
    expect(result.record.isOnTime).toBe(true)
    expect(heard.join('')).toBe(result.text)
    expect(result.text.length).toBe(20)
  })

  it('fails with 504 when nothing has come, at the deadline and not after it', async () => {
    const { clock, engines } = setUp({ 'a#1': [{ hangAfterTokens: 0 }] })
    const { ask, busy } = createHarness(clock, { engines })
    const result = await clock.runUntilSettled(ask({ budgetMs: 2000 }))
    expect(result).toMatchObject({ status: 'failed', error: { code: 'DEADLINE_EXCEEDED' } })
    expect(clock.nowMs()).toBeLessThanOrEqual(2000)
    await clock.settle()
    expect(busy()).toBe(0)
  })

  it('fails with 504 where the caller wants all or nothing', async () => {
    const { clock, engines } = setUp({ 'a#1': [answerAfter(100, 7), answerAfter(200, 8), answerAfter(60_000, 8)] })
    const { ask } = createHarness(clock, { engines, plan: advisorsAndJudge })
    const result = await clock.runUntilSettled(ask({ budgetMs: 5000, limits: { onDeadline: 'fail' } }))
    expect(result).toMatchObject({ status: 'failed', error: { code: 'DEADLINE_EXCEEDED' } })
  })

  it('gives no part of an answer that must be whole to be of use', async () => {
    const { clock, engines } = setUp({
      'a#1': [{ text: '{"a": 1, "b"', outputTokens: 100, firstTokenAfterMs: 0, tokensPerSecond: 10 }],
    })
    const { ask } = createHarness(clock, { engines })
    const result = await clock.runUntilSettled(ask({ budgetMs: 2000, soloReason: 'response-format' }))
    expect(result).toMatchObject({ status: 'failed', text: '', error: { code: 'DEADLINE_EXCEEDED' } })
  })

  it('counts from arrival, not from the call of the runtime', async () => {
    const { clock, engines } = setUp({ 'a#1': [{ hangAfterTokens: 0 }] })
    const { ask } = createHarness(clock, { engines })
    await clock.runTo(1500)
    await clock.runUntilSettled(ask({ arrivedAtMs: 0, budgetMs: 2000 }))
    expect(clock.nowMs()).toBeLessThanOrEqual(2000)
  })
})

describe('insurance', () => {
  const settings = { insures: true }
  const serviceMs = ({ model }: { model: string }) => (model === 'fast' ? 300 : 3000)
  const choose = () => ({ model: 'slow', strategy: 'DeepThink' as const })

  it('answers from the fast model when the planned call is late', async () => {
    const { clock, engines } = setUp({ 'slow#1': [answerAfter(60_000, 1)], 'fast#1': [answerAfter(250, 2)] })
    const { ask } = createHarness(clock, { engines, settings, serviceMs, choose })
    const result = await clock.runUntilSettled(ask({ budgetMs: 5000 }))
    expect(result.record).toMatchObject({
      answer: '2',
      answeredBy: 'insurance',
      degraded: ['insurance'],
      isOnTime: true,
    })
    expect(result.record.steps.find(({ kind }) => kind === 'insurance')).toMatchObject({
      choice: { model: 'fast', price: null, score: null },
    })
  })

  it('is not called while the planned call is surely in time', async () => {
    const { clock, engines } = setUp({ 'slow#1': [answerAfter(2900, 1)], 'fast#1': [] })
    const { ask } = createHarness(clock, { engines, settings, serviceMs, choose })
    const result = await clock.runUntilSettled(ask({ budgetMs: 20_000 }))
    expect(result.record).toMatchObject({ answer: '1', calls: 1 })
  })

  it('is abandoned when the planned answer still comes first', async () => {
    const { clock, engines } = setUp({ 'slow#1': [answerAfter(4700, 1)], 'fast#1': [answerAfter(2000, 2)] })
    const { ask, busy } = createHarness(clock, { engines, settings, serviceMs, choose })
    const result = await clock.runUntilSettled(ask({ budgetMs: 5000 }))
    expect(result.record).toMatchObject({ answer: '1', answeredBy: '0/0', degraded: [] })
    await clock.settle()
    expect(busy()).toBe(0)
  })

  it.each([
    ['another model', ['hung#1', 'other#1'], 'other#1'],
    ['another replica where there is no other model', ['hung#1', 'hung#2'], 'hung#2'],
  ])('goes to %s than the one that hangs', async (_name, [first, second], replica) => {
    const { clock, engines } = setUp({
      [first as string]: [{ hangAfterTokens: 0 }],
      [second as string]: [answerAfter(250, 2)],
    })
    const { ask } = createHarness(clock, { engines, settings, serviceMs: () => 300 })
    const { record } = await clock.runUntilSettled(ask({ budgetMs: 5000 }))
    expect(record).toMatchObject({ answer: '2', degraded: ['insurance'], isOnTime: true })
    expect(record.steps.find(({ kind }) => kind === 'insurance')?.replica).toBe(replica)
  })

  it('leaves a planned answer that comes after it, but in time, to be the answer', async () => {
    const { clock, engines } = setUp({ 'slow#1': [answerAfter(4900, 1)], 'fast#1': [answerAfter(100, 2)] })
    const { ask } = createHarness(clock, { engines, settings, serviceMs, choose })
    const result = await clock.runUntilSettled(ask({ budgetMs: 5000 }))
    expect(result.record).toMatchObject({ answer: '1', answeredBy: '0/0', finishedAtMs: 4900, calls: 2 })
  })

  it('steps in for a planned call that fails', async () => {
    const { clock, engines } = setUp({
      'slow#1': [{ error: { code: 'ENGINE_BAD_RESPONSE' }, firstTokenAfterMs: 4900, failAfterTokens: 0 }],
      'fast#1': [answerAfter(100, 2)],
    })
    const { ask } = createHarness(clock, { engines, settings, serviceMs, choose, retryTokens: 0 })
    const result = await clock.runUntilSettled(ask({ budgetMs: 5000 }))
    expect(result.record).toMatchObject({
      answer: '2',
      answeredBy: 'insurance',
      degraded: ['steps-failed', 'insurance'],
    })
  })

  it('is not bought for a caller who wants all or nothing', async () => {
    const { clock, engines } = setUp({ 'slow#1': [{ hangAfterTokens: 0 }], 'fast#1': [] })
    const { ask } = createHarness(clock, { engines, settings, serviceMs, choose })
    const result = await clock.runUntilSettled(ask({ budgetMs: 5000, limits: { onDeadline: 'fail' } }))
    expect(result.record).toMatchObject({ errorCode: 'DEADLINE_EXCEEDED', calls: 1 })
  })

  it('costs no call once the answer streams', async () => {
    const slow = { text: 'x'.repeat(70), outputTokens: 70, firstTokenAfterMs: 100, tokensPerSecond: 10 }
    const { clock, engines } = setUp({ 'slow#1': [slow], 'fast#1': [] })
    const { ask } = createHarness(clock, { engines, settings, serviceMs, choose })
    const result = await clock.runUntilSettled(ask({ budgetMs: 5000 }, undefined, { delta: () => {} }))
    expect(result.record).toMatchObject({ degraded: ['cut'], calls: 1 })
  })

  it('is given up when the answer begins to stream', async () => {
    const late = { text: 'ab', outputTokens: 2, firstTokenAfterMs: 4700, tokensPerSecond: 20 }
    const { clock, engines } = setUp({ 'slow#1': [late], 'fast#1': [{ hangAfterTokens: 0 }] })
    const { ask } = createHarness(clock, { engines, settings, serviceMs, choose })
    const busyAt: number[] = []
    const delta = () => void busyAt.push(engines[1]!.running)
    await clock.runUntilSettled(ask({ budgetMs: 5000 }, undefined, { delta }))
    expect(engines[1]!.calls).toHaveLength(1)
    expect(busyAt.at(-1)).toBe(0)
  })

  it('is capped by its bucket', async () => {
    const { clock, engines } = setUp({ 'slow#1': [{ hangAfterTokens: 0 }], 'fast#1': [] })
    const { ask } = createHarness(clock, { engines, settings, serviceMs, choose, insuranceTokens: 0 })
    const result = await clock.runUntilSettled(ask({ budgetMs: 5000 }))
    expect(result.status).toBe('failed')
  })
})

describe('re-choice while waiting', () => {
  it('moves a call that has used up its slack to another model', async () => {
    const { clock, engines } = setUp({ 'a#1': [{ ...answerAfter(8000, 1) }], 'b#1': [answerAfter(100, 2)] })
    let choices = 0
    const harness = createHarness(clock, {
      engines,
      slots: 1,
      serviceMs: ({ model }) => (model === 'a' ? 2000 : 500),
      choose: (step) => {
        choices += 1
        return { model: step.query.runId === 'run_2' && choices > 2 ? 'b' : 'a', strategy: 'Flash' }
      },
    })
    const first = harness.ask({ budgetMs: 60_000 })
    await clock.runTo(10)
    const second = harness.ask({ budgetMs: 6000 })
    const result = await clock.runUntilSettled(second)
    expect(result.record).toMatchObject({ answer: '2', isOnTime: true })
    expect(result.record.steps[0]).toMatchObject({ outcome: 'rechosen', choice: { model: 'a' } })
    await clock.runUntilSettled(first)
  })
})

describe('a call that waits', () => {
  const waiting = (options: { later: Arm | 'stop'; serviceMs?: (arm: Arm) => number; maxRechoices?: number }) => {
    const { clock, engines } = setUp({ 'a#1': [answerAfter(2500, 1), answerAfter(100, 2)], 'b#1': [], 'c#1': [] })
    let isLater = false
    const harness = createHarness(clock, {
      engines,
      slots: 1,
      serviceMs: options.serviceMs ?? (() => 1000),
      settings: { maxRechoices: options.maxRechoices ?? 3 },
      choose: () => (isLater ? options.later : { model: 'a', strategy: 'Flash' }),
    })
    const play = async () => {
      const first = harness.ask({ budgetMs: 60_000 })
      await clock.runTo(10)
      const second = harness.ask({ budgetMs: 4000 })
      await clock.runTo(20)
      isLater = true
      const result = await clock.runUntilSettled(second)
      await first
      return result
    }
    return play()
  }

  it('stays where another arm is not clearly better, where it is the same, and where the choice is to stop', async () => {
    for (const later of [{ model: 'b', strategy: 'Flash' }, { model: 'a', strategy: 'Flash' }, 'stop'] as const) {
      const { record } = await waiting({ later })
      expect(record).toMatchObject({ answer: '2', outcome: 'answered' })
      expect(record.steps).toHaveLength(1)
    }
  })

  it('changes no more often than it may', async () => {
    const serviceMs = ({ model }: Arm) => (model === 'a' ? 1000 : 100)
    const { record } = await waiting({ later: { model: 'b', strategy: 'Flash' }, serviceMs, maxRechoices: 0 })
    expect(record.steps.map(({ outcome }) => outcome)).toEqual(['done'])
  })
})
