/** @file What every Engine keeps: a call settles once and never rejects, an abort keeps the partial text, order of events. */
import { describe, expect, it } from 'vitest'
import type { CallObserver, CallResult, Delta, Engine, EngineCall } from '../../src/core/index.ts'
import { anEngineCall } from '../../src/testing/index.ts'

export interface EngineHarness {
  /** Answers `call` with at least 24 tokens and as many characters, over some time, when its cap allows. */
  readonly engine: Engine
  /** Lets time pass until the promise settles. */
  settle<T>(promise: Promise<T>): Promise<T>
  /** Takes so long that the engine has more to say meanwhile. */
  pause(): Promise<void>
  /** Default: a plain chat call. `id` is new for every call. */
  call?(overrides: { readonly id: string; readonly maxOutputTokens?: number }): EngineCall
  close?(): Promise<void>
}

export interface EngineContractOptions {
  create(): EngineHarness | Promise<EngineHarness>
  /** An engine whose every call fails after a token or before, and whose reading says `down`. */
  createFailing?(): EngineHarness | Promise<EngineHarness>
}

const idle = () => new AbortController().signal

/** An observer that writes down what it hears. */
function listen(onDelta?: (delta: Delta, heard: number) => void | Promise<void>) {
  const events: string[] = []
  const deltas: Delta[] = []
  const firstTokenAtMs: number[] = []
  const observer: CallObserver = {
    firstToken: (atMs) => {
      events.push('first')
      firstTokenAtMs.push(atMs)
    },
    delta: (delta) => {
      events.push('delta')
      deltas.push(delta)
      return onDelta?.(delta, deltas.length)
    },
  }
  const text = () => deltas.map((delta) => delta.text ?? '').join('')
  return { observer, events, deltas, firstTokenAtMs, text }
}

function expectConsistent(result: CallResult): void {
  expect(result.finishedAtMs).toBeGreaterThanOrEqual(result.firstTokenAtMs ?? result.sentAtMs)
  if (result.firstTokenAtMs !== null) expect(result.firstTokenAtMs).toBeGreaterThanOrEqual(result.sentAtMs)
  expect(result.error !== null).toBe(result.status === 'failed')
  expect(result.usage.promptTokens).toBeGreaterThanOrEqual(0)
  expect(result.usage.outputTokens).toBeGreaterThanOrEqual(0)
  if (result.status === 'aborted' || result.status === 'failed') expect(result.finishReason).toBe('')
}

