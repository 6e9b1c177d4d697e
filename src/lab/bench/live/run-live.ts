/**
 * @file The live benchmark from a grid to `summary.json`: looks at the gateway, plays the runs one after the other, scores
 * the texts, sums up.
 *
 * The folder holds what the twin's benchmark leaves (`summary.json`, `runs/`), and beside it `replies.jsonl`, and for each
 * run `live/KEY.json` (how the client did, why queries went unanswered) and `vllm-bench/KEY.json`. Runs found finished are
 * not played again, and a run that was interrupted leaves its replies only.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Agent } from 'undici'
import { type Clock, createScaledClock, createWallClock } from '../../../core/index.ts'
import { describeSandbox, openSandbox, type Sandbox } from '../../../flow/index.ts'
import type { RunSpec } from '../plan-runs.ts'
import { spanOf } from '../play-spec.ts'
import { RunFiles, writeWhole } from '../run-files.ts'
import type { RunResult } from '../run-result.ts'
import { longHash } from '../setting.ts'
import { type Summary, summarySchemaId } from '../summary.ts'
import { findGateway, type Gateway } from './gateway.ts'
import { checkLiveOptions, type LiveOptions, liveCommand } from './live-options.ts'
import { createLiveSetting, type LiveSetting, needsSandbox } from './live-setting.ts'
import { type LiveQuery, playLive } from './play-live.ts'
import { QueueWatch } from './queue-watch.ts'
import { ReplyFile } from './reply-file.ts'
import { type LiveFacts, scoreLive } from './score-live.ts'
import { vllmBench } from './vllm-bench.ts'

/** Raised whenever the measurement or the scoring changes: older results are then measured anew. */
const resultVersion = 1
/** Between getting ready and the origin of a run's instants. Real ms. */
const leadMs = 200
/** How long a query is followed beyond its budget. Real ms. */
const marginMs = 30_000

export interface LiveProgress {
  /** From 1. */
  readonly run: number
  readonly runs: number
  /** Found finished in the folder. */
  readonly resumed: number
  readonly key: string
  /** Queries of this run that have ended, and expected ones. */
  readonly ended: number
  readonly expected: number
}

export interface RunLiveOptions {
  readonly out: string
  readonly signal: AbortSignal
  /** Allows programs of answers to run almost unprotected where nothing better works. */
  readonly allowsUnsafeExec: boolean
  /** What `summary.json` says of the program. */
  readonly version: string
  readonly commit: string | null
  readonly onProgress: (progress: LiveProgress) => void
  /** Hears of each run measured now. */
  readonly onFacts?: (facts: LiveFacts) => void
  /** Default: `marginMs` above. */
  readonly marginMs?: number
}

/** Measures the grid and writes `summary.json`. Null: interrupted. Throws ConfigError, before anything is sent where it can. */
export async function runLive(options: LiveOptions, run: RunLiveOptions): Promise<Summary | null> {
  checkLiveOptions(options)
  const setting = createLiveSetting(options)
  const agent = new Agent({ connections: null, headersTimeout: 0, bodyTimeout: 0 })
  try {
    const gateway = await findGateway(options, agent)
    const sandbox = needsSandbox(setting) ? await openSandbox({ unsafe: run.allowsUnsafeExec }) : null
    const results = await new LiveBench({ setting, gateway, sandbox, run }).play()
    return results === null ? null : sumUp({ setting, gateway, run }, results)
  } finally {
    await agent.destroy()
  }
}

interface Parts {
  readonly setting: LiveSetting
  readonly gateway: Gateway
  readonly run: RunLiveOptions
}

class LiveBench {
  readonly #parts: Parts & { readonly sandbox: Sandbox | null }
  readonly #clock: Clock
  readonly #files: RunFiles
  readonly #replies: ReplyFile

  constructor(parts: Parts & { readonly sandbox: Sandbox | null }) {
    this.#parts = parts
    const { out } = parts.run
    this.#clock = createScaledClock(createWallClock(), parts.setting.options.timeScale)
    this.#files = new RunFiles(out)
    this.#replies = new ReplyFile(join(out, 'replies.jsonl'))
    for (const folder of ['live', 'vllm-bench']) mkdirSync(join(out, folder), { recursive: true })
  }

