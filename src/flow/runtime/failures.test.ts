import { describe, expect, it } from 'vitest'
import { advisorsAndJudge, answerAfter, createHarness, setUp, voters } from '../../../test/runtime-harness.ts'
import { aPlan } from '../../testing/index.ts'

describe('failures', () => {
  it('tries another replica once, and the answer is whole', async () => {
    const { clock, engines } = setUp({
      'a#1': [{ error: { code: 'ENGINE_UNREACHABLE' } }],
      'a#2': [answerAfter(100, 3)],
    })
    const { ask } = createHarness(clock, { engines })
    const result = await clock.runUntilSettled(ask())
    expect(result.record).toMatchObject({ outcome: 'answered', answer: '3', calls: 2 })
    expect(result.record.steps.map(({ outcome, attempt }) => [attempt, outcome])).toEqual([
      [0, 'failed'],
      [1, 'done'],
    ])
  })

  it('takes another model where the model has no other replica', async () => {
    const { clock, engines } = setUp({
      'a#1': [{ failAfterTokens: 1, text: 'half of it', outputTokens: 2 }],
      'b#1': [answerAfter(100, 3)],
    })
    const { ask } = createHarness(clock, { engines })
    const result = await clock.runUntilSettled(ask())
    expect(result.record).toMatchObject({ answer: '3', outcome: 'answered' })
  })

  it('leaves a revision out where there is nothing to revise, and says what failed', async () => {
    const { clock, engines } = setUp({ 'a#1': [{ error: { code: 'ENGINE_BAD_RESPONSE', message: 'garbage' } }] })
    const plan = aPlan({
      topology: 'reflection',
      steps: [
        { id: '0/0', isLast: false, stepsToEnd: 2 },
        { id: '1/0', kind: 'revise', dependsOn: ['0/0'], reads: ['0/0'] },
      ],
    })
    const { ask } = createHarness(clock, { engines, plan, retryTokens: 0 })
    const result = await clock.runUntilSettled(ask())
    expect(result).toMatchObject({ status: 'failed', error: { code: 'ENGINE_BAD_RESPONSE', message: 'garbage' } })
    expect(result.record.steps.at(-1)).toMatchObject({ outcome: 'dropped', choice: { stop: 'nothing-to-revise' } })
  })

  it('says so where steps failed for good and the answer went on without them', async () => {
    const broken = { error: { code: 'ENGINE_BAD_RESPONSE' as const } }
    const two = setUp({ 'a#1': [answerAfter(100, 7), broken, answerAfter(100, 7)] })
    const merged = createHarness(two.clock, { ...two, plan: advisorsAndJudge, retryTokens: 0 })
    expect((await two.clock.runUntilSettled(merged.ask())).record.degraded).toEqual(['steps-failed'])
    // Two equal votes of three hold against whatever the third would have said.
    const three = setUp({ 'a#1': [answerAfter(100, 7), broken, answerAfter(200, 7)] })
    const voted = createHarness(three.clock, { ...three, plan: voters(3), retryTokens: 0 })
    expect((await three.clock.runUntilSettled(voted.ask())).record).toMatchObject({ answer: '7', degraded: [] })
    const four = setUp({ 'a#1': [answerAfter(100, 7), broken, answerAfter(200, 8)] })
    const split = createHarness(four.clock, { ...four, plan: voters(3), retryTokens: 0 })
    expect((await four.clock.runUntilSettled(split.ask())).record).toMatchObject({
      answer: '7',
      degraded: ['steps-failed'],
    })
  })

  it('places a refused connection anew without counting it, however many hosts are dead', async () => {
    const refused = { error: { code: 'ENGINE_UNREACHABLE' as const } }
    const { clock, engines } = setUp({
      'a#1': [refused],
      'a#2': [refused],
      'b#1': [refused],
      'c#1': [answerAfter(50, 3)],
    })
    const { ask } = createHarness(clock, { engines, retryTokens: 0 })
    const result = await clock.runUntilSettled(ask())
    expect(result.record).toMatchObject({ answer: '3', calls: 4, degraded: [] })
  })

  it('lets the last hope of a run draw on the insurance budget when retries are used up', async () => {
    const broken = { error: { code: 'ENGINE_BAD_RESPONSE' as const } }
    const { clock, engines } = setUp({ 'a#1': [broken], 'b#1': [answerAfter(50, 3)] })
    const { ask } = createHarness(clock, { engines, retryTokens: 0, insuranceTokens: 1 })
    expect((await clock.runUntilSettled(ask())).record).toMatchObject({ answer: '3', calls: 2 })
    const second = await clock.runUntilSettled(ask({ allowedModels: ['a'] }))
    expect(second.status).toBe('failed')
  })

  it('gives the room back where an engine breaks its contract and rejects', async () => {
    const { clock, engines } = setUp({ 'a#1': [] })
    const { ask, busy } = createHarness(clock, { engines })
    const result = await clock.runUntilSettled(ask())
    expect(result).toMatchObject({ status: 'failed', error: { code: 'ENGINE_BAD_RESPONSE' } })
    expect(busy()).toBe(0)
  })

  it('does not try a third time', async () => {
    const broken = { error: { code: 'ENGINE_BAD_RESPONSE' as const } }
    const { clock, engines } = setUp({ 'a#1': [broken], 'b#1': [broken], 'c#1': [] })
    const { ask } = createHarness(clock, { engines })
    const result = await clock.runUntilSettled(ask())
    expect(result).toMatchObject({ status: 'failed', error: { code: 'ENGINE_BAD_RESPONSE' } })
    for (const engine of engines) engine.assertConsumed()
  })

  it('does not retry a request that is wrong in itself', async () => {
    const { clock, engines } = setUp({ 'a#1': [{ error: { code: 'REQUEST_INVALID' } }], 'b#1': [] })
    const { ask } = createHarness(clock, { engines })
    const result = await clock.runUntilSettled(ask())
    expect(result).toMatchObject({ status: 'failed', error: { code: 'REQUEST_INVALID' } })
  })

  it('does not retry without a token of the shared budget', async () => {
    const { clock, engines } = setUp({ 'a#1': [{ error: { code: 'ENGINE_OVERLOADED' } }], 'b#1': [] })
    const { ask } = createHarness(clock, { engines, retryTokens: 0, insuranceTokens: 0 })
    const result = await clock.runUntilSettled(ask())
    expect(result.error?.code).toBe('ENGINE_OVERLOADED')
  })

  it('waits for Retry-After only where it fits the slack and nobody else can answer', async () => {
    const overloaded = { error: { code: 'ENGINE_OVERLOADED' as const, retryAfterMs: 2000 } }
    const fitting = setUp({ 'a#1': [overloaded, answerAfter(100, 4)] })
    const answered = await fitting.clock.runUntilSettled(createHarness(fitting.clock, fitting).ask())
    expect(answered.record).toMatchObject({ answer: '4', finishedAtMs: 2100 })
    const short = setUp({ 'a#1': [overloaded] })
    const failed = await short.clock.runUntilSettled(createHarness(short.clock, short).ask({ budgetMs: 2500 }))
    expect(failed.error?.code).toBe('ENGINE_OVERLOADED')
  })

  it('reports an engine that was silent beyond all prediction, but no call that was given up early', async () => {
    const { clock, engines } = setUp({ 'a#1': [{ hangAfterTokens: 0, times: 2 }] })
    const { ask, verdicts } = createHarness(clock, { engines, serviceMs: () => 500 })
    await clock.runUntilSettled(ask({ budgetMs: 5000 }))
    await clock.settle()
    const leaving = new AbortController()
    const running = ask({ budgetMs: 5000 }, leaving.signal)
    await clock.runBy(300)
    leaving.abort()
    await clock.runUntilSettled(running)
    await clock.settle()
    expect(verdicts).toEqual(['a#1 failed ENGINE_TIMEOUT', 'a#1 aborted'])
  })

  it('never sends a second answer after a byte of the first', async () => {
    const { clock, engines } = setUp({
      'a#1': [{ text: 'half of it', outputTokens: 2, failAfterTokens: 1 }],
      'b#1': [],
    })
    const { ask } = createHarness(clock, { engines })
    const result = await clock.runUntilSettled(ask({}, undefined, { delta: () => {} }))
    expect(result).toMatchObject({ status: 'failed', error: { code: 'STREAM_INTERRUPTED' } })
  })

  it('asks another model where an answer was cut before it said anything that counts', async () => {
    const { clock, engines } = setUp({
      'a#1': [{ text: 'thinking and thinking and', outputTokens: 5000 }],
      // Another replica of the same model would think as long.
      'a#2': [],
      'b#1': [answerAfter(100, 6)],
    })
    const { ask } = createHarness(clock, { engines })
    const result = await clock.runUntilSettled(ask())
    expect(result.record).toMatchObject({ answer: '6', outcome: 'answered' })
  })

  it('does not ask again where it is the caller’s own cap that cut the answer', async () => {
    const { clock, engines } = setUp({ 'a#1': [{ text: 'thinking and thinking', outputTokens: 500 }], 'b#1': [] })
    const { ask } = createHarness(clock, { engines })
    const result = await clock.runUntilSettled(ask({ maxOutputTokens: 4 }))
    expect(result).toMatchObject({ status: 'answered', finishReason: 'length', degraded: [] })
    expect(result.record.calls).toBe(1)
  })

  it('refuses where no model is left, or the queue is full', async () => {
    const { clock, engines } = setUp({ 'a#1': [], 'b#1': [] })
    const choose = () => ({ model: 'a', strategy: 'Flash' as const })
    const down = createHarness(clock, { engines: [engines[0]!], choose })
    const running = down.ask()
    down.down.add('a#1')
    expect((await clock.runUntilSettled(running)).error).toMatchObject({ code: 'POOL_UNAVAILABLE', retryAfterMs: 1000 })
    const full = createHarness(clock, { engines, choose, slots: 1, maxWaiting: 0 })
    const first = full.runtime.lease({
      id: 'x',
      model: 'a',
      arrivedAtMs: 0,
      deadlineAtMs: 1e6,
      promptTokens: 1,
      maxOutputTokens: 1,
    })
    await clock.runUntilSettled(first)
    const result = await clock.runUntilSettled(full.ask())
    expect(result).toMatchObject({ status: 'refused', error: { code: 'QUEUE_FULL' } })
    expect(result.record.steps).toHaveLength(1)
  })

  it('takes another model when the queue rejects the first', async () => {
    const { clock, engines } = setUp({ 'a#1': [], 'b#1': [answerAfter(50, 2)] })
    const harness = createHarness(clock, {
      engines,
      choose: ({ excludedModels }) => ({ model: excludedModels.includes('a') ? 'b' : 'a', strategy: 'Flash' }),
    })
    harness.down.add('a#1')
    const result = await clock.runUntilSettled(harness.ask())
    expect(result.record).toMatchObject({ answer: '2' })
    expect(result.record.steps[0]).toMatchObject({ outcome: 'rejected', errorCode: 'POOL_UNAVAILABLE' })
  })
})

