/**
 * @file What a set as a whole says of its questions: difficulty and text score on a common scale.
 *
 * Where the set carries a difficulty of its own (an item response model's b) it is standardised; a level becomes the normal
 * quantile of its mid-rank (share below plus half the share at the level). Elsewhere the twin draws difficulty, with the
 * stated share of its variance from the text score: a fixed mix of length and numbers, standardised too.
 */
import { mean, normalQuantile } from '../../core/index.ts'
import type { Draft } from './formats/draft.ts'

/** `values` shifted and scaled to mean 0 and deviation 1; all 0 where they are all equal. Null stays null. */
export function standardised(values: readonly (number | null)[]): readonly (number | null)[] {
  const known = values.filter((value) => value !== null)
  const centre = mean(known)
  const deviation = Math.sqrt(mean(known.map((value) => (value - centre) ** 2)))
  return values.map((value) => (value === null ? null : deviation > 0 ? (value - centre) / deviation : 0))
}

/** Difficulties of a set in its order; null: the set says nothing. */
export function difficultiesOf(drafts: readonly Draft[]): readonly (number | null)[] {
  if (drafts.some(({ rawDifficulty }) => rawDifficulty !== null)) {
    return standardised(drafts.map(({ rawDifficulty }) => rawDifficulty))
  }
  const levels = drafts.map(({ level }) => level).filter((level) => level !== null)
  const shareWhere = (isCounted: (other: number) => boolean) => levels.filter(isCounted).length / levels.length
  const byLevel = new Map(
    [...new Set(levels)].map((level) => [
      level,
      normalQuantile(shareWhere((other) => other < level) + shareWhere((other) => other === level) / 2),
    ]),
  )
  return drafts.map(({ level }) => (level === null ? null : (byLevel.get(level) as number)))
}

/** Longer questions with more numbers are harder, a little: R2 0.10 of MATH level and of MMLU-Pro's irt_b. */
const rawTextScore = (text: string): number =>
  Math.log1p(text.length) + 0.5 * Math.log1p(text.match(/\d+/g)?.length ?? 0)

/** Text scores of a set in its order: mean 0, deviation 1. */
export const textScoresOf = (texts: readonly string[]): readonly (number | null)[] =>
  standardised(texts.map(rawTextScore))
