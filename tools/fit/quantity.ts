/** @file Numbers of the shipped profiles: those of `lab/pools`, and the tag of a table of mixed origin. */
import type { Tag } from '../../src/lab/pools/index.ts'

export { mapTable, quantity, roundTo, type Tag, tableOf } from '../../src/lab/pools/index.ts'

/** The weakest grade that a set of tag texts holds. */
export function weakestTag(texts: readonly string[]): Tag {
  const grades: readonly Tag[] = ['assumed', 'fitted', 'derived', 'published', 'measured']
  const grade = grades.find((word) => texts.some((text) => text.includes(word)))
  if (!grade) throw new Error(`no tag in: ${texts.join(' | ')}`)
  return grade
}
