/** @file KV capacity from memory. */
import { describe, expect, it } from 'vitest'
import { kvCapacityTokens } from './kv-capacity.ts'

const memory = {
  memoryBytes: 100e9,
  utilisationFraction: 0.5,
  weightBytes: 30e9,
  reserveBytes: 2e9,
  kvBytesPerToken: 180_000,
}

describe('kvCapacityTokens', () => {
  it('is what is left after weights and reserve, in whole tokens', () => {
    expect(kvCapacityTokens(memory)).toBe(100_000)
    expect(kvCapacityTokens({ ...memory, kvBytesPerToken: 180_001 })).toBe(99_999)
  })

  it('refuses weights that leave no room, and says by how much', () => {
    expect(() => kvCapacityTokens({ ...memory, weightBytes: 60e9 })).toThrow(/-12000 MB/)
  })
})
