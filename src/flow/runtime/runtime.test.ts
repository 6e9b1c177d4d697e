import { describe, expect, it } from 'vitest'
import { answerAfter, createHarness } from '../../../test/runtime-harness.ts'
import type { Arm, Delta } from '../../core/index.ts'
import { aPlan, ManualClock, ScriptedEngine, type ScriptedReply } from '../../testing/index.ts'
import type { StepEvent } from './runtime-port.ts'

const setUp = (scripts: Readonly<Record<string, readonly ScriptedReply[]>>) => {
  const clock = new ManualClock()
  const engines = Object.entries(scripts).map(
    ([id, replies]) => new ScriptedEngine({ clock, id, model: id.split('#')[0] as string, replies }),
  )
  return { clock, engines }
}

const voters = (count: number) =>
  aPlan({
    topology: 'io',
    agents: count,
    merge: 'vote',
    steps: Array.from({ length: count }, (_, index) => ({ id: `0/${index}`, isLast: false })),
  })

const advisorsAndJudge = aPlan({
  topology: 'io',
  agents: 2,
  merge: 'model',
  stopsOnAgreement: true,
  steps: [
    { id: '0/0', isLast: false, stepsToEnd: 2 },
    { id: '0/1', isLast: false, stepsToEnd: 2 },
    { id: 'last', kind: 'aggregate', role: 'Judge', dependsOn: ['0/0', '0/1'], reads: ['0/0', '0/1'] },
  ],
})

describe('a run with one agent', () => {
  it('answers, and its record tells the instants, the arm and the tokens', async () => {
    const { clock, engines } = setUp({ 'a#1': [{ ...answerAfter(400, 391), outputTokens: 5, promptTokens: 30 }] })
    const { ask, trace, busy } = createHarness(clock, { engines })
    const result = await clock.runUntilSettled(ask())
    expect(result).toMatchObject({ status: 'answered', finishReason: 'stop', degraded: [], error: null })
    expect(result.text).toContain('391')
    expect(result.record).toMatchObject({
      outcome: 'answered',
      isOnTime: true,
      answer: '391',
      answeredBy: '0/0',
      finishedAtMs: 400,
      deadlineAtMs: 10_000,
      usage: { promptTokens: 30, outputTokens: 5 },
      calls: 1,
    })
    expect(result.record.steps[0]).toMatchObject({
      stepId: '0/0',
      attempt: 0,
      choice: { model: 'a', strategy: 'Concise', price: 0.01, score: 0.69 },
      replica: 'a#1',
      sentAtMs: 0,
      firstTokenAtMs: 400,
      finishedAtMs: 400,
      outcome: 'done',
      predicted: { latencyMs: expect.closeTo(1000, 5) },
    })
    expect(result.record.plan.score).toBeNull()
    expect(trace.records).toEqual([result.record])
    expect(busy()).toBe(0)
  })

  it('streams the answer as it is written and reports the first byte', async () => {
    const { clock, engines } = setUp({
      'a#1': [{ text: 'ab', outputTokens: 2, firstTokenAfterMs: 100, tokensPerSecond: 10 }],
    })
    const { ask } = createHarness(clock, { engines })
    const heard: [string | undefined, number][] = []
    const delta = (piece: Delta) => void heard.push([piece.text, clock.nowMs()])
    const result = await clock.runUntilSettled(ask({}, undefined, { delta }))
    expect(heard).toEqual([
      ['a', 100],
      ['b', 200],
    ])
    expect(result.record.firstByteAtMs).toBe(100)
    expect(result.text).toBe('ab')
  })

  it('tells a listener of the plan only once the call is admitted', async () => {
    const { clock, engines } = setUp({ 'a#1': [answerAfter(1000, 1), answerAfter(1000, 2)] })
    const { ask } = createHarness(clock, { engines, slots: 1 })
    const heard: string[] = []
    const first = ask()
    const second = ask({}, undefined, { planned: () => heard.push(`planned at ${clock.nowMs()}`) })
    await clock.runUntilSettled(Promise.all([first, second]))
    expect(heard).toEqual(['planned at 1000'])
  })

  it('caps the output by max_tokens and passes the other fields on', async () => {
    const { clock, engines } = setUp({ 'a#1': [answerAfter(1, 1)] })
    const { ask } = createHarness(clock, { engines })
    await clock.runUntilSettled(ask({ maxOutputTokens: 7, finalStepBody: { temperature: 0.3 }, seed: 4 }))
    const call = engines[0]!.calls[0]!.call
    expect(call.maxOutputTokens).toBe(7)
    expect(call.body).toMatchObject({ temperature: 0.3, seed: expect.any(Number) })
  })

  it('refuses with POOL_UNAVAILABLE when no engine is usable, and leaves a record', async () => {
    const { clock, engines } = setUp({ 'a#1': [] })
    const { ask, down, trace } = createHarness(clock, { engines })
    down.add('a#1')
    const result = await clock.runUntilSettled(ask())
    expect(result).toMatchObject({ status: 'refused', error: { code: 'POOL_UNAVAILABLE' } })
    expect(trace.records[0]).toMatchObject({ outcome: 'refused', errorCode: 'POOL_UNAVAILABLE', isOnTime: false })
  })

  it('shows a caller only the models that it may use', async () => {
    const { clock, engines } = setUp({ 'a#1': [], 'b#1': [answerAfter(10, 5)] })
    const { ask } = createHarness(clock, { engines })
    const result = await clock.runUntilSettled(ask({ allowedModels: ['b'] }))
    expect(result.record.steps[0]).toMatchObject({ replica: 'b#1' })
  })
})

