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
  /** Hears each run as it ends; then none is kept, so that a long workload needs little memory. */
  readonly onRun?: (run: WorkloadRun) => void
}

/** One query of a workload and what came of it. */
export interface WorkloadRun {
  readonly question: TwinQuestion
  readonly record: RunRecord
  /** The answer as the caller got it; empty: none. */
  readonly text: string
}

export interface WorkloadOutcome {
  /** In the order of arrival; empty with `onRun`. */
  readonly runs: readonly WorkloadRun[]
  /** Virtual time from the first arrival to the last end. ms. */
  readonly spanMs: number
}

/** Runs the workload to its end. The world must be fresh: its monitor is started here and stopped at the end. */
export async function runWorkload(world: TwinWorld, options: WorkloadOptions): Promise<WorkloadOutcome> {
  const { clock, monitor } = world
  const startMs = clock.nowMs()
  const runs: WorkloadRun[] = []
  const keep = options.onRun ?? ((run: WorkloadRun) => void runs.push(run))
  monitor.start()
  await clock.run(playArrivals(world, options, keep))
  monitor.stop()
  runs.sort((a, b) => a.record.arrivedAtMs - b.record.arrivedAtMs)
  return { runs, spanMs: clock.nowMs() - startMs }
}

/** Each arrival schedules the next one; resolves when the last run has ended. */
function playArrivals(world: TwinWorld, options: WorkloadOptions, onRun: (run: WorkloadRun) => void): Promise<void> {
  const { clock, runtime } = world
  const arrivals = drawArrivals(options, clock.nowMs())
  let open = options.queries
  return new Promise((resolve, reject) => {
    const ended = (run: WorkloadRun) => {
      onRun(run)
      open -= 1
      if (open === 0) resolve()
    }
    const scheduleNext = () => {
      const next = arrivals.next()
      if (next.done) return
      const { atMs, question, budgetMs } = next.value
      clock.at(atMs, () => {
        scheduleNext()
        const messages = [{ role: 'user' as const, content: question.text }]
        runtime
          .run({ arrivedAtMs: atMs, budgetMs, messages })
          .then(({ record, text }) => ended({ question, record, text }))
          .catch(reject)
      })
    }
    scheduleNext()
    if (open === 0) resolve()
  })
}

interface Arrival {
  readonly atMs: number
  readonly question: TwinQuestion
  readonly budgetMs: number
}

function* drawArrivals(options: WorkloadOptions, startMs: number): Generator<Arrival, void> {
  const { seed, questions, queries, arrivalRatePerMinute, budgetsMs } = options
  const times = keyedRandom(seed, 'arrivals')
  const choice = keyedRandom(seed, 'questions')
  const budget = keyedRandom(seed, 'budgets')
  let atMs = startMs
  for (let count = 0; count < queries; count += 1) {
    atMs += times.exponential(60_000 / arrivalRatePerMinute)
    yield { atMs, question: choice.pick(questions), budgetMs: budget.pick(budgetsMs) }
  }
}
