/**
 * @file Keeps a fixed number of requests under way on one model, and measures some of them.
 *
 * The load is built up with background requests; from then on each request that ends makes room for the next measured
 * one; when none is left to begin, background requests keep the load up until the last measured one has ended, and are
 * then given up at once. So a measured request is sent beside `level - 1` others, measured or not (or places just being
 * filled again), and there are never more than `level`:
 *
 *     background  ####  ######  ###           ######
 *     measured         -------------------------------|
 *
 * A request that fails leaves its place empty for a while, longer each time in a row; after several in a row the model is
 * given up, and what was not measured is handed back.
 */
import { CallSignal, type CancelSignal, type Clock } from '../../core/index.ts'

/** `failed`: by the engine's fault. `lost`: not sent, or given up by us. */
export type Sent = 'done' | 'failed' | 'lost'
export type LoadPart = 'measured' | 'background'

export interface SendTerms {
  readonly part: LoadPart
  readonly signal: CancelSignal
  /** To be called when the request is on its way. */
  readonly onSent: () => void
}

export interface HoldLoadOptions<Job> {
  /** Requests under way at once. >= 1. */
  readonly level: number
  /** To be measured, in this order. */
  readonly jobs: readonly Job[]
  readonly background: () => Job
  /** Sends one request and settles when it has ended. Never rejects. */
  readonly send: (job: Job, terms: SendTerms) => Promise<Sent>
  readonly clock: Clock
  /** Ends everything at once. */
  readonly signal: AbortSignal
  /** False: nothing more is begun; what is being measured runs to its end. */
  readonly mayBegin: () => boolean
}

export interface HoldLoadEnd<Job> {
  /** Not measured. */
  readonly left: readonly Job[]
  /** Too many failures in a row. */
  readonly hasGivenUp: boolean
}

const mostFailuresInARow = 5
const firstPauseMs = 200
const longestPauseMs = 5000

/** Resolves when nothing is under way any more. */
export const holdLoad = <Job>(options: HoldLoadOptions<Job>): Promise<HoldLoadEnd<Job>> =>
  new LoadHolder(options).hold()

class LoadHolder<Job> {
  readonly #options: HoldLoadOptions<Job>
  readonly #queue: Job[]
  readonly #left: Job[] = []
  readonly #signals = new Set<CallSignal>()
  readonly #wakeUps = new Set<() => void>()
  #isBuiltUp = false
  #measuring = 0
  #failuresInARow = 0
  #hasGivenUp = false
  #isOver = false

  constructor(options: HoldLoadOptions<Job>) {
    this.#options = options
    this.#queue = [...options.jobs]
  }

  async hold(): Promise<HoldLoadEnd<Job>> {
    const { signal, level } = this.#options
    const stop = () => this.#end()
    if (signal.aborted || this.#queue.length === 0) stop()
    signal.addEventListener('abort', stop, { once: true })
    const places: Promise<void>[] = []
    const opened = Array.from(
      { length: level - 1 },
      () => new Promise<void>((resolve) => places.push(this.#place(resolve))),
    )
    await Promise.all(opened)
    this.#isBuiltUp = true
    places.push(this.#place())
    await Promise.all(places)
    signal.removeEventListener('abort', stop)
    return { left: [...this.#left, ...this.#queue], hasGivenUp: this.#hasGivenUp }
  }

  /** One request after the other, until there is nothing to begin. */
  async #place(onOpened: () => void = () => {}): Promise<void> {
    for (let next = this.#next(); next !== null; next = this.#next()) await this.#send(next, onOpened)
    onOpened()
  }

  #next(): { readonly job: Job; readonly part: LoadPart } | null {
    if (this.#isOver) return null
    const { mayBegin, background } = this.#options
    const isClosing = !mayBegin()
    if (!isClosing && !this.#isBuiltUp) return { job: background(), part: 'background' }
    const job = isClosing ? undefined : this.#queue.shift()
    if (job !== undefined) return { job, part: 'measured' }
    if (this.#measuring === 0) this.#end()
    return isClosing || this.#isOver ? null : { job: background(), part: 'background' }
  }

  async #send({ job, part }: { readonly job: Job; readonly part: LoadPart }, onSent: () => void): Promise<void> {
    const signal = new CallSignal()
    this.#signals.add(signal)
    if (part === 'measured') this.#measuring += 1
    const sent = await this.#options.send(job, { part, signal, onSent })
    onSent()
    this.#signals.delete(signal)
    if (part === 'measured') this.#measuring -= 1
    if (part === 'measured' && sent !== 'done') this.#left.push(job)
    if (sent === 'done') this.#failuresInARow = 0
    if (sent === 'failed') await this.#pause()
  }

  async #pause(): Promise<void> {
    this.#failuresInARow += 1
    if (this.#failuresInARow >= mostFailuresInARow) {
      this.#hasGivenUp = true
      this.#end()
    }
    if (this.#isOver) return
    const { clock } = this.#options
    const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** (this.#failuresInARow - 1))
    await new Promise<void>((resolve) => {
      const cancel = clock.at(clock.nowMs() + pauseMs, resolve)
      this.#wakeUps.add(() => {
        cancel()
        resolve()
      })
    })
  }

  #end(): void {
    this.#isOver = true
    for (const signal of this.#signals) signal.abort()
    for (const wakeUp of this.#wakeUps) wakeUp()
    this.#wakeUps.clear()
  }
}
