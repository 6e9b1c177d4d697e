/** @file The engine's parallel sequences: taken one per request, in order of asking, and cleared before the next use. */

export class SequencePool {
  /** Free sequences with their number. */
  #free = []
  #busy = new Set()
  #queue = []

  constructor(context, size) {
    this.size = size
    for (let id = 0; id < size; id += 1) this.#free.push({ id, sequence: context.getSequence() })
  }

  get busy() {
    return this.#busy.size
  }

  get waiting() {
    return this.#queue.length
  }

  /** By number: is it in use. */
  slots() {
    return Array.from({ length: this.size }, (_, id) => this.#busy.has(id))
  }

  /** Resolves with a sequence and its `release` when one is free. Rejects with the signal's reason when aborted first. */
  take(signal) {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason)
      const entry = (slot) => {
        signal.removeEventListener('abort', leave)
        resolve(slot)
      }
      const leave = () => {
        this.#queue.splice(this.#queue.indexOf(entry), 1)
        reject(signal.reason)
      }
      signal.addEventListener('abort', leave, { once: true })
      this.#queue.push(entry)
      this.#serve()
    })
  }

  #serve() {
    while (this.#free.length > 0 && this.#queue.length > 0) {
      const { id, sequence } = this.#free.shift()
      this.#busy.add(id)
      const release = async () => {
        await sequence.clearHistory()
        this.#busy.delete(id)
        this.#free.push({ id, sequence })
        this.#serve()
      }
      this.#queue.shift()({ sequence, release })
    }
  }
}