describe('a client that leaves', () => {
  it('aborts every call at once', async () => {
    const { clock, engines } = setUp({ 'a#1': [{ hangAfterTokens: 0, times: 3 }] })
    const { ask, busy, trace, runtime } = createHarness(clock, { engines, plan: voters(3) })
    const leaving = new AbortController()
    const running = ask({}, leaving.signal)
    await clock.runTo(700)
    expect(busy()).toBe(3)
    leaving.abort()
    const result = await clock.runUntilSettled(running)
    expect(result.status).toBe('aborted')
    expect(clock.nowMs()).toBe(700)
    expect(busy()).toBe(0)
    expect(trace.records[0]).toMatchObject({ outcome: 'aborted' })
    expect(runtime.inFlight).toBe(0)
  })

  it('takes waiting calls out of the queue, too', async () => {
    const { clock, engines } = setUp({ 'a#1': [{ hangAfterTokens: 0 }] })
    const { ask, dispatch } = createHarness(clock, { engines, plan: voters(3), slots: 1 })
    const leaving = new AbortController()
    const running = ask({}, leaving.signal)
    await clock.runTo(10)
    expect(dispatch.waiting('a')).toBe(2)
    leaving.abort()
    await clock.runUntilSettled(running)
    expect(dispatch.waiting('a')).toBe(0)
  })

  it('whose listener throws ends its own run, and no other', async () => {
    const { clock, engines } = setUp({ 'a#1': [{ ...answerAfter(100, 1), times: Infinity }] })
    const { ask, busy } = createHarness(clock, { engines })
    const fault = () => {
      throw new Error('socket is gone')
    }
    const broken = [{ planned: fault }, { step: fault }, { delta: fault }, { delta: async () => fault() }]
    for (const sink of broken) {
      const result = await clock.runUntilSettled(ask({}, undefined, sink))
      expect(result.status).toBe('aborted')
    }
    expect((await clock.runUntilSettled(ask())).status).toBe('answered')
    expect(busy()).toBe(0)
  })

  it('that left before the run began costs no call', async () => {
    const { clock, engines } = setUp({ 'a#1': [] })
    const { ask } = createHarness(clock, { engines })
    const result = await clock.runUntilSettled(ask({}, AbortSignal.abort()))
    expect(result.status).toBe('aborted')
  })
})
