/**
 * @file Sequences that wait for a slot, by urgency and then by rank of arrival.
 *
 * A sorted array with the next one at its end: taking is O(1), adding and removing a binary search and one move of
 * memory, which beats a heap at the lengths that occur. Ranks are unique, so the order is total.
 */
import { invariant } from '../../core/index.ts'
import type { Sequence } from './sequence.ts'

const isAfter = (a: Sequence, b: Sequence): boolean =>
  a.urgency > b.urgency || (a.urgency === b.urgency && a.rank > b.rank)

export class WaitingQueue {
  readonly #lastFirst: Sequence[] = []

  get size(): number {
    return this.#lastFirst.length
  }

  /** The next to be admitted; undefined when none waits. */
  peek(): Sequence | undefined {
    return this.#lastFirst.at(-1)
  }

  take(): Sequence | undefined {
    return this.#lastFirst.pop()
  }

  add(sequence: Sequence): void {
    this.#lastFirst.splice(this.#find(sequence), 0, sequence)
  }

  /** Throws INVARIANT_VIOLATED when it does not wait here. */
  remove(sequence: Sequence): void {
    const position = this.#find(sequence)
    invariant(this.#lastFirst[position] === sequence, 'a sequence is removed that does not wait')
    this.#lastFirst.splice(position, 1)
  }

  clear(): void {
    this.#lastFirst.length = 0
  }

  /** Position of the first one that does not come after `sequence`. */
  #find(sequence: Sequence): number {
    let [low, high] = [0, this.#lastFirst.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (isAfter(this.#lastFirst[middle] as Sequence, sequence)) low = middle + 1
      else high = middle
    }
    return low
  }
}
