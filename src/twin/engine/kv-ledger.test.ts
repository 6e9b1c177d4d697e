import { expect, it } from 'vitest'
import { KvLedger } from './kv-ledger.ts'

it('counts whole blocks', () => {
  const ledger = new KvLedger(100, 16)
  expect(ledger.totalBlocks).toBe(6)
  expect([0, 1, 16, 17].map((tokens) => ledger.blocksFor(tokens))).toEqual([0, 1, 1, 2])
  ledger.take(4)
  ledger.give(1)
  expect([ledger.inUse, ledger.free]).toEqual([3, 3])
})

it('is never overdrawn, on either side', () => {
  const ledger = new KvLedger(32, 16)
  expect(() => ledger.take(3)).toThrow(/3 of 2 KV blocks/)
  expect(() => new KvLedger(32, 16).give(1)).toThrow(/-1 of 2 KV blocks/)
  expect(() => new KvLedger(15, 16)).toThrow(/holds no block/)
})
