/**
 * @file Answers as JSON, where the request's `response_format` asks for it: the smallest object that the schema admits,
 * with the answer in every string that is free. Understands the common keywords (type, properties, items, enum, const,
 * anyOf); anything else is left to chance, as a simulated model may.
 */
import type { JsonObject, JsonValue } from '../../core/index.ts'

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The JSON schema that `body` asks for; `{}` for any object; null: no JSON asked for. */
export function requestedSchema(body: JsonObject): JsonObject | null {
  const format = body['response_format']
  if (!isObject(format)) return null
  if (format['type'] === 'json_object') return {}
  if (format['type'] !== 'json_schema') return null
  const holder = format['json_schema']
  const schema = isObject(holder) ? holder['schema'] : undefined
  return isObject(schema) ? schema : {}
}

/** `answer` as JSON text under `schema`. */
export function writeJson(schema: JsonObject, answer: string): string {
  const isFree = schema['type'] === undefined && schema['properties'] === undefined && schema['anyOf'] === undefined
  return JSON.stringify(isFree ? { answer } : fill(schema, { answer, depth: 0 }))
}

interface Filling {
  readonly answer: string
  readonly depth: number
}

const deepest = 8

function fill(schema: JsonValue | undefined, filling: Filling): JsonValue {
  if (!isObject(schema) || filling.depth > deepest) return null
  if (schema['const'] !== undefined) return schema['const']
  const choices = schema['enum']
  if (Array.isArray(choices)) return choices.includes(filling.answer) ? filling.answer : (choices[0] ?? null)
  const variants = schema['anyOf']
  if (Array.isArray(variants)) return fill(variants[0], filling)
  const type = Array.isArray(schema['type']) ? schema['type'][0] : schema['type']
  return type === 'object' || schema['properties'] !== undefined
    ? fillObject(schema, filling)
    : fillPlain(type, filling)
}

function fillPlain(type: JsonValue | undefined, { answer }: Filling): JsonValue {
  if (type === 'string') return answer
  if (type === 'number') return Number(answer) || 0
  if (type === 'integer') return Math.trunc(Number(answer)) || 0
  if (type === 'boolean') return false
  return type === 'array' ? [] : null
}

function fillObject(schema: JsonObject, { answer, depth }: Filling): JsonObject {
  const properties = schema['properties']
  const entries = Object.entries(isObject(properties) ? properties : {})
  return Object.fromEntries(entries.map(([name, inner]) => [name, fill(inner, { answer, depth: depth + 1 })]))
}
