import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { aMachine, createRig, type Rig } from '../../../test/simulated-rig.ts'
import { createScaledClock } from '../../core/index.ts'
import { anEngineCall } from '../../testing/index.ts'
import type { Fidelity } from './index.ts'

const fidelities: readonly Fidelity[] = ['iteration-exact', 'event-skipping']
const idle = new AbortController().signal
const fail = (): never => {
  throw new Error('of the listener')
}
const read = ({ engine }: Rig) => engine.read(idle)

describe.each(fidelities)('a call on its way, %s', (fidelity) => {
  it('passes the API server, one prefill step, and a step per further token', async () => {
    const heard: number[] = []
    const machine = aMachine({ decodeC0: 10, decodeC3: 0.001, b0: 20, k1: 0.1, hostMs: 3 })
    const rig = createRig({ fidelity, apiOverheadMs: 15, machine })
    const [result] = await rig.play([
      { atMs: 100, promptTokens: 500, outputTokens: 4, observer: { firstToken: (atMs) => heard.push(atMs) } },
    ])
    // Prefill of 500: 20 + 0.1 * 500 + 3. Decoding reads 501, 502, 503 tokens: 13 + 0.501 and so on.
    const firstTokenAtMs = 100 + 15 + 73
    expect(heard).toEqual([firstTokenAtMs])
    expect(result).toMatchObject({ status: 'done', finishReason: 'stop', sentAtMs: 100, firstTokenAtMs, error: null })
    expect(result?.finishedAtMs).toBeCloseTo(firstTokenAtMs + 3 * 13 + 1.506, 9)
    expect(result?.usage).toEqual({ promptTokens: 500, outputTokens: 4 })
    expect(rig.clock.nowMs()).toBe(result?.finishedAtMs)
  })

  it('lets a late arrival join at the next step boundary, and slow the steps down by its prefill', async () => {
    const rig = createRig({ fidelity, machine: aMachine({ slots: 2, decodeC0: 10, b0: 10, k1: 1 }) })
    const [first, second] = await rig.play([
      { atMs: 0, promptTokens: 10, outputTokens: 4 },
      { atMs: 33, promptTokens: 5, outputTokens: 2 },
    ])
    // 0-20 prefill, 20-30, 30-40 decode; 40-56 prefill of 5 beside one decode: 10 + 1 * (5 + 1); 56-66 decode.
    expect(first).toMatchObject({ firstTokenAtMs: 20, finishedAtMs: 56 })
    expect(second).toMatchObject({ firstTokenAtMs: 56, finishedAtMs: 66 })
  })

  it('cuts prefill into chunks shared in order of admission', async () => {
    const rig = createRig({ fidelity, prefillChunkTokens: 100, machine: aMachine({ slots: 3 }) })
    const results = await rig.play([
      { atMs: 0, promptTokens: 150, outputTokens: 1 },
      { atMs: 0.5, promptTokens: 120, outputTokens: 1 },
      { atMs: 0.5, promptTokens: 20, outputTokens: 1 },
    ])
    // Steps: 100 | 50 + 50 | 70 + 20.
    expect(results.map(({ firstTokenAtMs }) => firstTokenAtMs)).toEqual([2, 3, 3])
  })

  it('stops at the cap and at the context, and cuts the text in proportion', async () => {
    const rig = createRig({ fidelity, machine: aMachine({ slots: 3, maxModelLen: 60 }) })
    const [capped, full, exact] = await rig.play([
      { atMs: 0, outputTokens: 10, maxOutputTokens: 4, text: '0123456789abcdefghij' },
      { atMs: 0, promptTokens: 50, outputTokens: 20, text: 'x'.repeat(100) },
      { atMs: 0, outputTokens: 10, maxOutputTokens: 10, text: 'whole' },
    ])
    expect(capped).toMatchObject({ status: 'cut', finishReason: 'length', text: '01234567' })
    expect(capped?.usage.outputTokens).toBe(4)
    expect(full).toMatchObject({ status: 'cut', text: 'x'.repeat(50), usage: { outputTokens: 10 } })
    expect(exact).toMatchObject({ status: 'done', finishReason: 'stop', text: 'whole' })
  })

  it('refuses a prompt that leaves no room, and a cap below one token', async () => {
    const rig = createRig({ fidelity, machine: aMachine({ maxModelLen: 1_000, kvTokens: 170 }) })
    const [long, fits, capless] = await rig.play([
      { atMs: 0, promptTokens: 160, outputTokens: 1 },
      { atMs: 0, promptTokens: 159, outputTokens: 5 },
      { atMs: 0, outputTokens: 5, maxOutputTokens: 0 },
    ])
    expect(long).toMatchObject({ status: 'failed', error: { code: 'CONTEXT_TOO_LONG', status: 400 }, text: '' })
    expect(long?.error?.message).toBe('the prompt has 160 tokens; prompt and output together may have 160')
    expect(fits).toMatchObject({ status: 'cut', usage: { outputTokens: 1 } })
    expect(capless).toMatchObject({ status: 'failed', error: { code: 'REQUEST_INVALID', status: 400 } })
    expect((await read(rig)).contextTokens).toBe(160)
  })

  it('orders the waiting by deadline then arrival, or by arrival alone', async () => {
    const calls = [50, 30, 20, 20, 10].map((deadlineAtMs, index) => ({
      atMs: index === 0 ? 0 : 0.5,
      outputTokens: 5,
      deadlineAtMs,
    }))
    const byDeadline = await createRig({ fidelity }).play(calls)
    expect(byDeadline.map(({ finishedAtMs }) => finishedAtMs)).toEqual([5, 25, 15, 20, 10])
    const byArrival = await createRig({ fidelity, scheduling: 'fcfs' }).play(calls)
    expect(byArrival.map(({ finishedAtMs }) => finishedAtMs)).toEqual([5, 10, 15, 20, 25])
  })

  it('reads the slowdown where a step begins', async () => {
    let factor = 1
    const rig = createRig({ fidelity, slowdown: () => factor, machine: aMachine({ decodeC0: 10, b0: 10 }) })
    rig.clock.at(25, () => {
      factor = 3
      rig.engine.slowdownChanged()
    })
    const [result] = await rig.play([{ atMs: 0, outputTokens: 5 }])
    expect(result?.finishedAtMs).toBe(30 + 2 * 30)
  })
})