  /** Null: interrupted. */
  async play(): Promise<readonly RunResult[] | null> {
    const { setting, run } = this.#parts
    const results: RunResult[] = []
    let resumed = 0
    for (const spec of setting.specs) {
      const known = this.#files.read(spec.key, this.#hashOf(spec))
      if (known !== null) resumed += 1
      const result = known ?? (await this.#playOne(spec, { run: results.length + 1, resumed }))
      if (result === null || run.signal.aborted) return null
      results.push(result)
    }
    return results
  }

  async #playOne(spec: RunSpec, count: Pick<LiveProgress, 'run' | 'resumed'>): Promise<RunResult | null> {
    const { setting, gateway, run, sandbox } = this.#parts
    const { model, timeScale } = setting.options
    const asked = setting.asked(spec.dataset)
    const { window, originMs, minutes } = this.#spanFrom(spec)
    const watch = new QueueWatch(gateway, { clock: this.#clock, timeScale, window })
    const started = { key: spec.key, startedAtMs: originMs }
    const progress = { ...count, key: spec.key, runs: setting.specs.length }
    const expected = Math.round(minutes * spec.ratePerMinute)
    let ended = 0
    run.onProgress({ ...progress, ended, expected })
    const queries = await playLive({
      ...asked,
      gateway,
      model,
      clock: this.#clock,
      timeScale,
      arrivals: setting.arrivals,
      ratePerMinute: spec.ratePerMinute,
      seed: spec.seed,
      budgetSeconds: spec.budgets[0] ?? null,
      originMs,
      window,
      marginMs: run.marginMs ?? marginMs,
      signal: run.signal,
      onQuery: (query) => {
        this.#replies.add(query, started)
        ended += 1
        run.onProgress({ ...progress, ended, expected })
      },
    }).finally(() => watch.stop())
    if (run.signal.aborted) return null
    const { result, facts } = await scoreLive({
      spec,
      inputsHash: this.#hashOf(spec),
      asked,
      queries,
      window,
      queues: watch.result(),
      isOrchestrated: gateway.isOrchestrated,
      scoring: { runner: sandbox },
    })
    this.#write(spec, queries, facts)
    this.#files.write(result)
    return result
  }

  #spanFrom(spec: RunSpec) {
    const { options } = this.#parts.setting
    const { warmUpMinutes, minutes } = spanOf(options.arrivals, spec.ratePerMinute, options)
    const originMs = this.#clock.nowMs() + leadMs * options.timeScale
    const startMs = originMs + warmUpMinutes * 60_000
    return { originMs, minutes: warmUpMinutes + minutes, window: { startMs, endMs: startMs + minutes * 60_000 } }
  }

  #write(spec: RunSpec, queries: readonly LiveQuery[], facts: LiveFacts): void {
    const { setting, gateway, run, sandbox } = this.#parts
    const { model, timeScale } = setting.options
    const measured = queries.filter(({ isMeasured }) => isMeasured)
    const context = {
      url: gateway.origin,
      model,
      timeScale,
      isPoolSimulated: gateway.isSimulated,
      sandbox: sandbox === null ? null : describeSandbox(sandbox),
    }
    const pathOf = (folder: string) => join(run.out, folder, `${spec.key}.json`)
    const bench = vllmBench({ model, ratePerMinute: spec.ratePerMinute, queries: measured })
    writeWhole(pathOf('vllm-bench'), `${JSON.stringify(bench, null, 1)}\n`)
    writeWhole(pathOf('live'), `${JSON.stringify({ ...facts, ...context }, null, 1)}\n`)
    run.onFacts?.(facts)
  }

  /** Of all that the measurement was asked with; what the gateway was at the time nobody knows. */
  #hashOf(spec: RunSpec): string {
    const { setting, gateway } = this.#parts
    const { arrivals, minutes, warmUpMinutes, timeScale } = setting.options
    const questions = setting.questionsHash(spec.dataset)
    const inputs = [resultVersion, spec, gateway.origin, timeScale, questions, arrivals, minutes, warmUpMinutes]
    return longHash(JSON.stringify(inputs))
  }
}

function sumUp({ setting, gateway, run }: Parts, results: readonly RunResult[]): Summary {
  const { options, sets } = setting
  const summary: Summary = {
    schema: summarySchemaId,
    meta: {
      version: run.version,
      commit: run.commit,
      seed: options.seed,
      seeds: options.seeds,
      profile: gateway.isSimulated ? `${gateway.origin} (its pool is simulated)` : gateway.origin,
      profileHash: longHash(JSON.stringify([gateway.origin, gateway.models])),
      truthHash: null,
      know: 'estimated',
      arrivals: options.arrivals,
      minutes: options.minutes,
      warmUpMinutes: options.warmUpMinutes,
      command: liveCommand(options),
      kind: 'live',
      questions: Object.fromEntries(
        [...sets].map(([name, { train, validation, test }]) => [
          name,
          { train: train.length, validation: validation.length, test: test.length, hash: setting.questionsHash(name) },
        ]),
      ),
    },
    rows: results.flatMap(({ cells }) => cells.map(({ row }) => row)),
  }
  writeWhole(join(run.out, 'summary.json'), `${JSON.stringify(summary, null, 1)}\n`)
  return summary
}
