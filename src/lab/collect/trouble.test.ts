/** @file What becomes of a collection that is stopped, runs out of its budget, or meets engines that fail: in virtual time. */
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import {
  callsOf,
  cellsDone,
  createFolders,
  createPool,
  jsonLines,
  large,
  promptsOf,
  small,
} from '../../../test/collect-pool.ts'
import { ConfigError, type Engine } from '../../core/index.ts'

const folders = createFolders()
afterEach(folders.clear)

describe('a collection that is stopped', () => {
  it('comes to the same cells and prompts when it is asked again, wherever it stopped', async () => {
    const whole = folders.next()
    await createPool().run(whole)
    for (const [afterCalls, phase] of [
      [1, 1],
      [7, 1],
      [30, 2],
      [70, 2],
    ]) {
      const out = folders.next()
      const first = createPool()
      const onProgress = () => void (first.meter.sent >= afterCalls! && first.abort.abort())
      const stopped = await first.run(out, {}, { onProgress })
      expect(stopped.end).toBe('interrupted')
      expect(stopped.cells > 0).toBe(phase === 2)
      const second = createPool()
      expect(await second.run(out)).toMatchObject({ end: 'complete', cells: 60, cellsWanted: 60 })
      expect(cellsDone(out).toSorted()).toEqual(cellsDone(whole).toSorted())
      expect(
        promptsOf(out)
          .map(({ id }) => id)
          .toSorted(),
      ).toEqual(
        promptsOf(whole)
          .map(({ id }) => id)
          .toSorted(),
      )
    }
  })

  it('has nothing under way any more, and every call that gave a token is written down', async () => {
    const out = folders.next()
    const pool = createPool({ models: [small] })
    // More than the engine's slots: some have given nothing when it is stopped.
    const onProgress = () => void (callsOf(out).length >= 30 && pool.abort.abort())
    await pool.run(out, { levels: [40] }, { onProgress })
    expect(pool.meter.underWay).toBe(0)
    const aborted = callsOf(out).filter(({ status }) => status === 'aborted')
    expect(aborted.length).toBeGreaterThan(0)
    for (const { isCut, outputTokens, firstTokenAtMs } of aborted) {
      expect([isCut, outputTokens > 0, firstTokenAtMs !== null]).toEqual([true, true, true])
    }
  })

  it('sends nothing where all is there already', async () => {
    const out = folders.next()
    await createPool().run(out)
    const pool = createPool()
    expect(await pool.run(out)).toMatchObject({ end: 'complete', requests: 0 })
    expect(pool.meter.sent).toBe(0)
    expect(pool.told.at(-1)).toMatchObject({ phase: 2, done: 60, total: 60, resumed: 60 })
  })

  it('takes more workflows, levels and prompts in, and keeps what it has', async () => {
    const out = folders.next()
    await createPool().run(out, { levels: [1], workflows: 2, replay: null })
    const before = cellsDone(out)
    await createPool().run(out, { levels: [1, 2], workflows: 3, replay: null })
    expect(cellsDone(out).slice(0, before.length)).toEqual(before)
    expect(new Set(cellsDone(out)).size).toBe(cellsDone(out).length)
    expect(cellsDone(out)).toHaveLength(promptsOf(out).length * 2 * 2 * 3)
  })
})

describe('a budget', () => {
  it('of tokens is not passed, and the next call has its own', async () => {
    const out = folders.next()
    const options = { workflows: 2, maxAgents: 1, levels: [1], maxTokens: 3500 }
    const spent: number[] = []
    for (let call = 0; call < 12; call += 1) {
      const { end, tokens } = await createPool({ models: [small] }).run(out, options)
      spent.push(tokens)
      if (end === 'complete') break
      expect(end).toBe('tokens')
    }
    expect(Math.max(...spent)).toBeLessThanOrEqual(3500)
    expect(spent.length).toBeGreaterThan(1)
    expect(spent.length).toBeLessThan(12)
    expect(cellsDone(out)).toHaveLength(2 * 3)
  })

  it('of requests is not passed', async () => {
    for (const maxRequests of [1, 12, 30]) {
      const pool = createPool()
      const { end, requests } = await pool.run(folders.next(), { maxRequests })
      expect([end, requests, pool.meter.sent]).toEqual(['requests', maxRequests, maxRequests])
    }
  })

  it('that is used up early has seen all models and levels alike', async () => {
    const out = folders.next()
    await createPool().run(out, { workflows: 8, replay: null, levels: [1, 2], maxRequests: 220 })
    const shares = [large, small].flatMap((model) =>
      [1, 2].map((level) => cellsDone(out).filter((key) => key.endsWith(`${model} ${level}`)).length),
    )
    expect(Math.max(...shares)).toBeGreaterThan(20)
    expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(12)
  })

  it('of time ends what is under way', async () => {
    const pool = createPool()
    const startMs = pool.clock.nowMs()
    const { end } = await pool.run(folders.next(), { maxMs: 40_000 })
    expect(end).toBe('time')
    expect(pool.clock.nowMs() - startMs).toBe(40_000)
    expect(pool.meter.underWay).toBe(0)
  })
})