describe.each(fidelities)('KV blocks, %s', (fidelity) => {
  it('preempts the latest admitted when a block is missing, and recomputes it with its tokens', async () => {
    // 6 blocks of 4. Both prompts of 8 take 2 each; the steps that write token 9 take one more each: full. At token 13 the
    // first takes its 4th from the second, which waits until the first has ended, then prefills 8 + 5 and goes on.
    const machine = aMachine({ slots: 2, kvTokens: 24, blockTokens: 4, k1: 0.1 })
    const rig = createRig({ fidelity, machine })
    const [first, second] = await rig.play([
      { atMs: 0, promptTokens: 8, outputTokens: 8 },
      { atMs: 0, promptTokens: 8, outputTokens: 7 },
    ])
    // The first alone: 1 + 0.8; the second beside it: 1 + 0.1 * (8 + 1). Then both decode, 1 ms a step.
    expect(first?.firstTokenAtMs).toBeCloseTo(1.8, 9)
    expect(second?.firstTokenAtMs).toBeCloseTo(3.7, 9)
    // Tokens of the first: 2 at 3.7, 5 at 6.7, where its 13th token of context needs the block; 8 at 9.7.
    expect(first?.finishedAtMs).toBeCloseTo(9.7, 9)
    // The second had 4 tokens at 6.7: recomputes 12 in 1 + 1.2, gives the 5th at 11.9 and two more.
    expect(second?.finishedAtMs).toBeCloseTo(13.9, 9)
    expect(second?.usage.outputTokens).toBe(7)
    expect(rig.engine.statistics()).toMatchObject({ preemptions: 1, kvBlocksInUse: 0, generationTokens: 15 })
  })

  it('admits nobody in a step that had to preempt', async () => {
    const machine = aMachine({ slots: 3, kvTokens: 24, blockTokens: 4, k1: 0.1 })
    const results = await createRig({ fidelity, machine }).play([
      { atMs: 0, promptTokens: 8, outputTokens: 8 },
      { atMs: 0, promptTokens: 8, outputTokens: 7, deadlineAtMs: 9 },
      { atMs: 5, promptTokens: 4, outputTokens: 1, deadlineAtMs: 8 },
    ])
    // As above, and the blocks that the second gave up at 6.7 go to the third at 7.7: 1 + 0.1 * (4 + 1).
    expect(results[2]?.firstTokenAtMs).toBeCloseTo(9.2, 9)
  })

  it('counts the wait for the first admission only, also of a prefill that was preempted', async () => {
    const machine = aMachine({ slots: 2, kvTokens: 24, blockTokens: 4 })
    const rig = createRig({ fidelity, machine, prefillChunkTokens: 2 })
    const [first, second] = await rig.play([
      { atMs: 0, promptTokens: 8, outputTokens: 6 },
      { atMs: 0, promptTokens: 12, outputTokens: 1 },
    ])
    // The second is prefilled in 4-8, loses its blocks to the first one's 13th token, and starts afresh at 9.
    expect([first?.firstTokenAtMs, first?.finishedAtMs, second?.firstTokenAtMs]).toEqual([4, 9, 15])
    expect((await read(rig)).queueTime).toEqual({ sumMs: 4, count: 2 })
  })

  it('admits only what fits, and holds back those behind', async () => {
    const machine = aMachine({ slots: 3, kvTokens: 40, blockTokens: 4 })
    const results = await createRig({ fidelity, machine }).play([
      { atMs: 0, promptTokens: 20, outputTokens: 3 },
      { atMs: 0.1, promptTokens: 24, outputTokens: 3 },
      { atMs: 0.2, promptTokens: 4, outputTokens: 3 },
    ])
    expect(results.map(({ firstTokenAtMs }) => firstTokenAtMs)).toEqual([1, 4, 4])
  })
})

