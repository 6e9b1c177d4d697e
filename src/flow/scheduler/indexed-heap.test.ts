import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type HeapNode, IndexedHeap } from './indexed-heap.ts'

const drain = (heap: IndexedHeap<number>): number[] => {
  const popped: number[] = []
  for (let value = heap.pop(); value !== undefined; value = heap.pop()) popped.push(value)
  return popped
}

/** Few distinct keys, so that ties are common. */
const keys = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 60 })
const sortedIndexes = (of: readonly number[]) => of.map((_, index) => index).sort((a, b) => of[a]! - of[b]! || a - b)

describe('IndexedHeap', () => {
  it('pops by key, then by order, whatever the order of pushing', () => {
    fc.assert(
      fc.property(keys, (given) => {
        const heap = new IndexedHeap<number>()
        for (const index of [...given.keys()].reverse()) heap.push(index, given[index]!, index)
        expect(heap.peek()?.value).toBe(sortedIndexes(given)[0])
        expect(drain(heap)).toEqual(sortedIndexes(given))
      }),
    )
  })

  it('lets any members go and keeps the order of the rest', () => {
    fc.assert(
      fc.property(keys, fc.infiniteStream(fc.boolean()), (given, coin) => {
        const heap = new IndexedHeap<number>()
        const nodes = given.map((key, index) => heap.push(index, key, index))
        const removed = new Set(nodes.filter(() => coin.next().value).map(({ value }) => value))
        for (const index of removed) {
          expect(heap.remove(nodes[index] as HeapNode<number>)).toBe(true)
          expect(heap.remove(nodes[index] as HeapNode<number>)).toBe(false)
        }
        expect(heap.size).toBe(given.length - removed.size)
        expect(drain(heap)).toEqual(sortedIndexes(given).filter((index) => !removed.has(index)))
      }),
    )
  })

  it('does not remove the node of another heap', () => {
    const [one, other] = [new IndexedHeap<string>(), new IndexedHeap<string>()]
    const node = one.push('a', 1, 0)
    other.push('b', 1, 0)
    expect(other.remove(node)).toBe(false)
    expect([one.size, other.size]).toEqual([1, 1])
  })

  it('visits in order without changing anything, until told to take or to stop', () => {
    fc.assert(
      fc.property(keys, fc.nat(60), (given, until) => {
        const heap = new IndexedHeap<number>()
        given.forEach((key, index) => {
          heap.push(index, key, index)
        })
        const inOrder = sortedIndexes(given)
        const visit = (verdict: 'take' | 'stop') => {
          const seen: number[] = []
          const found = heap.find((value) => (seen.push(value) > until ? verdict : 'pass'))
          expect(seen).toEqual(inOrder.slice(0, until + 1))
          return found
        }
        expect(visit('take')).toBe(inOrder[until])
        expect(visit('stop')).toBe(until < given.length ? null : undefined)
        expect([...heap.values()].sort((a, b) => a - b)).toEqual([...given.keys()])
        expect(drain(heap)).toEqual(inOrder)
      }),
    )
  })
})
