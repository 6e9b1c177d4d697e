/**
 * @file One simulation: a method under an open loop of arrivals, warmed up, measured, and followed to the end.
 *
 * Arrivals, questions and budgets come from streams of their own under the seed, so that every method meets the same
 * queries at the same instants. What arrives within the window is followed until it is answered or the longest budget has
 * passed since the window closed; what has no answer then counts as never answered.
 */
import { InframindError, keyedRandom, type Profile, type ProfilePrior, type RunRecord } from '../../../core/index.ts'
import type { PolicyFallback } from '../../../policy/index.ts'
import { createTopologyBook, type TopologyBook } from '../../../team/index.ts'
import type { ArrivalProcess } from '../../../twin/arrivals/index.ts'
import type { FaultPlan } from '../../../twin/faults/index.ts'
import type { MetricsBlur } from '../../blurred-readings.ts'
import type { Question } from '../../questions/index.ts'
import { createTwinWorld, type TwinWorld } from '../../twin-world.ts'
import { disciplineOf, type Method } from '../methods/index.ts'
import { questionOrder } from '../question-order.ts'
import { outcomeOf, type QueryOutcome, unanswered } from './query-outcome.ts'
import { QueueSampler, type Sampled } from './queue-sampler.ts'
import { RunTally } from './run-tally.ts'

/** What a query of `--budgets mix` may be given. s. */
export const mixedBudgetsSeconds: readonly number[] = [10, 30, 50, 100, 200, 300]
const longestSeconds = Math.max(...mixedBudgetsSeconds)

export interface SimulationInput {
  readonly profile: Profile
  readonly prior: ProfilePrior
  readonly questions: readonly Question[]
  readonly setSizes: readonly number[]
  readonly method: Method
  readonly arrivals: ArrivalProcess
  readonly ratePerMinute: number
  readonly seed: number
  /** Arrivals of this time are played and not measured. */
  readonly warmUpMinutes: number
  /** Measured time; the arrivals may end before it. */
  readonly minutes: number
  /** The same for every query; null: drawn from `mixedBudgetsSeconds`. */
  readonly budgetSeconds: number | null
  /** How long queries are followed after the window. Default: their budget, or the longest of the mixed ones. */
  readonly followedSeconds?: number
  readonly faults?: FaultPlan
  readonly prefixCache?: boolean
  /** How the pool's metrics are worse than they are, and how often they are read. Default: exact, every second. */
  readonly metrics?: MetricsTerms
  readonly fidelity?: 'event-skipping' | 'iteration-exact'
  /** Hears each measured run as it ends, and whether its answer is right by the question's key. */
  readonly onRecord?: (record: RunRecord, question: Question, isCorrect: boolean) => void
}

export interface MetricsTerms extends MetricsBlur {
  readonly pollMs?: number
}

export interface SimulationOutcome {
  /** Measured queries in the order of arrival. */
  readonly outcomes: readonly QueryOutcome[]
  readonly warmUpQueries: number
  readonly tally: RunTally
  readonly sampled: Sampled
  /** Engine time with a step under way within the window, over all engines. */
  readonly busySeconds: number
}

/** A budget that means none, for methods that do not know any. */
const noBudgetMs = 3_600_000

export async function simulate(input: SimulationInput): Promise<SimulationOutcome> {
  const world = worldFor(input)
  const window = { startMs: input.warmUpMinutes * 60_000, endMs: (input.warmUpMinutes + input.minutes) * 60_000 }
  const sampler = new QueueSampler(world, window)
  const play = new Play(input, world, window)
  world.monitor.start()
  sampler.start()
  await world.clock.run(play.run())
  world.monitor.stop()
  return {
    outcomes: play.outcomes(),
    warmUpQueries: play.warmUpQueries,
    tally: play.tally,
    sampled: sampler.result(),
    busySeconds: sampler.busySeconds,
  }
}

function topologiesWithout(ids: readonly string[]): TopologyBook {
  const book = createTopologyBook()
  return { ...book, find: (id) => (ids.includes(id) ? undefined : book.find(id)) }
}

