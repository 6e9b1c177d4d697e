/**
 * @file An open-loop workload in virtual time: queries arrive at random instants, each is followed to its end.
 *
 * Arrivals, questions and budgets are drawn from streams of their own, so that two policies under one seed meet the same
 * queries at the same instants whatever they do with them.
 */
import { keyedRandom, type RunRecord } from '../core/index.ts'
import type { TwinQuestion } from '../twin/index.ts'
import type { TwinWorld } from './twin-world.ts'

export interface WorkloadOptions {
  readonly questions: readonly TwinQuestion[]
  readonly queries: number
  /** Poisson arrivals at this mean rate. */
  readonly arrivalRatePerMinute: number
  /** One is drawn for each query. */
  readonly budgetsMs: readonly number[]
  readonly seed: number
}

/** One query of a workload and what came of it. */
export interface WorkloadRun {
  readonly question: TwinQuestion
  readonly record: RunRecord
  /** The answer as the caller got it; empty: none. */
  readonly text: string
}

export interface WorkloadOutcome {
  /** In the order of arrival. */
  readonly runs: readonly WorkloadRun[]
  /** Virtual time from the first arrival to the last end. ms. */
  readonly spanMs: number
}

/** Runs the workload to its end. The world must be fresh: its monitor is started here and stopped at the end. */
export async function runWorkload(world: TwinWorld, options: WorkloadOptions): Promise<WorkloadOutcome> {
  const { clock, runtime, monitor } = world
  const arrivals = drawArrivals(options, clock.nowMs())
  monitor.start()
  const startMs = clock.nowMs()
  const all = arrivals.map(
    ({ atMs, question, budgetMs }) =>
      new Promise<WorkloadRun>((resolve) => {
        clock.at(atMs, () => {
          const messages = [{ role: 'user' as const, content: question.text }]
          runtime
            .run({ arrivedAtMs: atMs, budgetMs, messages })
            .then(({ record, text }) => resolve({ question, record, text }))
        })
      }),
  )
  const runs = await clock.run(Promise.all(all))
  monitor.stop()
  return { runs, spanMs: clock.nowMs() - startMs }
}

interface Arrival {
  readonly atMs: number
  readonly question: TwinQuestion
  readonly budgetMs: number
}

function drawArrivals(options: WorkloadOptions, startMs: number): readonly Arrival[] {
  const { seed, questions, queries, arrivalRatePerMinute, budgetsMs } = options
  const times = keyedRandom(seed, 'arrivals')
  const choice = keyedRandom(seed, 'questions')
  const budget = keyedRandom(seed, 'budgets')
  let atMs = startMs
  return Array.from({ length: queries }, () => {
    atMs += times.exponential(60_000 / arrivalRatePerMinute)
    return { atMs, question: choice.pick(questions), budgetMs: budget.pick(budgetsMs) }
  })
}
