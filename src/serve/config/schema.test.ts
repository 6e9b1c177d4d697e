import { describe, expect, it } from 'vitest'
import { configJsonSchema } from './schema.ts'

describe('the JSON schema', () => {
  it('says what stands in the file, and allows nothing else', () => {
    const schema = configJsonSchema() as {
      properties: Record<string, unknown>
      required: string[]
      additionalProperties: boolean
    }
    expect(Object.keys(schema.properties)).toEqual([
      'version',
      'listen',
      'engines',
      'models',
      'policy',
      'profile',
      'mode',
      'keys',
      'limits',
      'records',
      'gateways',
    ])
    expect(schema.required).toEqual(['version', 'engines'])
    expect(schema.additionalProperties).toBe(false)
  })
})