describe('a run with several agents', () => {
  it('runs a wave in parallel and ends as soon as the vote is decided', async () => {
    const { clock, engines } = setUp({
      'a#1': [answerAfter(300, 7), answerAfter(500, 7), answerAfter(9000, 8)],
    })
    const { ask, busy, trace } = createHarness(clock, { engines, plan: { ...voters(3), score: 0.731 } })
    const result = await clock.runUntilSettled(ask())
    expect(result.record).toMatchObject({ answer: '7', answeredBy: 'vote', finishedAtMs: 500, degraded: [] })
    await clock.settle()
    expect(busy()).toBe(0)
    expect(trace.records[0]!.steps.map(({ outcome }) => outcome)).toEqual(['done', 'done', 'aborted'])
    expect(trace.records[0]!.plan.score).toBe(0.731)
  })

  it('counts the tokens of aborted calls in the written record', async () => {
    const slow = { text: 'x'.repeat(40), outputTokens: 10, firstTokenAfterMs: 0, tokensPerSecond: 10 }
    const { clock, engines } = setUp({ 'a#1': [answerAfter(300, 7), answerAfter(500, 7), slow] })
    const { ask, trace } = createHarness(clock, { engines, plan: voters(3) })
    await clock.runUntilSettled(ask())
    await clock.settle()
    expect(trace.records[0]!.usage.outputTokens).toBe(1 + 1 + 6)
  })

  it('gives the last step what the others said', async () => {
    const { clock, engines } = setUp({ 'a#1': [answerAfter(100, 7), answerAfter(200, 8), answerAfter(100, 8)] })
    const { ask } = createHarness(clock, { engines, plan: advisorsAndJudge })
    const result = await clock.runUntilSettled(ask())
    expect(result.record).toMatchObject({ answeredBy: 'last', answer: '8', finishedAtMs: 300 })
    const judge = engines[0]!.calls[2]!.call
    expect(judge.meaning).toMatchObject({ kind: 'aggregate', inputs: ['7', '8'] })
    expect(judge.messages().map(({ content }) => content)).toContain('What is 17 * 23?')
  })

  it('ends at once when all votes differ, with the first', async () => {
    const { clock, engines } = setUp({ 'a#1': [answerAfter(300, 1), answerAfter(400, 2), answerAfter(500, 3)] })
    const { ask } = createHarness(clock, { engines, plan: voters(3) })
    const result = await clock.runUntilSettled(ask())
    expect(result.record).toMatchObject({ answer: '1', answeredBy: 'vote', finishedAtMs: 500 })
  })

  it('tells of the plan once, and forwards what the steps before the last write', async () => {
    const { clock, engines } = setUp({ 'a#1': [answerAfter(100, 7), answerAfter(200, 8), answerAfter(100, 8)] })
    const { ask } = createHarness(clock, { engines, plan: advisorsAndJudge })
    const heard: string[] = []
    await clock.runUntilSettled(
      ask({}, undefined, {
        planned: () => void heard.push('planned'),
        stepDelta: (stepId) => void heard.push(stepId),
        delta: () => void heard.push('answer'),
      }),
    )
    expect(heard).toEqual(['planned', '0/0', '0/1', 'answer'])
  })

  it('tells of each step as it is queued, sent and done', async () => {
    const { clock, engines } = setUp({ 'a#1': [answerAfter(100, 7), answerAfter(200, 8), answerAfter(100, 8)] })
    const { ask } = createHarness(clock, { engines, plan: advisorsAndJudge })
    const heard: string[] = []
    const step = ({ type, stepId, record }: StepEvent) =>
      void heard.push(`${type} ${stepId} ${record?.outcome ?? ''}`.trim())
    await clock.runUntilSettled(ask({ limits: { maxCalls: 2 } }, undefined, { step }))
    expect(heard).toEqual([
      'step-queued 0/0',
      'step-queued 0/1',
      'step-started 0/0',
      'step-started 0/1',
      'step-finished 0/0 done',
      'step-finished 0/1 done',
      'step-dropped last',
    ])
  })

  it('stops where the executor is content, and says which steps were left out', async () => {
    const { clock, engines } = setUp({ 'a#1': [answerAfter(100, 7), answerAfter(200, 7)] })
    const choose = (step: { agreement: number | null }) =>
      step.agreement === 1 ? ('stop' as const) : { model: 'a', strategy: 'Flash' as const }
    const { ask } = createHarness(clock, { engines, plan: advisorsAndJudge, choose })
    const result = await clock.runUntilSettled(ask())
    expect(result.record).toMatchObject({ answer: '7', finishedAtMs: 200, degraded: [] })
    expect(result.record.steps.at(-1)).toMatchObject({
      stepId: 'last',
      outcome: 'stopped',
      choice: { stop: 'answers-agree' },
    })
  })

  it('drops a slow advisor in time for the last step', async () => {
    const { clock, engines } = setUp({ 'a#1': [answerAfter(100, 7), answerAfter(60_000, 8), answerAfter(500, 7)] })
    const { ask } = createHarness(clock, { engines, plan: advisorsAndJudge })
    const result = await clock.runUntilSettled(ask({ budgetMs: 5000 }))
    expect(result.record).toMatchObject({ answeredBy: 'last', isOnTime: true, degraded: ['steps-dropped'] })
    // Reserved: the 95 % quantile of the last step, about 1.4 s before the reply is due.
    expect(result.record.finishedAtMs).toBeGreaterThan(3500)
  })

  it('starts the last step on the first answer that comes after its time', async () => {
    const { clock, engines } = setUp({ 'a#1': [answerAfter(4200, 7), answerAfter(60_000, 8), answerAfter(100, 9)] })
    const { ask } = createHarness(clock, { engines, plan: advisorsAndJudge, serviceMs: () => 700 })
    const result = await clock.runUntilSettled(ask({ budgetMs: 5000 }))
    expect(result.record).toMatchObject({ answeredBy: 'last', answer: '9', finishedAtMs: 4300 })
  })

  it('goes on without a step that failed for good', async () => {
    const { clock, engines } = setUp({
      'a#1': [answerAfter(100, 7), { error: { code: 'ENGINE_BAD_RESPONSE' } }, answerAfter(100, 7)],
    })
    const { ask } = createHarness(clock, { engines, plan: advisorsAndJudge, retryTokens: 0 })
    const result = await clock.runUntilSettled(ask())
    expect(result.record).toMatchObject({ outcome: 'answered', answeredBy: 'last' })
  })
})

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
    expect(result.record).toMatchObject({ answer: '2', answeredBy: 'insurance', degraded: ['insurance'] })
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

  it('is capped by its bucket', async () => {
    const { clock, engines } = setUp({ 'slow#1': [{ hangAfterTokens: 0 }], 'fast#1': [] })
    const { ask } = createHarness(clock, { engines, settings, serviceMs, choose, insuranceTokens: 0 })
    const result = await clock.runUntilSettled(ask({ budgetMs: 5000 }))
    expect(result.status).toBe('failed')
  })
})

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
    const { ask } = createHarness(clock, { engines, retryTokens: 0 })
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

  it('that left before the run began costs no call', async () => {
    const { clock, engines } = setUp({ 'a#1': [] })
    const { ask } = createHarness(clock, { engines })
    const result = await clock.runUntilSettled(ask({}, AbortSignal.abort()))
    expect(result.status).toBe('aborted')
  })
})

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
