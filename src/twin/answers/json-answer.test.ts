import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../core/index.ts'
import { requestedSchema, writeJson } from './json-answer.ts'

const schemaOf = (schema: JsonObject): JsonObject => ({
  response_format: { type: 'json_schema', json_schema: { name: 'x', schema } },
})

describe('what a request asks for', () => {
  it('is nothing without a JSON format', () => {
    expect(requestedSchema({})).toBeNull()
    expect(requestedSchema({ response_format: { type: 'text' } })).toBeNull()
    expect(requestedSchema({ response_format: 'json' })).toBeNull()
  })

  it('is any object, or the schema', () => {
    expect(requestedSchema({ response_format: { type: 'json_object' } })).toEqual({})
    expect(requestedSchema(schemaOf({ type: 'object' }))).toEqual({ type: 'object' })
  })
})

describe('the object written', () => {
  it('holds the answer where nothing else is asked for', () => {
    expect(JSON.parse(writeJson({}, '42'))).toEqual({ answer: '42' })
  })

  it('follows the schema', () => {
    const schema: JsonObject = {
      type: 'object',
      properties: {
        text: { type: 'string' },
        value: { type: 'number' },
        whole: { type: 'integer' },
        sure: { type: 'boolean' },
        letter: { enum: ['A', '42'] },
        kind: { const: 'reply' },
        steps: { type: 'array', items: { type: 'string' } },
        either: { anyOf: [{ type: 'null' }, { type: 'string' }] },
        maybe: { type: ['number', 'null'] },
        inner: { type: 'object', properties: { text: { type: 'string' } } },
      },
    }
    expect(JSON.parse(writeJson(schema, '42'))).toEqual({
      text: '42',
      value: 42,
      whole: 42,
      sure: false,
      letter: '42',
      kind: 'reply',
      steps: [],
      either: null,
      maybe: 42,
      inner: { text: '42' },
    })
    expect(JSON.parse(writeJson({ type: 'object', properties: { value: { type: 'integer' } } }, 'none'))).toEqual({
      value: 0,
    })
    expect(JSON.parse(writeJson({ enum: ['A', 'B'], type: 'string' }, 'C'))).toBe('A')
  })
})
