import { describe, expect, it } from 'vitest'
import { answerAfter, createHarness, setUp } from '../../../test/runtime-harness.ts'
import type { RunOutcome } from '../../core/index.ts'

const settings = { insures: true }
const serviceMs = ({ model }: { model: string }) => (model === 'deep' ? 4500 : 300)
const choose = () => ({ model: 'deep', strategy: 'DeepThink' as const })
const backup = { arm: { model: 'quick', strategy: 'Concise' as const }, leadMs: 2000 }

describe('a backup planned with a slow call', () => {
  it('starts its lead before the answer is due and answers where the slow call is late', async () => {
    const { clock, engines } = setUp({ 'deep#1': [answerAfter(60_000, 1)], 'quick#1': [answerAfter(400, 2)] })
    const heard: RunOutcome[] = []
    const { ask, busy } = createHarness(clock, {
      engines,
      settings,
      serviceMs,
      choose,
      backup,
      onRunFinished: (outcome) => heard.push(outcome),
    })
    const { record } = await clock.runUntilSettled(ask({ budgetMs: 5000 }))
    expect(record).toMatchObject({ answer: '2', answeredBy: 'insurance', isOnTime: true, degraded: ['insurance'] })
    const second = record.steps.find(({ kind }) => kind === 'insurance')
    // 25 ms are kept to get the last byte out.
    expect(second).toMatchObject({ queuedAtMs: 2975, choice: { model: 'quick', reason: 'backup' } })
    // It was planned: no sign that deadlines are kept by luck.
    expect(heard).toMatchObject([{ isFallback: false, isDegraded: false }])
    await clock.settle()
    expect(busy()).toBe(0)
  })

  it('gives way to the slow answer that is in time after all', async () => {
    const { clock, engines } = setUp({ 'deep#1': [answerAfter(4800, 1)], 'quick#1': [answerAfter(400, 2)] })
    const { ask } = createHarness(clock, { engines, settings, serviceMs, choose, backup })
    const { record } = await clock.runUntilSettled(ask({ budgetMs: 5000 }))
    expect(record).toMatchObject({ answer: '1', answeredBy: '0/0', degraded: [], finishedAtMs: 4800 })
  })

  it('is not called where the slow answer is there before, nor twice', async () => {
    const early = setUp({ 'deep#1': [answerAfter(2900, 1)], 'quick#1': [] })
    const first = createHarness(early.clock, { engines: early.engines, settings, serviceMs, choose, backup })
    expect((await early.clock.runUntilSettled(first.ask({ budgetMs: 5000 }))).record.calls).toBe(1)
    const late = setUp({ 'deep#1': [answerAfter(60_000, 1)], 'quick#1': [answerAfter(1900, 2)] })
    const second = createHarness(late.clock, { engines: late.engines, settings, serviceMs, choose, backup })
    expect((await late.clock.runUntilSettled(second.ask({ budgetMs: 5000 }))).record.calls).toBe(2)
  })

  it('leaves the insurance call its place where it failed', async () => {
    const { clock, engines } = setUp({
      'deep#1': [answerAfter(60_000, 1)],
      'quick#1': [{ error: { code: 'ENGINE_UNREACHABLE' } }, answerAfter(200, 3)],
    })
    const heard: RunOutcome[] = []
    const onRunFinished = (outcome: RunOutcome) => heard.push(outcome)
    const { ask } = createHarness(clock, { engines, settings, serviceMs, choose, backup, onRunFinished })
    const { record } = await clock.runUntilSettled(ask({ budgetMs: 5000 }))
    expect(record).toMatchObject({ answer: '3', answeredBy: 'insurance', isOnTime: true, calls: 3 })
    const second = record.steps.filter(({ kind }) => kind === 'insurance')
    expect(
      second.map(({ attempt, outcome, choice }) => [attempt, outcome, 'reason' in choice && choice.reason]),
    ).toEqual([
      [0, 'failed', 'backup'],
      [1, 'done', 'insurance'],
    ])
    // The one that answered was not planned.
    expect(heard).toMatchObject([{ isFallback: true, isDegraded: true }])
  })

  it('keeps the slow answer from being streamed before it is sure to stand', async () => {
    const writing = { text: 'x'.repeat(100), outputTokens: 100, firstTokenAfterMs: 0, tokensPerSecond: 10 }
    const { clock, engines } = setUp({ 'deep#1': [writing], 'quick#1': [answerAfter(400, 2)] })
    const { ask } = createHarness(clock, { engines, settings, serviceMs, choose, backup })
    const heard: string[] = []
    const result = await clock.runUntilSettled(
      ask({ budgetMs: 5000 }, undefined, { delta: ({ text }) => void heard.push(text ?? '') }),
    )
    expect(heard.join('')).toBe(result.text)
    expect(result.record.answer).toBe('2')
  })

  it.each([
    ['insurance is off', { insures: false }, {}],
    ['the deadline is not enforced', { insures: true, enforcesDeadline: false }, {}],
    ['late is worth nothing to the caller', settings, { limits: { onDeadline: 'fail' as const } }],
  ])('is not called where %s', async (_name, chosen, request) => {
    const { clock, engines } = setUp({ 'deep#1': [answerAfter(6000, 1)], 'quick#1': [] })
    const { ask } = createHarness(clock, { engines, settings: chosen, serviceMs, choose, backup })
    expect((await clock.runUntilSettled(ask({ budgetMs: 5000, ...request }))).record.calls).toBe(1)
  })
})
