/**
 * @file Reads a file of records: a JSON array, one JSON object, or a JSON object per line; plain or gzipped.
 *
 * Which it is shows in the bytes, not in the name: releases disagree about names. Blank lines are passed over.
 */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { JsonObject, JsonValue } from '../../../core/index.ts'
import { dataError, mapCollecting } from './data-error.ts'
import type { DataFile } from './data-files.ts'
import { type DataRecord, shown } from './data-record.ts'

/** No published set comes near; a small file that unpacks to more is no set of questions. Bytes. */
const mostBytes = 2 ** 28

/** The records of `file` in order, at least one. Throws ConfigError that names file and line. */
export function readRecords(file: DataFile): readonly DataRecord[] {
  const records = parseRecords(file.name, readText(file))
  if (records.length > 0) return records
  throw dataError({
    path: file.name,
    expected: 'at least one question',
    got: 'an empty file',
    fix: 'Fetch it again, or remove it.',
  })
}

function readText({ path, name }: DataFile): string {
  try {
    const bytes = readFileSync(path)
    const isZipped = bytes[0] === 0x1f && bytes[1] === 0x8b
    const plain = isZipped ? gunzipSync(bytes, { maxOutputLength: mostBytes }) : bytes
    return new TextDecoder('utf-8', { fatal: true }).decode(plain)
  } catch (error) {
    throw dataError({
      path: name,
      expected: 'JSON lines or a JSON array in UTF-8, plain or gzipped',
      got: `a file that cannot be read (${(error as Error).message})`,
      fix: 'Fetch it again, or convert it.',
    })
  }
}

/** The records of a text. `name`: of its file, for messages. */
export function parseRecords(name: string, text: string): readonly DataRecord[] {
  const opening = /\S/.exec(text)?.[0]
  if (opening === '[') return parseArray(name, text)
  const whole = opening === '{' ? tryJson(text) : undefined
  if (isObject(whole)) return [{ fields: whole, place: `${name}:1` }]
  const lines = text
    .split('\n')
    .map((line, index) => ({ line, place: `${name}:${index + 1}` }))
    .filter(({ line }) => line.trim() !== '')
  return mapCollecting(lines, ({ line, place }) => toRecord(parseJson(line, place), place))
}

function parseArray(name: string, text: string): readonly DataRecord[] {
  const items = parseJson(text, name) as readonly JsonValue[]
  return mapCollecting(items, (item, index) => toRecord(item, `${name}, item ${index + 1}`))
}

function toRecord(value: JsonValue, place: string): DataRecord {
  if (isObject(value)) return { fields: value, place }
  throw dataError({ path: place, expected: 'a JSON object', got: shown(value), fix: 'Mend or remove it.' })
}

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function tryJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function parseJson(text: string, place: string): JsonValue {
  try {
    return JSON.parse(text)
  } catch (error) {
    const fix = 'Mend or remove it; a set is read whole or not at all.'
    throw dataError({ path: place, expected: 'JSON', got: (error as Error).message, fix })
  }
}