describe.each(fidelities)('an abort, %s', (fidelity) => {
  it('settles at once with the text so far, and frees the slot at the next boundary', async () => {
    const rig = createRig({ fidelity, machine: aMachine({ decodeC0: 10, b0: 10 }) })
    const [aborted, next] = await rig.play([
      { atMs: 0, outputTokens: 10, text: '0123456789', abortAtMs: 47 },
      { atMs: 1, outputTokens: 1 },
    ])
    expect(aborted).toMatchObject({ status: 'aborted', text: '0123', finishedAtMs: 47, finishReason: '', error: null })
    expect(aborted?.usage).toEqual({ promptTokens: 10, outputTokens: 4 })
    expect(next?.firstTokenAtMs).toBe(50 + 10)
  })

  it('takes a call out of the API server and out of the queue', async () => {
    const rig = createRig({ fidelity, apiOverheadMs: 20 })
    const results = await rig.play([
      { atMs: 0, outputTokens: 100 },
      { atMs: 0, outputTokens: 100, abortAtMs: 5 },
      { atMs: 0, outputTokens: 100, abortAtMs: 30 },
      { atMs: 0, outputTokens: 100 },
    ])
    expect(results.map(({ finishedAtMs }) => finishedAtMs)).toEqual([120, 5, 30, 220])
    expect(rig.engine.statistics()).toMatchObject({ arrived: 4, finished: 2, aborted: 2, generationTokens: 200 })
  })

  it('lets those behind it go first when it held them back', async () => {
    const machine = aMachine({ slots: 3, kvTokens: 40, blockTokens: 4, decodeC0: 10, b0: 10 })
    const results = await createRig({ fidelity, machine }).play([
      { atMs: 0, promptTokens: 20, outputTokens: 5 },
      { atMs: 0.1, promptTokens: 24, outputTokens: 3, abortAtMs: 14 },
      { atMs: 0.2, promptTokens: 4, outputTokens: 3 },
    ])
    expect(results[2]?.firstTokenAtMs).toBe(20 + 10)
  })

  it('is listened for only while the call is under way', async () => {
    const rig = createRig({ fidelity })
    const { signal } = new AbortController()
    const result = rig.send({ outputTokens: 5 }, signal)
    expect(getEventListeners(signal, 'abort')).toHaveLength(1)
    await rig.clock.run(result)
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  it('comes after a boundary at the same instant: a finished call stays finished', async () => {
    const [result] = await createRig({ fidelity }).play([{ atMs: 0, outputTokens: 5, abortAtMs: 5 }])
    expect(result).toMatchObject({ status: 'done', finishedAtMs: 5 })
  })
})

describe('streaming', () => {
  const text = 'abcdefghijklmnopqrstuvwxyz'.repeat(4)

  it('sends the first token at once and then slices at the set pace, which make up the text', async () => {
    const heard: string[] = []
    const rig = createRig({ machine: aMachine({ decodeC0: 10, b0: 10 }), deltaEveryMs: 40 })
    const delta = (piece: { readonly text?: string }) => void heard.push(`${rig.clock.nowMs()}:${piece.text}`)
    const [result] = await rig.play([{ atMs: 0, outputTokens: 13, text: text.slice(0, 26), observer: { delta } }])
    // Two characters a token: one token at 10, four every 40 ms, and the end at 130 where a tick falls too.
    expect(heard).toEqual(['10:ab', '50:cdefghij', '90:klmnopqr', '130:stuvwxyz'])
    expect(result).toMatchObject({ status: 'done', text: text.slice(0, 26), finishedAtMs: 130 })
  })

  it('lets a slow reader hold the stream back, not the engine', async () => {
    const heard: string[] = []
    const rig = createRig({ deltaEveryMs: 5 })
    const delta = ({ text: piece = '' }) =>
      new Promise<void>((resolve) => {
        heard.push(piece)
        rig.clock.at(rig.clock.nowMs() + 70, resolve)
      })
    const [result] = await rig.play([{ atMs: 0, outputTokens: 104, text, observer: { delta } }])
    expect(result?.finishedAtMs).toBe(104)
    // One token at 1; the reader is back at 71, with the tick of 71; back at 141, the engine has ended.
    expect(heard.map((piece) => piece.length)).toEqual([1, 70, 33])
    expect(heard.join('')).toBe(text)
    expect(rig.clock.nowMs()).toBe(141 + 70)
  })

  it.each([
    ['at the first token', { firstToken: () => fail() }],
    ['at a slice', { delta: () => fail() }],
    ['later', { delta: async () => fail() }],
  ])('goes on when a listener fails %s', async (_when, observer) => {
    const rig = createRig({ machine: aMachine({ slots: 2 }) })
    const results = await rig.play([
      { atMs: 0, outputTokens: 104, text, observer },
      { atMs: 0, outputTokens: 104, text },
    ])
    for (const result of results) expect(result).toMatchObject({ status: 'done', text })
  })

  it('never cuts a character in half', async () => {
    const heard: string[] = []
    const faces = '😀'.repeat(10)
    const delta = (piece: { readonly text?: string }) => void heard.push(piece.text ?? '')
    const rig = createRig({ deltaEveryMs: 1 })
    await rig.play([{ atMs: 0, outputTokens: 20, text: faces, observer: { delta } }])
    expect(heard).toEqual(Array(10).fill('😀'))
  })

  it('counts a call as finished that is aborted while its reader still reads', async () => {
    const rig = createRig({ deltaEveryMs: 10 })
    const delta = () => new Promise<void>(() => {})
    const [result] = await rig.play([{ atMs: 0, outputTokens: 104, text, abortAtMs: 150, observer: { delta } }])
    expect(result).toMatchObject({ status: 'aborted', text: text.slice(0, 1), finishedAtMs: 150 })
    expect(rig.engine.statistics()).toMatchObject({ finished: 1, aborted: 0 })
  })

  it('gives as text what it sent, when aborted while streaming', async () => {
    const heard: string[] = []
    const delta = (piece: { readonly text?: string }) => void heard.push(piece.text ?? '')
    const rig = createRig({ deltaEveryMs: 10 })
    const [result] = await rig.play([{ atMs: 0, outputTokens: 104, text, abortAtMs: 27.5, observer: { delta } }])
    await rig.clock.advanceTo(200)
    expect(heard.join('')).toBe(text.slice(0, 21))
    expect(result).toMatchObject({ status: 'aborted', text: text.slice(0, 21), usage: { outputTokens: 27 } })
  })
})

describe('what it says of itself', () => {
  it('reads load, KV use and latency sums as of now, within a run of skipped steps too', async () => {
    const machine = aMachine({ slots: 2, kvTokens: 160, blockTokens: 16, decodeC0: 10, b0: 20 })
    const rig = createRig({ machine, apiOverheadMs: 5 })
    const done = rig.schedule([
      { atMs: 0, promptTokens: 30, outputTokens: 10 },
      { atMs: 0, promptTokens: 30, outputTokens: 3 },
      { atMs: 0, promptTokens: 30, outputTokens: 2 },
    ])
    await rig.clock.advanceTo(68)
    // The first begins at 5, alone; the second is prefilled in 25-45; both decode in 45-55, 55-65: the second ends.
    // The third is prefilled in 65-85 and holds 2 blocks; the first has 4 tokens, and 34 in 3 blocks.
    expect(await read(rig)).toMatchObject({
      atMs: 68,
      health: 'ok',
      dialect: 'twin',
      running: 2,
      waiting: 0,
      kvUsage: 0.5,
      ttft: { sumMs: 25 + 45, count: 2 },
      queueTime: { sumMs: 20, count: 2 },
      interToken: { sumMs: 40 + 20, count: 3 + 2 },
      e2e: { sumMs: 65, count: 1 },
      slots: 2,
      kvTokens: 160,
      contextTokens: 160,
      servedModels: ['m'],
      missing: [],
    })
    await rig.clock.run(done)
    expect(await read(rig)).toMatchObject({ running: 0, kvUsage: 0, e2e: { count: 3 }, interToken: { count: 12 } })
    expect(rig.engine.statistics()).toEqual({
      arrived: 3,
      finished: 3,
      aborted: 0,
      failed: 0,
      promptTokens: 90,
      cachedTokens: 0,
      generationTokens: 15,
      preemptions: 0,
      peakRunning: 2,
      kvBlocksInUse: 0,
      kvBlocks: 10,
      busyMs: rig.clock.nowMs() - 5,
    })
  })

  it('goes down with everything under way, refuses, and comes back empty', async () => {
    const rig = createRig({ apiOverheadMs: 1, deltaEveryMs: 2 })
    const heard: string[] = []
    const observer = { delta: (piece: { readonly text?: string }) => void heard.push(piece.text ?? '') }
    rig.clock.at(6.5, () => rig.engine.setDown(true))
    const results = await rig.play([
      { atMs: 0, outputTokens: 10, text: '0123456789', observer },
      { atMs: 0, outputTokens: 10 },
      { atMs: 6, outputTokens: 10 },
      { atMs: 7, outputTokens: 10 },
    ])
    expect(results.map(({ error }) => error?.code)).toEqual([
      'STREAM_INTERRUPTED',
      'ENGINE_UNREACHABLE',
      'ENGINE_UNREACHABLE',
      'ENGINE_UNREACHABLE',
    ])
    expect(results.map(({ finishedAtMs }) => finishedAtMs)).toEqual([6.5, 6.5, 6.5, 7])
    expect(results[0]).toMatchObject({ status: 'failed', text: heard.join(''), error: { status: null } })
    expect(heard.join('')).toBe('01234')
    expect(await read(rig)).toMatchObject({ health: 'down', running: null, kvUsage: null, ttft: null, slots: null })
    rig.engine.setDown(false)
    expect(rig.engine.statistics()).toMatchObject({ failed: 4, kvBlocksInUse: 0, generationTokens: 5, busyMs: 5.5 })
    expect(await rig.clock.run(rig.send({ outputTokens: 3 }))).toMatchObject({ status: 'done', finishedAtMs: 11 })
  })

  it('answers at the simulated pace on a real clock, though timers come late', async () => {
    const late = createRig().clock
    const lateClock = { nowMs: () => late.nowMs(), at: (ms: number, fn: () => void) => late.at(ms + 3.3, fn) }
    const clock = createScaledClock(lateClock, 10)
    const answers = { answer: () => ({ text: 'abc', promptTokens: 10, outputTokens: 200, isRight: null }) }
    const { engine } = createRig({ clock, answers })
    const result = await late.run(engine.run(anEngineCall({ maxOutputTokens: 500 }), idle))
    expect(result).toMatchObject({ firstTokenAtMs: 1, finishedAtMs: 200 })
    expect(late.nowMs()).toBeCloseTo(23.3, 9)
  })
})
