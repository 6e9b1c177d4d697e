/** @file How numbers stand in a profile that is made by a program: a value with unit, tag and source; and tables of them. */

export type Tag = 'measured' | 'published' | 'derived' | 'fitted' | 'assumed'

export interface Grounds {
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

export const tableOf = <T>(keys: readonly string[], fn: (key: string) => T): Record<string, T> =>
  Object.fromEntries(keys.map((key) => [key, fn(key)]))

export const mapTable = <T, U>(table: Readonly<Record<string, T>>, fn: (value: T, key: string) => U) =>
  Object.fromEntries(Object.entries(table).map(([key, value]) => [key, fn(value, key)]))

export const roundTo = (value: number, digits: number): number => Number(value.toFixed(digits))
