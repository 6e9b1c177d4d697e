/**
 * @file Two yes-or-no outcomes on the same questions: how they correlate, and what a second pass keeps and mends.
 *
 * Arrays of equal length, one entry per question.
 */
import { mean } from '../../core/index.ts'

/** Correlation of two binary outcomes (phi). NaN where one of them never varies. */
export function phi(first: readonly boolean[], second: readonly boolean[]): number {
  const [a, b] = [mean(first.map(Number)), mean(second.map(Number))]
  const both = mean(first.map((value, index) => Number(value && second[index] === true)))
  return (both - a * b) / Math.sqrt(a * (1 - a) * b * (1 - b))
}

/** Mean phi over all pairs of columns. */
export function meanPhi(columns: readonly (readonly boolean[])[]): number {
  const pairs = columns.flatMap((first, index) => columns.slice(index + 1).map((second) => phi(first, second)))
  return mean(pairs)
}

export interface Transition {
  readonly before: number
  readonly after: number
  /** P(right after | right before). */
  readonly keep: number
  /** P(right after | wrong before). */
  readonly fix: number
}

export function transitionOf(before: readonly boolean[], after: readonly boolean[]): Transition {
  const afterWhere = (wanted: boolean) => after.filter((_, index) => before[index] === wanted).map(Number)
  return {
    before: mean(before.map(Number)),
    after: mean(after.map(Number)),
    keep: mean(afterWhere(true)),
    fix: mean(afterWhere(false)),
  }
}
