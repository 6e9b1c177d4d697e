/**
 * @file One live run: an open loop of queries against a gateway, warmed up, measured, and followed to the end.
 *
 * Arrivals, questions and budgets come from the twin's streams under the seed: same seed, same queries at the same
 * instants. Each is sent when it is due, whatever became of those before it, and its latency counts from the instant at
 * which it was due, so that neither a slow gateway nor a slow client can hide a delay. A query is given up `marginMs`
 * (real time) after its budget: later than that it was late anyway.
 */
import { type Clock, keyedRandom } from '../../../core/index.ts'
import type { ArrivalProcess } from '../../../twin/arrivals/index.ts'
import type { Question } from '../../questions/index.ts'
import { mixedBudgetsSeconds } from '../play/index.ts'
import { questionOrder } from '../question-order.ts'
import { ask, type Reply } from './ask.ts'
import type { Gateway } from './gateway.ts'
import type { Asked } from './live-setting.ts'
import type { Window } from './queue-watch.ts'

export interface PlayLiveInput extends Asked {
  readonly gateway: Gateway
  readonly model: string
  /** Runs `timeScale` times as fast as real time. */
  readonly clock: Clock
  readonly timeScale: number
  readonly arrivals: ArrivalProcess
  readonly ratePerMinute: number
  readonly seed: number
  /** null: drawn per query. */
  readonly budgetSeconds: number | null
  /** Of the clock; nothing arrives before `originMs`, what arrives before `startMs` is not measured. */
  readonly originMs: number
  readonly window: Window
  /** Real ms that a query is followed beyond its budget. */
  readonly marginMs: number
  /** Ends the run: what is under way is given up. */
  readonly signal: AbortSignal
  /** Hears each query as it ends, in the order of ending. */
  readonly onQuery: (query: LiveQuery) => void
}

/** A query and what came of it. */
export interface LiveQuery {
  readonly question: Question
  readonly budgetMs: number
  /** When it was due. */
  readonly arrivedAtMs: number
  readonly isMeasured: boolean
  readonly reply: Reply
}

interface Due {
  readonly atMs: number
  readonly question: Question
  readonly budgetMs: number
}

/** What is asked and when: without end, unless the arrivals end. */
export function* dueQueries(
  input: Pick<
    PlayLiveInput,
    'questions' | 'setSizes' | 'arrivals' | 'ratePerMinute' | 'seed' | 'budgetSeconds' | 'originMs'
  >,
): Generator<Due, void> {
  const { questions, setSizes, arrivals, ratePerMinute, seed, originMs, budgetSeconds } = input
  const order = questionOrder(seed, questions.length, setSizes)
  const budgets = keyedRandom(seed, 'budgets')
  for (const atMs of arrivals({ ratePerMinute, random: keyedRandom(seed, 'arrivals'), startMs: 0 })) {
    yield {
      atMs: originMs + atMs,
      question: questions[order.next().value] as Question,
      budgetMs: (budgetSeconds ?? budgets.pick(mixedBudgetsSeconds)) * 1000,
    }
  }
}

/**
 * Resolves to the queries in the order of arrival when all have ended; those that were stopped are in it as such. Rejects
 * with what `onQuery` threw, after everything else was given up.
 */
export function playLive(input: PlayLiveInput): Promise<readonly LiveQuery[]> {
  return new Promise((resolve, reject) => new OpenLoop(input, { resolve, reject }).start())
}

interface Settle {
  readonly resolve: (queries: readonly LiveQuery[]) => void
  readonly reject: (error: unknown) => void
}

class OpenLoop {
  readonly #input: PlayLiveInput
  readonly #settle: Settle
  readonly #due: Generator<Due, void>
  readonly #queries: (LiveQuery | null)[] = []
  readonly #underWay = new Set<AbortController>()
  #open = 0
  #cancelNext = () => {}
  #haveAllArrived = false
  readonly #onStop = () => this.#stop()

  constructor(input: PlayLiveInput, settle: Settle) {
    this.#input = input
    this.#settle = settle
    this.#due = dueQueries(input)
  }

  start(): void {
    const { signal } = this.#input
    if (signal.aborted) this.#stop()
    else {
      signal.addEventListener('abort', this.#onStop)
      this.#scheduleNext()
    }
  }

  #scheduleNext(): void {
    const { clock, window } = this.#input
    const next = this.#due.next()
    if (next.done || next.value.atMs >= window.endMs) {
      // The window lasts to its end even where the arrivals stop before.
      this.#cancelNext = clock.at(window.endMs, () => {
        this.#haveAllArrived = true
        this.#finishIfDone()
      })
      return
    }
    const due = next.value
    this.#cancelNext = clock.at(due.atMs, () => {
      this.#scheduleNext()
      this.#send(due).catch((error: unknown) => {
        this.#settle.reject(error)
        this.#stop()
      })
    })
  }

  async #send({ atMs, question, budgetMs }: Due): Promise<void> {
    const { gateway, model, clock, timeScale, marginMs, window, onQuery } = this.#input
    const place = this.#queries.push(null) - 1
    this.#open += 1
    const giveUp = new AbortController()
    this.#underWay.add(giveUp)
    const cancel = clock.at(atMs + budgetMs + marginMs * timeScale, () => giveUp.abort('timed-out'))
    const messages = question.messages ?? [{ role: 'user' as const, content: question.text }]
    const asked = { gateway, model, messages, budgetMs: budgetMs / timeScale, clock, signal: giveUp.signal }
    const reply = await ask(asked)
    cancel()
    this.#underWay.delete(giveUp)
    const query = { question, budgetMs, arrivedAtMs: atMs, isMeasured: atMs >= window.startMs, reply }
    this.#queries[place] = query
    onQuery(query)
    this.#open -= 1
    this.#finishIfDone()
  }

  #stop(): void {
    this.#cancelNext()
    this.#haveAllArrived = true
    for (const giveUp of this.#underWay) giveUp.abort('stopped')
    this.#finishIfDone()
  }

  #finishIfDone(): void {
    if (!this.#haveAllArrived || this.#open > 0) return
    this.#input.signal.removeEventListener('abort', this.#onStop)
    this.#settle.resolve(this.#queries.filter((query) => query !== null))
  }
}
