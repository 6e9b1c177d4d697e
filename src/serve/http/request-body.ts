/**
 * @file From a request's bytes to a JSON object: UTF-8, nesting and root are checked before anything reads a field.
 *
 * The bytes are kept beside the object, as a relayed request is passed on byte for byte.
 */
import { isUtf8 } from 'node:buffer'
import { InframindError, type JsonObject } from '../../core/index.ts'
import { jsonDepth } from './json-members.ts'

export interface RequestBody {
  readonly bytes: Uint8Array
  readonly fields: JsonObject
}

/** Deeper bodies are refused: writing JSON back out takes stack in proportion. Tools' schemas stay far below. */
const deepestNesting = 100

const refuse = (message: string) => new InframindError('REQUEST_INVALID', message)

/** Throws `REQUEST_INVALID` where `bytes` are not one JSON object in UTF-8. */
export function parseBody(bytes: Uint8Array): RequestBody {
  if (bytes.length === 0) throw refuse('The body is empty: expected a JSON object.')
  if (!isUtf8(bytes)) throw refuse('The body is not valid UTF-8.')
  if (jsonDepth(bytes) > deepestNesting) throw refuse(`The body nests deeper than ${deepestNesting} levels.`)
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'))
  } catch {
    throw refuse('The body is not valid JSON.')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw refuse(`Expected a JSON object, got ${Array.isArray(value) ? 'a list' : JSON.stringify(value).slice(0, 40)}.`)
  }
  return { bytes, fields: value as JsonObject }
}
