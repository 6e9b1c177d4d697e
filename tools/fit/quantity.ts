/** @file How numbers stand in a profile: a value with unit, tag and source. */

export type Tag = 'measured' | 'published' | 'derived' | 'fitted' | 'assumed'

interface Grounds {
  readonly tag: Tag
  readonly source: string
  interval?: [number, number]
  entryTags?: Record<string, string>
}

export const quantity = <T>(value: T, unit: string, { tag, source, ...more }: Grounds) => ({
  value,
  unit,
  tag,
  source,
  ...more,
})

/** The weakest grade that a set of tag texts holds. */
export function weakestTag(texts: readonly string[]): Tag {
  const grades: readonly Tag[] = ['assumed', 'fitted', 'derived', 'published', 'measured']
  const grade = grades.find((word) => texts.some((text) => text.includes(word)))
  if (!grade) throw new Error(`no tag in: ${texts.join(' | ')}`)
  return grade
}

export const tableOf = <T>(keys: readonly string[], fn: (key: string) => T): Record<string, T> =>
  Object.fromEntries(keys.map((key) => [key, fn(key)]))

export const mapTable = <T, U>(table: Readonly<Record<string, T>>, fn: (value: T, key: string) => U) =>
  Object.fromEntries(Object.entries(table).map(([key, value]) => [key, fn(value, key)]))

export const roundTo = (value: number, digits: number): number => Number(value.toFixed(digits))
