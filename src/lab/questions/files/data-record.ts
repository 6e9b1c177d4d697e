/**
 * @file One record of a file of questions, and reading its fields under the names that the releases give them.
 *
 * Releases differ in names (`question`, `problem`, `input`) and in types (3, "3"). Each reader takes the first name that
 * is there. All throw ConfigError with the record's place.
 */
import type { ConfigError, JsonObject, JsonValue } from '../../../core/index.ts'
import { dataError } from './data-error.ts'

export interface DataRecord {
  readonly fields: JsonObject
  /** File and line: `math500.jsonl:12`. */
  readonly place: string
}

/** A value as messages show it: short, on one line. */
export function shown(value: JsonValue | undefined): string {
  if (value === undefined) return 'nothing'
  const text = JSON.stringify(value)
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`
}

const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(' or ')

/** The error of a field that is not as it must be. */
export function fieldError(
  record: DataRecord,
  { names, expected, got }: { readonly names: readonly string[]; readonly expected: string; readonly got: string },
): ConfigError {
  return dataError({
    path: record.place,
    expected: `${expected} in ${quoted(names)}`,
    got,
    fix: 'Mend or remove this record; a set is read whole or not at all.',
  })
}

/** Value of the first of `names` that is there and not null. */
export function findField(record: DataRecord, names: readonly string[]): JsonValue | undefined {
  for (const name of names) {
    const value = Object.hasOwn(record.fields, name) ? record.fields[name] : undefined
    if (value !== undefined && value !== null) return value
  }
  return undefined
}

/** A text that is not blank, as it stands. */
export function textField(record: DataRecord, names: readonly string[]): string {
  const value = findField(record, names)
  if (typeof value === 'string' && value.trim() !== '') return value
  throw fieldError(record, { names, expected: 'a text that is not blank', got: shown(value) })
}

/** A text or null where the field is absent or blank. Throws for any other type. */
export function optionalText(record: DataRecord, names: readonly string[]): string | null {
  const value = findField(record, names)
  if (value === undefined) return null
  if (typeof value === 'string') return value.trim() === '' ? null : value
  throw fieldError(record, { names, expected: 'a text', got: shown(value) })
}

/** A list of texts, `least` of them or more; numbers count as texts. */
export function textsField(record: DataRecord, names: readonly string[], least: number): readonly string[] {
  const value = findField(record, names)
  const items = Array.isArray(value) ? (value as readonly JsonValue[]) : []
  const isText = (item: JsonValue) => typeof item === 'string' || typeof item === 'number'
  if (Array.isArray(value) && items.length >= least && items.every(isText)) return items.map(String)
  throw fieldError(record, { names, expected: `a list of at least ${least} texts`, got: shown(value) })
}
