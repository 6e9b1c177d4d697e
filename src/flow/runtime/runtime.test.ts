import { describe, expect, it } from 'vitest'
import { advisorsAndJudge, answerAfter, createHarness, setUp, voters } from '../../../test/runtime-harness.ts'
import type { Delta } from '../../core/index.ts'
import { role } from '../../team/index.ts'
import type { StepEvent } from './runtime-port.ts'

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

  it('samples each step before the last as its role does, and the last as the caller asks', async () => {
    const { clock, engines } = setUp({ 'a#1': [answerAfter(100, 7), answerAfter(200, 8), answerAfter(100, 8)] })
    const { ask } = createHarness(clock, { engines, plan: { ...advisorsAndJudge, stopsOnAgreement: false } })
    await clock.runUntilSettled(ask({ finalStepBody: { temperature: 0.9, stop: ['x'] } }))
    const [advisor, , judge] = engines[0]!.calls.map(({ call }) => call.body)
    expect(advisor).toEqual({ temperature: role('MathSolver', 'math').temperature })
    expect(judge).toEqual({ temperature: 0.9, stop: ['x'] })
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

  it('tells how steps ended that no longer mattered', async () => {
    const { clock, engines } = setUp({ 'a#1': [answerAfter(300, 7), answerAfter(500, 7), answerAfter(9000, 8)] })
    const { ask } = createHarness(clock, { engines, plan: voters(3) })
    const ended: (string | undefined)[] = []
    const step = ({ type, record }: StepEvent) => void (type === 'step-finished' && ended.push(record?.outcome))
    await clock.runUntilSettled(ask({}, undefined, { step }))
    expect(ended).toEqual(['done', 'done', 'aborted'])
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
