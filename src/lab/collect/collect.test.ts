/** @file A whole collection in virtual time, on simulated engines in this process: what is done, and how much at once. */
import { afterEach, describe, expect, it } from 'vitest'
import { callsOf, cellsDone, createFolders, createPool, large, promptsOf, small } from '../../../test/collect-pool.ts'
import { strategyIds } from '../../core/index.ts'
import { cellKey } from './lines.ts'

const folders = createFolders()
afterEach(folders.clear)

describe('a collection', () => {
  it('replays every prompt under every strategy on every model at every level, once', async () => {
    const out = folders.next()
    const pool = createPool()
    const summary = await pool.run(out, { replay: null })
    const prompts = promptsOf(out).map(({ id }) => id)
    expect(prompts.length).toBeGreaterThan(4)
    const wanted = prompts.flatMap((prompt) =>
      [large, small].flatMap((model) =>
        [1, 4].flatMap((level) => strategyIds.map((strategy) => cellKey({ prompt, strategy, model, level }))),
      ),
    )
    expect(cellsDone(out).toSorted()).toEqual(wanted.toSorted())
    expect(summary).toMatchObject({ end: 'complete', workflows: 3, cells: wanted.length, cellsWanted: wanted.length })
    expect(summary.requests).toBe(pool.meter.sent)
  })

  it('never has more under way on a model than the level asked for, and one model at a time', async () => {
    const out = folders.next()
    const pool = createPool()
    await pool.run(out)
    for (const model of [large, small]) expect(pool.meter.peak(model)).toBe(4)
    const overlaps = callsOf(out).filter(({ phase, ownInFlight, ownInPool }) => phase === 2 && ownInPool > ownInFlight)
    expect(overlaps).toEqual([])
    for (const call of callsOf(out)) {
      if (call.level !== null) expect(call.ownInFlight).toBeLessThan(call.level)
    }
    // Measured beside all the others, but for a place that is being filled in the same instant.
    const beside = callsOf(out)
      .filter((call) => call.level === 4 && !call.isBackground)
      .map(({ ownInFlight }) => ownInFlight)
    expect(beside.filter((others) => others === 3).length).toBeGreaterThan(0.7 * beside.length)
  })

  it('loads several models at once where asked to, each within its level', async () => {
    const pool = createPool()
    await pool.run(folders.next(), { modelsAtOnce: 2, workflows: 2 })
    for (const model of [large, small]) expect(pool.meter.peak(model)).toBe(4)
    expect(pool.meter.peak('pool')).toBeGreaterThan(4)
  })

  it('shares the load of a model evenly among its replicas, in both phases', async () => {
    const pool = createPool({ models: [small], replicas: 2 })
    const summary = await pool.run(folders.next())
    expect(summary.end).toBe('complete')
    expect(pool.meter.peak(small)).toBe(4)
    for (const replica of [1, 2]) expect(pool.meter.peak(`${small}#${replica}`)).toBe(2)
  })

  it('runs no two calls at once where only one is allowed', async () => {
    const pool = createPool({ models: [small], replicas: 2 })
    const summary = await pool.run(folders.next(), { levels: [1], replay: 2 })
    expect([summary.end, pool.meter.peak('pool')]).toEqual(['complete', 1])
  })

  it('writes down the state of the engine as it was before each call', async () => {
    const out = folders.next()
    await createPool({ models: [small] }).run(out, { levels: [1, 24], workflows: 4, replay: null })
    const replays = callsOf(out).filter(({ phase, isBackground }) => phase === 2 && !isBackground)
    const alone = replays.filter(({ level }) => level === 1)
    expect(new Set(alone.map(({ running, waiting, kvUsage }) => [running, waiting, kvUsage].join()))).toEqual(
      new Set(['0,0,0']),
    )
    // Sixteen slots: the rest waits.
    const crowded = replays.filter(({ level }) => level === 24)
    expect(Math.max(...crowded.map(({ running }) => running ?? 0))).toBe(16)
    expect(Math.max(...crowded.map(({ waiting }) => waiting ?? 0))).toBeGreaterThan(3)
    expect(Math.max(...crowded.map(({ kvUsage }) => kvUsage ?? 0))).toBeGreaterThan(0)
    expect(Math.max(...replays.map(({ running, waiting }) => (running ?? 0) + (waiting ?? 0)))).toBeLessThanOrEqual(23)
  })

  it('gives each replay the prompt of its strategy', async () => {
    const out = folders.next()
    await createPool({ models: [small] }).run(out, { levels: [1] })
    const meanTokens = (strategy: string) => {
      const found = callsOf(out).filter((call) => call.phase === 2 && call.strategy === strategy)
      return found.reduce((sum, { outputTokens }) => sum + outputTokens, 0) / found.length
    }
    expect(meanTokens('Flash')).toBeLessThan(meanTokens('Concise'))
    expect(meanTokens('Concise')).toBeLessThan(meanTokens('DeepThink'))
  })
})