describe('engines that fail', () => {
  it('are left for later, and asked again when they are back', async () => {
    const out = folders.next()
    const pool = createPool()
    const [broken] = pool.simulated
    // Down in the middle of its replays, back when the others are done.
    let calls = 0
    const onProgress = () => {
      calls = callsOf(out).length
      if (calls > 25 && calls < 40) broken!.setDown(true)
      if (cellsDone(out).filter((key) => key.includes(small)).length === 30) broken!.setDown(false)
    }
    const summary = await pool.run(out, {}, { onProgress })
    expect(summary).toMatchObject({ end: 'complete', cells: 60 })
    expect(summary.failures).toBeGreaterThan(0)
    expect(new Set(cellsDone(out)).size).toBe(60)
  })

  it('that stay away are told of, and the rest is collected', async () => {
    const out = folders.next()
    const pool = createPool()
    const onProgress = () => void (callsOf(out).length > 25 && pool.simulated[0]!.setDown(true))
    const summary = await pool.run(out, {}, { onProgress })
    expect(summary.end).toBe('incomplete')
    expect(cellsDone(out).filter((key) => key.includes(small))).toHaveLength(30)
    expect(summary.cells).toBeLessThan(60)
    const again = await createPool().run(out)
    expect(again).toMatchObject({ end: 'complete', cells: 60 })
  })

  it('all at once end it with an error, and what there is stays', async () => {
    const out = folders.next()
    const pool = createPool()
    const onProgress = () => {
      if (pool.meter.sent > 40) for (const engine of pool.simulated) engine.setDown(true)
    }
    await expect(pool.run(out, {}, { onProgress })).rejects.toThrow(/no engine answers.*what was collected is kept/)
    expect(pool.meter.underWay).toBe(0)
    expect(await createPool().run(out)).toMatchObject({ end: 'complete', cells: 60 })
  })

  it('that are down from the start end it too, in phase 1', async () => {
    const pool = createPool()
    for (const engine of pool.simulated) engine.setDown(true)
    await expect(pool.run(folders.next())).rejects.toMatchObject({ code: 'POOL_UNAVAILABLE' })
  })

  it('that answer nothing right leave no workflow behind, which is tried again by the next call', async () => {
    const out = folders.next()
    const pool = createPool()
    const error = { code: 'ENGINE_BAD_RESPONSE', message: 'no JSON', status: 200, retryAfterMs: null } as const
    const broken = pool.engines.map(
      (engine): Engine => ({
        ...engine,
        run: async (call, signal, observer) => {
          const result = await engine.run(call, signal, observer)
          return { ...result, status: 'failed', error }
        },
      }),
    )
    const summary = await pool.run(out, {}, { engines: broken })
    expect(summary).toMatchObject({ end: 'incomplete', workflows: 0, prompts: 0, cells: 0 })
    expect(summary.failures).toBeGreaterThanOrEqual(9)
    expect(callsOf(out)).toEqual([])
    expect(await createPool().run(out)).toMatchObject({ end: 'complete', workflows: 3, cells: 60 })
  })

  it('that hang are given up after the time that a call may take', async () => {
    const out = folders.next()
    const pool = createPool()
    let wasStalled = false
    const onProgress = () => {
      if (wasStalled || callsOf(out).length <= 25) return
      wasStalled = true
      pool.simulated[0]!.setStalled(true)
      pool.clock.at(pool.clock.nowMs() + 300_000, () => pool.simulated[0]!.setStalled(false))
    }
    const summary = await pool.run(out, {}, { onProgress, callTimeoutMs: 60_000 })
    expect(summary).toMatchObject({ end: 'complete', cells: 60 })
    expect(summary.failures).toBeGreaterThan(0)
  })

  it('that refuse a prompt for good are not asked again', async () => {
    const out = folders.next()
    const pool = createPool({ models: [small] })
    let replays = 0
    const engines = pool.engines.map(
      (engine): Engine => ({
        ...engine,
        run: async (call, signal, observer) => {
          const result = await engine.run(call, signal, observer)
          const isReplay = call.id.startsWith('collect/') && call.meaning.strategy === 'DeepThink'
          if (isReplay) replays += 1
          const error = { code: 'CONTEXT_TOO_LONG', message: 'too long', status: 400, retryAfterMs: null } as const
          return isReplay ? { ...result, status: 'failed', firstTokenAtMs: null, error } : result
        },
      }),
    )
    const options = { levels: [1], replay: 4 }
    expect(await pool.run(out, options, { engines })).toMatchObject({ end: 'complete', cells: 12, failures: 0 })
    expect(replays).toBe(4)
    expect(jsonLines<{ strategy: string }>(out, 'refused.jsonl').map(({ strategy }) => strategy)).toEqual(
      Array.from({ length: 4 }, () => 'DeepThink'),
    )
    expect(cellsDone(out)).toHaveLength(8)
    expect(await pool.run(out, options, { engines })).toMatchObject({ requests: 0 })
  })
})

describe('the folder', () => {
  it('of other questions or another seed is refused before anything is sent', async () => {
    const out = folders.next()
    await createPool().run(out, { workflows: 1, replay: 1, levels: [1] })
    const pool = createPool()
    await expect(pool.run(out, { seed: 8 })).rejects.toThrow(ConfigError)
    expect(pool.meter.sent).toBe(0)
  })

  it('that fills up ends it with an error', async () => {
    const out = folders.next()
    const pool = createPool()
    // Stands for a full disk: nothing can be added to the file of calls any more.
    const onProgress = () => {
      if (pool.meter.sent < 30) return
      rmSync(join(out, 'calls.jsonl'), { recursive: true, force: true })
      mkdirSync(join(out, 'calls.jsonl'))
    }
    await expect(pool.run(out, {}, { onProgress })).rejects.toThrow(ConfigError)
    expect(pool.meter.underWay).toBe(0)
  })
})
