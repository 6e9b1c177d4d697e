/** What the two settings for methods without a deadline and without rescue take away. */
import { describe, expect, it } from 'vitest'
import { advisorsAndJudge, answerAfter, createHarness, setUp } from '../../../test/runtime-harness.ts'
import type { ScriptedReply } from '../../testing/index.ts'
import type { RuntimeSettings } from './context.ts'

const play = (
  scripts: Readonly<Record<string, readonly ScriptedReply[]>>,
  settings: Partial<RuntimeSettings>,
  more: Partial<Parameters<typeof createHarness>[1]> = {},
) => {
  const { clock, engines } = setUp(scripts)
  const harness = createHarness(clock, { engines, settings, ...more })
  return { clock, ...harness }
}

describe('a deadline that is not enforced', () => {
  const free = { enforcesDeadline: false }

  it('lets the answer come when it comes, whole', async () => {
    const late = { 'a#1': [answerAfter(60_000, 7)] }
    const { ask, clock } = play(late, free)
    const { record, text } = await clock.runUntilSettled(ask({ budgetMs: 5000 }))
    expect(record).toMatchObject({
      outcome: 'answered',
      isOnTime: false,
      degraded: [],
      answer: '7',
      finishedAtMs: 60_000,
    })
    expect(text).toContain('The answer is 7.')
    const held = play(late, {})
    expect((await held.clock.runUntilSettled(held.ask({ budgetMs: 5000 }))).record.finishedAtMs).toBeLessThanOrEqual(
      5000,
    )
  })

  it('drops no step: the judge hears all advisors, however late they are', async () => {
    const slow = { 'a#1': [answerAfter(100, 7), answerAfter(30_000, 8), answerAfter(40_000, 8)] }
    const { ask, clock } = play(slow, free, { plan: { ...advisorsAndJudge, stopsOnAgreement: false } })
    const { record } = await clock.runUntilSettled(ask({ budgetMs: 5000 }))
    expect(record).toMatchObject({ outcome: 'answered', answeredBy: 'last', degraded: [], calls: 3 })
    expect(record.steps.map(({ outcome }) => outcome)).toEqual(['done', 'done', 'done'])
    const held = play(slow, {}, { plan: { ...advisorsAndJudge, stopsOnAgreement: false } })
    const given = await held.clock.runUntilSettled(held.ask({ budgetMs: 5000 }))
    expect(given.record.degraded).not.toEqual([])
  })

  it('starts a step even where its budget is spent', async () => {
    const { ask, clock } = play({ 'a#1': [answerAfter(9000, 7), answerAfter(9000, 8), answerAfter(500, 8)] }, free, {
      plan: { ...advisorsAndJudge, stopsOnAgreement: false },
    })
    const { record } = await clock.runUntilSettled(ask({ budgetMs: 1000 }))
    expect(record.steps.at(-1)).toMatchObject({ stepId: 'last', outcome: 'done', sentAtMs: 9000 })
  })

  it('is not insured', async () => {
    const scripts = { 'slow#1': [answerAfter(20_000, 1)], 'fast#1': [] }
    const { ask, clock } = play(
      scripts,
      { ...free, insures: true },
      {
        serviceMs: ({ model }) => (model === 'fast' ? 300 : 3000),
        choose: () => ({ model: 'slow', strategy: 'DeepThink' }),
      },
    )
    const { record } = await clock.runUntilSettled(ask({ budgetMs: 5000 }))
    expect(record).toMatchObject({ answer: '1', calls: 1, isOnTime: false })
  })

  it('does not make a run fail that asked to fail when late', async () => {
    const { ask, clock } = play({ 'a#1': [answerAfter(9000, 7)] }, free)
    const { record } = await clock.runUntilSettled(ask({ budgetMs: 1000, limits: { onDeadline: 'fail' } }))
    expect(record).toMatchObject({ outcome: 'answered', answer: '7' })
  })

  it('still ends when the client leaves', async () => {
    const { ask, clock, busy } = play({ 'a#1': [{ hangAfterTokens: 0 }] }, free)
    const leaving = new AbortController()
    const asked = ask({ budgetMs: 1000 }, leaving.signal)
    await clock.runTo(3000)
    leaving.abort()
    expect((await asked).status).toBe('aborted')
    await clock.settle()
    expect(busy()).toBe(0)
  })
})

describe('an answer that its cap cut before it was said', () => {
  // Far beyond any cap.
  const cut = { text: 'hm '.repeat(50_000), outputTokens: 50_000, firstTokenAfterMs: 100 }
  const scripts = { 'a#1': [cut], 'b#1': [answerAfter(200, 7)] }

  it('is asked of another model', async () => {
    const { ask, clock } = play(scripts, {})
    const { record } = await clock.runUntilSettled(ask())
    expect(record).toMatchObject({ outcome: 'answered', answer: '7', calls: 2 })
  })

  it('is what there is where nothing is rescued', async () => {
    const { ask, clock } = play({ 'a#1': [cut], 'b#1': [] }, { rescuesUnread: false })
    const { record, text } = await clock.runUntilSettled(ask())
    expect(record).toMatchObject({ outcome: 'answered', answer: null, calls: 1, degraded: [] })
    expect(text).toMatch(/^(hm )+/)
    expect(text.length).toBeLessThan(cut.text.length)
  })

  it('is no failed call: those are tried again all the same', async () => {
    const failing: ScriptedReply = { error: { code: 'ENGINE_UNREACHABLE' } }
    const { ask, clock } = play({ 'a#1': [failing], 'b#1': [answerAfter(200, 7)] }, { rescuesUnread: false })
    expect((await clock.runUntilSettled(ask())).record).toMatchObject({ answer: '7', calls: 2 })
  })
})