export function describeEngineContract(name: string, { create, createFailing }: EngineContractOptions): void {
  let count = 0
  /** Runs `body` with a fresh engine and closes it whatever comes. */
  async function withEngine(
    body: (harness: EngineHarness, call: (cap?: number) => EngineCall) => Promise<void>,
    make = create,
  ): Promise<void> {
    const harness = await make()
    const nextCall = (maxOutputTokens?: number) => {
      count += 1
      const overrides = {
        id: `run_contract${count}/0/0/0`,
        ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
      }
      return harness.call?.(overrides) ?? anEngineCall(overrides)
    }
    try {
      await body(harness, nextCall)
    } finally {
      await harness.close?.()
    }
  }

  describe(`${name} keeps the contract of an engine`, () => {
    it('answers a call that nobody listens to', () =>
      withEngine(async ({ engine, settle }, call) => {
        const result = await settle(engine.run(call(), idle()))
        expectConsistent(result)
        expect(result).toMatchObject({ status: 'done', finishReason: 'stop', error: null, toolCalls: null })
        expect(result.text.length).toBeGreaterThanOrEqual(24)
        expect(result.usage.promptTokens).toBeGreaterThan(0)
        expect(result.usage.outputTokens).toBeGreaterThanOrEqual(24)
        expect(result.firstTokenAtMs).not.toBeNull()
      }))

    it('tells of the first token once, before any piece, and pieces that make up the text', () =>
      withEngine(async ({ engine, settle }, call) => {
        const heard = listen()
        const result = await settle(engine.run(call(), idle(), heard.observer))
        expect(heard.events[0]).toBe('first')
        expect(heard.firstTokenAtMs).toEqual([result.firstTokenAtMs])
        expect(heard.text()).toBe(result.text)
        expect(heard.deltas.length).toBeGreaterThan(1)
        expect(heard.deltas.every((delta) => Object.values(delta).some((part) => part !== undefined))).toBe(true)
      }))

    it('stops at the cap and says so', () =>
      withEngine(async ({ engine, settle }, call) => {
        const result = await settle(engine.run(call(5), idle()))
        expectConsistent(result)
        expect(result).toMatchObject({ status: 'cut', finishReason: 'length', usage: { outputTokens: 5 } })
      }))

    it('gives nothing for a call that was aborted before it began', () =>
      withEngine(async ({ engine, settle }, call) => {
        const heard = listen()
        const result = await settle(engine.run(call(), AbortSignal.abort(), heard.observer))
        expectConsistent(result)
        expect(result).toMatchObject({ status: 'aborted', text: '', firstTokenAtMs: null })
        expect(heard.events).toEqual([])
      }))

    it('keeps the text so far when aborted on the way, and is silent from then on', () =>
      withEngine(async ({ engine, settle }, call) => {
        const abort = new AbortController()
        const heard = listen((_delta, pieces) => {
          if (pieces === 3) abort.abort()
        })
        const result = await settle(engine.run(call(), abort.signal, heard.observer))
        const events = heard.events.length
        expectConsistent(result)
        expect(result.status).toBe('aborted')
        expect(result.text.length).toBeGreaterThan(0)
        expect(result.text.startsWith(heard.text())).toBe(true)
        const other = await settle(engine.run(call(), idle()))
        expect(other.status).toBe('done')
        expect(heard.events).toHaveLength(events)
      }))

    it('stays as it was when aborted after the end', () =>
      withEngine(async ({ engine, settle }, call) => {
        const abort = new AbortController()
        const promise = engine.run(call(), abort.signal)
        const before = { ...(await settle(promise)) }
        abort.abort()
        expect(await promise).toEqual(before)
      }))

    it('waits for a slow reader: one piece at a time', () =>
      withEngine(async ({ engine, settle, pause }, call) => {
        let open = 0
        let most = 0
        const heard = listen(async () => {
          open += 1
          most = Math.max(most, open)
          await pause()
          open -= 1
        })
        const result = await settle(engine.run(call(), idle(), heard.observer))
        expect(most).toBe(1)
        expect(heard.text()).toBe(result.text)
      }))

    it('settles on abort though a reader never comes back', () =>
      withEngine(async ({ engine, settle }, call) => {
        const abort = new AbortController()
        const heard = listen(() => {
          queueMicrotask(() => abort.abort())
          return new Promise<void>(() => {})
        })
        const result = await settle(engine.run(call(), abort.signal, heard.observer))
        expect(result.status).toBe('aborted')
        expect(heard.deltas).toHaveLength(1)
      }))

    const itSettlesThough = (how: string, onDelta: () => Promise<void>) => async () =>
      withEngine(async ({ engine, settle }, call) => {
        const result = await settle(engine.run(call(), idle(), listen(onDelta).observer))
        expectConsistent(result)
        expect((await settle(engine.run(call(), idle()))).status, how).toBe('done')
      })
    const fail = () => {
      throw new Error('from the reader')
    }
    it(
      'settles though a reader rejects',
      itSettlesThough('after a rejection', async () => fail()),
    )
    it('settles though a reader throws', itSettlesThough('after an exception', fail))

    it('keeps calls that run at once apart', () =>
      withEngine(async ({ engine, settle }, call) => {
        const listeners = [listen(), listen(), listen()]
        const results = await settle(Promise.all(listeners.map(({ observer }) => engine.run(call(), idle(), observer))))
        for (const [index, result] of results.entries()) {
          expect(result.status).toBe('done')
          expect(listeners[index]?.text()).toBe(result.text)
        }
      }))

    it('reads its load, never NaN and never below zero', () =>
      withEngine(async ({ engine, settle }) => {
        const reading = await settle(engine.read(idle()))
        expect(reading.health).toBe('ok')
        for (const value of [reading.running, reading.waiting, reading.kvUsage, reading.slots, reading.contextTokens]) {
          expect(value === null || value >= 0).toBe(true)
        }
        expect(Array.isArray(reading.servedModels) && Array.isArray(reading.missing)).toBe(true)
      }))

    it('does not reject a reading that was aborted', () =>
      withEngine(async ({ engine, settle }) => {
        const reading = await settle(engine.read(AbortSignal.abort()))
        expect(['ok', 'loading', 'down']).toContain(reading.health)
      }))

    if (createFailing === undefined) return
    it('fails as a result with a code, and reads as down: nothing rejects', () =>
      withEngine(async ({ engine, settle }, call) => {
        const result = await settle(engine.run(call(), idle()))
        expectConsistent(result)
        expect(result.status).toBe('failed')
        expect(result.error?.message).not.toBe('')
        expect((await settle(engine.read(idle()))).health).toBe('down')
      }, createFailing))
  })
}
