/**
 * @file Lengths of one model as they are read off questions, corrected by what its calls show.
 *
 * A cell follows the ratio of the length that came to the length that was read for that very question, so that an arm which
 * is given the short questions of a domain does not come to look short on the others. As in the length book, a kind other
 * than `solve` shrinks to what `solve` has shown; the share of cut answers is corrected by its difference likewise.
 */
import { clamp } from '../../../core/index.ts'
import {
  type Length,
  type LengthCell,
  type LengthKey,
  LengthMemory,
  placeOf,
  type SeenLength,
  toLength,
} from '../length-memory.ts'

const mostCut = 0.99

export class ReadLengths {
  readonly #memory = new LengthMemory()

  /** `read`: of this question, before any correction. */
  length(key: LengthKey, read: LengthCell): Length {
    const { strategy, domain } = key
    const solved = this.#memory.shrink(placeOf({ strategy, domain, kind: 'solve' }), read, read)
    const { mu, sigma, cutShare } = key.kind === 'solve' ? solved : this.#memory.shrink(placeOf(key), solved, read)
    return toLength({ mu, sigma, cutShare: clamp(cutShare, 0, mostCut) })
  }

  observe(key: LengthKey, seen: SeenLength, read: LengthCell): void {
    this.#memory.observe(placeOf(key), seen, read)
  }
}
