/**
 * @file A whole collection on a live pool: workflows, then replays; within its budget; from where it was left.
 *
 * Nothing here knows whether the engines are real. What was collected is on disk at every moment (`collection-files.ts`),
 * so that stopping, at whatever moment and for whatever reason, loses only what is under way.
 */
import { Budget } from './budget.ts'
import { CallDesk } from './call-desk.ts'
import {
  type CollectOptions,
  type CollectParts,
  type CollectProgress,
  type CollectSummary,
  modelsOf,
  type RunCollectOptions,
} from './collection.ts'
import { CollectionFiles } from './collection-files.ts'
import type { CollectionIdentity } from './collection-identity.ts'
import { createGrader } from './grader.ts'
import { cellKey } from './lines.ts'
import { PoolHealth } from './pool-health.ts'
import { cellsOf, promptsToReplay, replayPrompts } from './replay.ts'
import { hashOf } from './sources.ts'
import { Stop } from './stop.ts'
import { runWorkflows } from './workflows.ts'

const defaultPatienceMs = 30_000
const defaultCallTimeoutMs = 600_000

/**
 * Collects. Resolves when all is there, the budget is used up, or `run.signal` fires. Throws ConfigError where the folder
 * cannot be used, POOL_UNAVAILABLE where no engine answers any more.
 */
export async function collect(options: CollectOptions, run: RunCollectOptions): Promise<CollectSummary> {
  const { clock, signal } = run
  const stop = new Stop()
  const note = run.onNote ?? (() => {})
  const files = new CollectionFiles(run.out, identityOf(options, run))
  if (files.unreadable > 0) note(`${run.out}: ${files.unreadable} lines could not be read and were left out`)
  const budget = new Budget(options)
  const grader = createGrader(
    run.sources.flatMap(({ question }) => question ?? []),
    run.runner,
  )
  const progress = new ProgressTeller(run.onProgress, () => ({
    requests: budget.requests,
    tokens: budget.tokens,
    failures: desk.failures,
  }))
  const desk: CallDesk = new CallDesk({
    clock,
    files,
    budget,
    grader,
    mostPerModel: Math.max(...options.levels),
    callTimeoutMs: run.callTimeoutMs ?? defaultCallTimeoutMs,
    onCall: () => progress.again(),
    onFault: (error) => stop.fail(error),
  })
  const patienceMs = run.patienceMs ?? defaultPatienceMs
  const health = new PoolHealth({ engines: run.engines, clock, patienceMs, signal: stop.signal })
  const parts: CollectParts = {
    options,
    run,
    files,
    desk,
    budget,
    stop,
    health,
    note,
    tell: (moved) => progress.tell(moved),
  }
  const interrupt = () => stop.now('interrupted')
  if (signal.aborted) interrupt()
  signal.addEventListener('abort', interrupt, { once: true })
  const cancel = Number.isFinite(options.maxMs)
    ? clock.at(clock.nowMs() + options.maxMs, () => stop.now('time'))
    : () => {}
  try {
    await playPhases(parts)
  } finally {
    cancel()
    signal.removeEventListener('abort', interrupt)
    await desk.settled()
    files.close()
  }
  stop.rethrow()
  return { ...sumUp(parts), ungraded: grader.ungraded }
}

const identityOf = (options: CollectOptions, run: RunCollectOptions): CollectionIdentity => ({
  seed: options.seed,
  questionsHash: hashOf(run.sources),
  maxAgents: options.maxAgents,
  timeScale: run.timeScale ?? 1,
  engines: run.asked ?? Object.fromEntries(run.engines.map(({ id, model }) => [id, model] as const)),
})

async function playPhases(parts: CollectParts): Promise<void> {
  if (!parts.stop.isStopped) await runWorkflows(parts)
  if (!parts.stop.isStopped && parts.budget.end === null) await replayPrompts(parts)
}

function sumUp({ options, run, files, budget, desk, stop }: CollectParts): Omit<CollectSummary, 'ungraded'> {
  const prompts = promptsToReplay(files.prompts, options.seed, options.replay)
  const wanted = cellsOf(prompts, { models: modelsOf(run.engines), levels: options.levels })
  const cells = wanted.filter((cell) => files.hasCell(cellKey(cell))).length
  const workflows = Array.from({ length: options.workflows }, (_, workflow) => workflow).filter((workflow) =>
    files.hasWorkflow(workflow),
  ).length
  const isComplete = workflows === options.workflows && wanted.length > 0 && cells === wanted.length
  return {
    end: isComplete ? 'complete' : (stop.reason ?? budget.end ?? 'incomplete'),
    workflows,
    prompts: files.prompts.length,
    cells,
    cellsWanted: wanted.length,
    requests: budget.requests,
    tokens: budget.tokens,
    failures: desk.failures,
  }
}

type Moved = Pick<CollectProgress, 'phase' | 'done' | 'total' | 'resumed'>

/** Tells where the collection stands, also between two things done: calls go on. */
class ProgressTeller {
  readonly #onProgress: (progress: CollectProgress) => void
  readonly #spent: () => Omit<CollectProgress, keyof Moved>
  #last: Moved | null = null

  constructor(onProgress: (progress: CollectProgress) => void, spent: () => Omit<CollectProgress, keyof Moved>) {
    this.#onProgress = onProgress
    this.#spent = spent
  }

  tell(moved: Moved): void {
    this.#last = moved
    this.again()
  }

  again(): void {
    if (this.#last !== null) this.#onProgress({ ...this.#last, ...this.#spent() })
  }
}
