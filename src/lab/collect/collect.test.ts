/** @file A whole collection in virtual time, on simulated engines in this process: what is done, how much at once, and what becomes of trouble. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { type Engine, type ModelId, strategyIds } from '../../core/index.ts'
import { createAnswerModel, createSimulatedEngine, createVirtualClock, type SimulatedEngine } from '../../twin/index.ts'
import { loadProfile, requireTruth } from '../profile-file.ts'
import { createSyntheticQuestions } from '../questions/index.ts'
import { collect } from './collect.ts'
import type { CollectOptions, CollectProgress, CollectSummary, RunCollectOptions } from './collection.ts'
import { type CallLine, cellKey, cellOf, type PromptLine } from './lines.ts'

const profile = loadProfile('paper-b200')
const [large, small] = ['Llama-3.1-8B-Instruct', 'Llama-3.2-3B-Instruct'] as const
const questions = createSyntheticQuestions({ dataset: 'synthetic-math', count: 30, seed: 1 })
const answers = createAnswerModel({ truth: requireTruth(profile), questions, seed: 1, text: 'full' })

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'inframind-collect-'))
  folders.push(folder)
  return folder
}

/** How many calls a model and the pool had under way at most, and all that were sent. */
class Meter {
  readonly #now = new Map<string, number>()
  readonly #peaks = new Map<string, number>()
  sent = 0

  peak = (name: string): number => this.#peaks.get(name) ?? 0

  move(names: readonly string[], change: 1 | -1): void {
    if (change === 1) this.sent += 1
    for (const name of names) {
      const now = (this.#now.get(name) ?? 0) + change
      this.#now.set(name, now)
      this.#peaks.set(name, Math.max(now, this.peak(name)))
    }
  }
}

interface PoolOptions {
  readonly models?: readonly ModelId[]
  readonly replicas?: number
}

/** A pool of its own clock. `collect` runs in virtual time to its end. */
function createPool({ models = [large, small], replicas = 1 }: PoolOptions = {}) {
  const clock = createVirtualClock()
  const meter = new Meter()
  const simulated: SimulatedEngine[] = models.flatMap((model) =>
    Array.from({ length: replicas }, (_, index) =>
      createSimulatedEngine({
        id: `${model}#${index + 1}`,
        model,
        machine: profile.models[model]!,
        apiOverheadMs: profile.apiOverheadMs.value,
        prefillChunkTokens: profile.prefillChunkTokens.value,
        clock,
        answers,
        fidelity: 'event-skipping',
      }),
    ),
  )
  const engines = simulated.map(
    (engine): Engine => ({
      id: engine.id,
      model: engine.model,
      read: (signal) => engine.read(signal),
      run: async (call, signal, observer) => {
        meter.move([engine.id, engine.model, 'pool'], 1)
        const result = await engine.run(call, signal, observer)
        meter.move([engine.id, engine.model, 'pool'], -1)
        return result
      },
    }),
  )
  const told: CollectProgress[] = []
  const abort = new AbortController()
  const run = (
    out: string,
    options: Partial<CollectOptions> = {},
    more: Partial<RunCollectOptions> = {},
  ): Promise<CollectSummary> =>
    clock.run(
      collect(
        {
          workflows: 3,
          maxAgents: 3,
          replay: 5,
          levels: [1, 4],
          modelsAtOnce: 1,
          seed: 7,
          maxMs: Infinity,
          maxTokens: Infinity,
          maxRequests: Infinity,
          ...options,
        },
        {
          out,
          sources: questions.map(({ text }) => ({ messages: [{ role: 'user', content: text }], question: null })),
          engines,
          clock,
          prior: profile.prior,
          tiers: {},
          slots: () => null,
          runner: null,
          signal: abort.signal,
          onProgress: (progress) => void told.push(progress),
          ...more,
        },
      ),
    )
  return { clock, meter, simulated, engines, told, abort, run }
}

const jsonLines = <T>(out: string, name: string): readonly T[] =>
  readFileSync(join(out, name), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T)
const callsOf = (out: string) => jsonLines<CallLine>(out, 'calls.jsonl')
const cellsDone = (out: string) =>
  callsOf(out)
    .flatMap((call) => cellOf(call) ?? [])
    .map(cellKey)
const promptsOf = (out: string) =>
  jsonLines<PromptLine | { readonly type: 'workflow' }>(out, 'prompts.jsonl').filter((line) => line.type === 'prompt')

describe('a collection', () => {
  it('replays every prompt under every strategy on every model at every level, once', async () => {
    const out = newFolder()
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
    const out = newFolder()
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
    await pool.run(newFolder(), { modelsAtOnce: 2, workflows: 2 })
    for (const model of [large, small]) expect(pool.meter.peak(model)).toBe(4)
    expect(pool.meter.peak('pool')).toBeGreaterThan(4)
  })

  it('shares the load of a model evenly among its replicas, in both phases', async () => {
    const pool = createPool({ models: [small], replicas: 2 })
    const summary = await pool.run(newFolder())
    expect(summary.end).toBe('complete')
    expect(pool.meter.peak(small)).toBe(4)
    for (const replica of [1, 2]) expect(pool.meter.peak(`${small}#${replica}`)).toBe(2)
  })

  it('runs no two calls at once where only one is allowed', async () => {
    const pool = createPool({ models: [small], replicas: 2 })
    const summary = await pool.run(newFolder(), { levels: [1], replay: 2 })
    expect([summary.end, pool.meter.peak('pool')]).toEqual(['complete', 1])
  })

  it('writes down the state of the engine as it was before each call', async () => {
    const out = newFolder()
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
    const out = newFolder()
    await createPool({ models: [small] }).run(out, { levels: [1] })
    const meanTokens = (strategy: string) => {
      const found = callsOf(out).filter((call) => call.phase === 2 && call.strategy === strategy)
      return found.reduce((sum, { outputTokens }) => sum + outputTokens, 0) / found.length
    }
    expect(meanTokens('Flash')).toBeLessThan(meanTokens('Concise'))
    expect(meanTokens('Concise')).toBeLessThan(meanTokens('DeepThink'))
  })
})