function worldFor({ profile, prior, questions, method, seed, ...twin }: SimulationInput): TwinWorld {
  const { base, scheduler, isEnforced } = method
  return createTwinWorld({
    profile,
    prior,
    questions,
    seed,
    trace: { write: () => {} },
    policy: { ...base.policy, discipline: disciplineOf[scheduler] },
    settings: { ...base.settings, enforcesDeadline: isEnforced },
    // An open loop turns nobody away: a full queue would hide an overload.
    world: {
      maxWaiting: 1_000_000,
      onFallback: refuseFallback,
      ...(twin.metrics?.pollMs === undefined ? {} : { pollMs: twin.metrics.pollMs }),
      ...(base.holdsBack === false ? { holdsBack: false } : {}),
      ...(base.withoutTopologies ? { topologies: topologiesWithout(base.withoutTopologies) } : {}),
    },
    ...(twin.fidelity ? { fidelity: twin.fidelity } : {}),
    ...(twin.faults ? { faults: twin.faults } : {}),
    ...(twin.metrics ? { blur: twin.metrics } : {}),
    ...(twin.prefixCache ? { prefixCache: true } : {}),
  })
}

/** A learned policy whose decisions others make would be trained, judged and measured by what it is not. */
function refuseFallback({ level, reason }: PolicyFallback): never {
  throw new InframindError(
    'INVARIANT_VIOLATED',
    `the learned ${level} could not decide (${reason}): see its policy file`,
  )
}

interface Window {
  readonly startMs: number
  readonly endMs: number
}

class Play {
  readonly tally = new RunTally()
  warmUpQueries = 0
  readonly #input: SimulationInput
  readonly #world: TwinWorld
  readonly #window: Window
  readonly #outcomes: (QueryOutcome | null)[] = []
  readonly #budgetsMs: number[] = []
  #open = 0
  #haveAllArrived = false
  #finish: () => void = () => {}
  #fail: (error: unknown) => void = () => {}

  constructor(input: SimulationInput, world: TwinWorld, window: Window) {
    this.#input = input
    this.#world = world
    this.#window = window
  }

  /** Resolves when every measured query has ended, or need not be followed any further. */
  run(): Promise<void> {
    const { arrivals, ratePerMinute, seed, questions, setSizes, budgetSeconds } = this.#input
    const { followedSeconds = budgetSeconds ?? longestSeconds } = this.#input
    const { clock } = this.#world
    const instants = arrivals({ ratePerMinute, random: keyedRandom(seed, 'arrivals'), startMs: 0 })
    const order = questionOrder(seed, questions.length, setSizes)
    const budgets = keyedRandom(seed, 'budgets')
    return new Promise((resolve, reject) => {
      this.#finish = resolve
      this.#fail = reject
      clock.at(this.#window.endMs + followedSeconds * 1000 + 1, resolve)
      const scheduleNext = () => {
        const next = instants.next()
        if (next.done || next.value >= this.#window.endMs) {
          this.#haveAllArrived = true
          // The window lasts to its end even where the arrivals stop before.
          clock.at(this.#window.endMs, () => this.#finishIfDone())
          return
        }
        const question = questions[order.next().value] as Question
        const budgetMs = (budgetSeconds ?? budgets.pick(mixedBudgetsSeconds)) * 1000
        clock.at(next.value, () => {
          scheduleNext()
          this.#arrive(question, budgetMs)
        })
      }
      scheduleNext()
    })
  }

  outcomes(): readonly QueryOutcome[] {
    return this.#outcomes.map((outcome, index) => outcome ?? unanswered(this.#budgetsMs[index] as number))
  }

  #arrive(question: Question, budgetMs: number): void {
    const { method } = this.#input
    const arrivedAtMs = this.#world.clock.nowMs()
    const isMeasured = arrivedAtMs >= this.#window.startMs
    const place = isMeasured ? this.#outcomes.push(null) - 1 : -1
    if (isMeasured) {
      this.#open += 1
      this.#budgetsMs.push(budgetMs)
    } else this.warmUpQueries += 1
    this.#world.runtime
      .run({
        arrivedAtMs,
        budgetMs: method.isBudgetBlind ? noBudgetMs : budgetMs,
        messages: [{ role: 'user', content: question.text }],
        ...(method.base.limits ? { limits: method.base.limits } : {}),
      })
      .then(({ record, text }) => {
        if (place < 0) return
        const isCorrect = text !== '' && this.#world.answers.isRight(question, text)
        this.#outcomes[place] = { ...outcomeOf(record, isCorrect), budgetMs }
        this.tally.add(record)
        this.#input.onRecord?.(record, question, isCorrect)
        this.#open -= 1
        this.#finishIfDone()
      })
      .catch(this.#fail)
  }

  #finishIfDone(): void {
    if (this.#haveAllArrived && this.#open === 0 && this.#world.clock.nowMs() >= this.#window.endMs) this.#finish()
  }
}
