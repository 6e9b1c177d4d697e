/** @file The scripted engine: it says what was written down, at the instants written down, and is strict about it. */
import { describe, expect, it } from 'vitest'
import type { Delta } from '../core/index.ts'
import { anEngineCall } from './call-builders.ts'
import { ManualClock } from './manual-clock.ts'
import { ScriptedEngine } from './scripted-engine.ts'
import type { ScriptedReply } from './scripted-reply.ts'

const idle = new AbortController().signal

function engineWith(...replies: readonly ScriptedReply[]) {
  const clock = new ManualClock(1_000)
  return { clock, engine: new ScriptedEngine({ clock, replies }) }
}

describe('what a scripted engine says', () => {
  it('says `ok` at once by default, without the clock being moved', async () => {
    const { engine } = engineWith({})
    expect(await engine.run(anEngineCall({ promptTokens: 77 }), idle)).toEqual({
      status: 'done',
      text: 'ok',
      reasoning: '',
      toolCalls: null,
      logprobs: null,
      usage: { promptTokens: 77, outputTokens: 1 },
      isUsageReported: true,
      sentAtMs: 1_000,
      firstTokenAtMs: 1_000,
      finishedAtMs: 1_000,
      finishReason: 'stop',
      error: null,
    })
  })

  it('sends token k at firstTokenAfterMs + k * 1000 / tokensPerSecond, text cut evenly', async () => {
    const { clock, engine } = engineWith({
      text: 'abcdef',
      outputTokens: 3,
      firstTokenAfterMs: 50,
      tokensPerSecond: 10,
    })
    const heard: [number, Delta][] = []
    const observer = { delta: (delta: Delta) => void heard.push([clock.nowMs(), delta]) }
    const result = await clock.runUntilSettled(engine.run(anEngineCall(), idle, observer))
    expect(heard).toEqual([
      [1_050, { text: 'ab' }],
      [1_150, { text: 'cd' }],
      [1_250, { text: 'ef' }],
    ])
    expect(result).toMatchObject({ sentAtMs: 1_000, firstTokenAtMs: 1_050, finishedAtMs: 1_250 })
  })

  it('makes no event per token for a call that nobody listens to', async () => {
    const { clock, engine } = engineWith({ outputTokens: 1_000, firstTokenAfterMs: 50, tokensPerSecond: 1_000 })
    const promise = engine.run(anEngineCall(), idle)
    let events = 0
    await clock.settle()
    for (; clock.nextAtMs !== null; events += 1) await clock.runTo(clock.nextAtMs)
    expect((await promise).finishedAtMs).toBe(2_049)
    expect(events).toBe(2)
  })

  it('sends reasoning first, tool calls and log-probabilities last', async () => {
    const toolCalls = [{ id: 'call_1', type: 'function', function: { name: 'f', arguments: '{}' } }]
    const logprobs = { content: [] }
    const { engine } = engineWith({ text: 'ab', reasoning: 'hm', toolCalls, logprobs, outputTokens: 2 })
    const heard: Delta[] = []
    const result = await engine.run(anEngineCall(), idle, { delta: (delta) => void heard.push(delta) })
    expect(heard).toEqual([
      { text: 'a', reasoning: 'hm' },
      { text: 'b', toolCalls, logprobs },
    ])
    expect(result).toMatchObject({ text: 'ab', reasoning: 'hm', toolCalls, logprobs, finishReason: 'tool_calls' })
  })

  it.each([
    [0, 'ENGINE_UNREACHABLE', '', null],
    [2, 'STREAM_INTERRUPTED', 'abcd', 1_010],
  ] as const)('fails after %i tokens as %s', async (failAfterTokens, code, text, firstTokenAtMs) => {
    const reply = { text: 'abcdefgh', outputTokens: 4, firstTokenAfterMs: 10, tokensPerSecond: 100, failAfterTokens }
    const { clock, engine } = engineWith(reply)
    const result = await clock.runUntilSettled(engine.run(anEngineCall(), idle))
    expect(result).toMatchObject({ status: 'failed', text, firstTokenAtMs, isUsageReported: false, finishReason: '' })
    expect(result.finishedAtMs).toBe(1_010 + 10 * failAfterTokens)
    expect(result.error).toMatchObject({ code, status: null, retryAfterMs: null })
  })

  it('fails with the error given, before a token', async () => {
    const { engine } = engineWith({ error: { code: 'ENGINE_OVERLOADED', status: 503, retryAfterMs: 200 } })
    const result = await engine.run(anEngineCall(), idle)
    expect(result).toMatchObject({
      status: 'failed',
      error: { code: 'ENGINE_OVERLOADED', status: 503, retryAfterMs: 200 },
    })
  })

  it('hangs until aborted, then gives the tokens so far', async () => {
    const { clock, engine } = engineWith({
      text: 'abcdefgh',
      outputTokens: 4,
      tokensPerSecond: 100,
      hangAfterTokens: 2,
    })
    const abort = new AbortController()
    const promise = engine.run(anEngineCall(), abort.signal)
    await clock.runBy(1_000_000)
    expect(engine.running).toBe(1)
    abort.abort()
    expect(await promise).toMatchObject({ status: 'aborted', text: 'abcd', finishedAtMs: 1_001_000 })
    expect([engine.running, clock.pending]).toEqual([0, 0])
  })

  it('counts the tokens that were due when a call without listener is aborted', async () => {
    const { clock, engine } = engineWith({
      text: 'abcdefgh',
      outputTokens: 8,
      firstTokenAfterMs: 10,
      tokensPerSecond: 100,
    })
    const abort = new AbortController()
    const promise = engine.run(anEngineCall(), abort.signal)
    await clock.runBy(35)
    abort.abort()
    expect(await promise).toMatchObject({ status: 'aborted', text: 'abc', usage: { outputTokens: 3 } })
    expect(clock.pending).toBe(0)
  })

  it('can leave usage out, or report another', async () => {
    const usage = { promptTokens: 5, outputTokens: 9 }
    const { engine } = engineWith({ usage: null }, { usage })
    expect(await engine.run(anEngineCall(), idle)).toMatchObject({ isUsageReported: false })
    expect(await engine.run(anEngineCall(), idle)).toMatchObject({ isUsageReported: true, usage })
  })
})

