/**
 * @file Streams a simulated answer: slices of its text, as its tokens come.
 *
 * The first token is sent at once, then one slice every `everyMs` of clock time with all the text that came since. A
 * reader that takes its time holds the stream back, not the engine: slices grow meanwhile, and the end waits for it.
 * The slices are consecutive, so put together they are the text exactly.
 */
import type { CallObserver, Cancel, Clock } from '../../core/index.ts'

export interface AnswerStreamOptions {
  readonly clock: Clock
  readonly everyMs: number
  readonly send: NonNullable<CallObserver['delta']>
  /** The text up to now; it only ever grows at its end. */
  textSoFar(): string
}

export class AnswerStream {
  readonly #options: AnswerStreamOptions
  #sentCharacters = 0
  #isStopped = false
  #pending: Promise<void> | null = null
  #cancelTick: Cancel | null = null

  constructor(options: AnswerStreamOptions) {
    this.#options = options
  }

  get sentCharacters(): number {
    return this.#sentCharacters
  }

  /** The first token came. */
  start(): void {
    this.#tick()
  }

  /** Sends the rest of `text`, waits for the reader, then calls `done`; unless stopped before. */
  finish(text: string, done: () => void): void {
    this.#cancelTick?.()
    this.#whenRead(() => {
      this.#send(text)
      this.#whenRead(done)
    })
  }

  /** Nothing is sent, and `done` not called, from now on. */
  stop(): void {
    this.#isStopped = true
    this.#cancelTick?.()
  }

  #tick(): void {
    const { clock, everyMs, textSoFar } = this.#options
    if (this.#isStopped) return
    // Scheduled first: looking at the text may show that the answer has ended, and that cancels the next tick.
    this.#cancelTick = clock.at(clock.nowMs() + everyMs, () => this.#tick())
    const text = textSoFar()
    if (!this.#pending) this.#send(text)
  }

  #send(text: string): void {
    if (this.#isStopped || text.length <= this.#sentCharacters) return
    const slice = text.slice(this.#sentCharacters)
    this.#sentCharacters = text.length
    const clear = () => {
      this.#pending = null
    }
    // A reader that fails is the caller's matter: the engine goes on, and the caller aborts if it wants to.
    try {
      const read = this.#options.send({ text: slice })
      if (read) this.#pending = Promise.resolve(read).then(clear, clear)
    } catch {}
  }

  #whenRead(next: () => void): void {
    const proceed = () => {
      if (!this.#isStopped) next()
    }
    if (this.#pending) this.#pending.then(proceed)
    else proceed()
  }
}
