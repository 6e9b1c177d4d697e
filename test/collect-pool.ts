/** @file A pool of simulated engines in virtual time for tests of `collect`: what was under way at most, and reading the folder. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Engine, ModelId } from '../src/core/index.ts'
import { collect } from '../src/lab/collect/collect.ts'
import type {
  CollectOptions,
  CollectProgress,
  CollectSummary,
  RunCollectOptions,
} from '../src/lab/collect/collection.ts'
import { type CallLine, cellKey, cellOf, type PromptLine } from '../src/lab/collect/lines.ts'
import type { Source } from '../src/lab/collect/sources.ts'
import { loadProfile, requireTruth } from '../src/lab/profile-file.ts'
import { createSyntheticQuestions } from '../src/lab/questions/index.ts'
import {
  createAnswerModel,
  createSimulatedEngine,
  createVirtualClock,
  type SimulatedEngine,
} from '../src/twin/index.ts'

const profile = loadProfile('paper-b200')
export const [large, small] = ['Llama-3.1-8B-Instruct', 'Llama-3.2-3B-Instruct'] as const
const questions = createSyntheticQuestions({ dataset: 'synthetic-math', count: 30, seed: 1 })
const answers = createAnswerModel({ truth: requireTruth(profile), questions, seed: 1, text: 'full' })

/** Prompts without a key. */
export const promptSources: readonly Source[] = questions.map(({ text }) => ({
  messages: [{ role: 'user', content: text }],
  question: null,
}))

/** A small collection without limits: 60 cells. */
export const collectOptions: CollectOptions = {
  workflows: 3,
  maxAgents: 3,
  replay: 5,
  levels: [1, 4],
  modelsAtOnce: 1,
  seed: 7,
  maxMs: Infinity,
  maxTokens: Infinity,
  maxRequests: Infinity,
}

/** Folders of one test file. */
export function createFolders() {
  const made: string[] = []
  return {
    next: (): string => {
      const folder = mkdtempSync(join(tmpdir(), 'inframind-collect-'))
      made.push(folder)
      return folder
    },
    clear: (): void => {
      for (const folder of made.splice(0)) rmSync(folder, { recursive: true })
    },
  }
}

/** How many calls a model and the pool had under way at most, and all that were sent. */
class Meter {
  readonly #now = new Map<string, number>()
  readonly #peaks = new Map<string, number>()
  sent = 0
  underWay = 0

  peak = (name: string): number => this.#peaks.get(name) ?? 0

  move(names: readonly string[], change: 1 | -1): void {
    if (change === 1) this.sent += 1
    this.underWay += change
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
export function createPool({ models = [large, small], replicas = 1 }: PoolOptions = {}) {
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
        { ...collectOptions, ...options },
        {
          out,
          sources: promptSources,
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

export const jsonLines = <T>(out: string, name: string): readonly T[] =>
  readFileSync(join(out, name), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T)
export const callsOf = (out: string) => jsonLines<CallLine>(out, 'calls.jsonl')
export const cellsDone = (out: string) =>
  callsOf(out)
    .flatMap((call) => cellOf(call) ?? [])
    .map(cellKey)
export const promptsOf = (out: string) =>
  jsonLines<PromptLine | { readonly type: 'workflow' }>(out, 'prompts.jsonl').filter((line) => line.type === 'prompt')