describe('how strict a scripted engine is', () => {
  it('gives replies in order, those with a matcher to the calls they match', async () => {
    const forLast = { when: ({ id }: { id: string }) => id.includes('/last/'), text: 'merged' }
    const { engine } = engineWith(forLast, { text: 'one' }, { text: 'two', times: 2 })
    const texts: string[] = []
    for (const id of ['r/0/0/0', 'r/0/1/0', 'r/last/0/0', 'r/0/2/0']) {
      texts.push((await engine.run(anEngineCall({ id }), idle)).text)
    }
    expect(texts).toEqual(['one', 'two', 'merged', 'two'])
    expect(() => engine.assertConsumed()).not.toThrow()
    expect(engine.calls.map(({ call, result }) => `${call.id} ${result?.text}`)).toEqual([
      'r/0/0/0 one',
      'r/0/1/0 two',
      'r/last/0/0 merged',
      'r/0/2/0 two',
    ])
  })

  it('rejects an unexpected call, and remembers it', async () => {
    const { engine } = engineWith()
    await expect(engine.run(anEngineCall({ id: 'r/9/9/9' }), idle)).rejects.toMatchObject({
      code: 'INVARIANT_VIOLATED',
    })
    expect(() => engine.assertConsumed()).toThrow('unexpected call r/9/9/9')
    expect(engine.running).toBe(0)
  })

  it('complains of replies that nobody asked for, but for endless ones', () => {
    const { engine } = engineWith({ text: 'left over', times: 2 }, { text: 'any', times: Infinity })
    expect(() => engine.assertConsumed()).toThrow('2 x "left over"')
    expect(() => engine.assertConsumed()).not.toThrow('any')
  })

  it('uses up no reply for a call that was aborted before it left', async () => {
    const { engine } = engineWith({ text: 'kept' })
    expect((await engine.run(anEngineCall(), AbortSignal.abort())).status).toBe('aborted')
    expect((await engine.run(anEngineCall(), idle)).text).toBe('kept')
  })
})

describe('what a scripted engine reads', () => {
  it('counts its own calls by default', async () => {
    const { clock, engine } = engineWith({ firstTokenAfterMs: 10 })
    void engine.run(anEngineCall(), idle)
    expect(await engine.read(idle)).toMatchObject({ atMs: 1_000, health: 'ok', running: 1, servedModels: ['small'] })
    await clock.runBy(10)
    expect(await engine.read(idle)).toMatchObject({ atMs: 1_010, running: 0 })
  })

  it('gives scripted readings in order, the last one from then on, until another is set', async () => {
    const engine = new ScriptedEngine({ clock: new ManualClock(), readings: [{ waiting: 1 }, { waiting: 2 }] })
    const waiting = async () => (await engine.read(idle)).waiting
    expect([await waiting(), await waiting(), await waiting()]).toEqual([1, 2, 2])
    engine.setReading({ health: 'down' })
    expect(await engine.read(idle)).toMatchObject({ health: 'down', waiting: 0 })
  })
})
