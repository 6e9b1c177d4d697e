/**
 * @file A template: one kind of synthetic question, filled in with drawn numbers and names.
 *
 * The answer is known by construction; the tests beside each set compute it again by another way from the text alone.
 */
import type { Random } from '../../core/index.ts'
import type { Level } from './question.ts'

/** Draws for filling in a template. */
export interface Draw {
  /** An integer from `low` to `high`, both included. */
  between(low: number, high: number): number
  pick<T>(items: readonly T[]): T
  /** `count` different items in drawn order. */
  sample<T>(items: readonly T[], count: number): T[]
}

export interface Filled {
  /** The question without its options; how to answer is added by the set. */
  readonly text: string
  readonly key: string
  /** At least 3 (9 for multiple choice), distinct from the key and from each other. */
  readonly wrongAnswers: readonly string[]
  readonly tests?: string
}

export interface Template {
  /** Unique within its set: the group of its questions. */
  readonly id: string
  readonly level: Level
  fill(draw: Draw): Filled
}

export function createDraw(random: Random): Draw {
  const sample = <T>(items: readonly T[], count: number): T[] => {
    const left = [...items]
    return Array.from({ length: Math.min(count, left.length) }, () => left.splice(random.below(left.length), 1)[0] as T)
  }
  return {
    between: (low, high) => low + random.below(high - low + 1),
    pick: (items) => random.pick(items),
    sample,
  }
}
