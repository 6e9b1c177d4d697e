/**
 * @file Who may run now: at most `limit` at once, first come first served, and some alone.
 *
 * One that must be alone waits until nobody runs, and those behind it wait until it has ended: it can never be starved by
 * a stream of others. Cost: O(1) a turn, O(waiting) for giving up.
 */

interface Waiting {
  readonly isAlone: boolean
  readonly start: () => void
}

export class Turns {
  readonly #limit: number
  readonly #waiting: Waiting[] = []
  #running = 0
  #isOneAlone = false

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Resolves with the way to give the turn back: call it once. Rejects with the signal's reason, and then holds nothing. */
  take({
    isAlone,
    signal,
  }: {
    readonly isAlone: boolean
    readonly signal?: AbortSignal | undefined
  }): Promise<() => void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const giveUp = () => {
        this.#waiting.splice(this.#waiting.indexOf(entry), 1)
        reject(signal?.reason)
        this.#next()
      }
      const start = () => {
        signal?.removeEventListener('abort', giveUp)
        resolve(() => this.#giveBack())
      }
      const entry = { isAlone, start }
      signal?.addEventListener('abort', giveUp)
      this.#waiting.push(entry)
      this.#next()
    })
  }

  #giveBack(): void {
    this.#running -= 1
    this.#isOneAlone = false
    this.#next()
  }

  #next(): void {
    for (let head = this.#waiting[0]; head !== undefined && this.#hasRoom(head); head = this.#waiting[0]) {
      this.#waiting.shift()
      this.#running += 1
      this.#isOneAlone = head.isAlone
      head.start()
    }
  }

  #hasRoom({ isAlone }: Waiting): boolean {
    return isAlone ? this.#running === 0 : this.#running < this.#limit && !this.#isOneAlone
  }
}
