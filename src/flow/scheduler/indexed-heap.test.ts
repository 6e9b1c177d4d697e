import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type HeapNode, IndexedHeap } from './indexed-heap.ts'

const drain = (heap: IndexedHeap<number>): number[] => {
  const popped: number[] = []
  for (let value = heap.pop(); value !== undefined; value = heap.pop()) popped.push(value)
  return popped
}

/** The order in which `find` sees the members: unlike popping, it repairs nothing on the way. */
const visited = (heap: IndexedHeap<number>): number[] => {
  const seen: number[] = []
  heap.find((value) => {
    seen.push(value)
    return 'pass'
  })
  return seen
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

  it('lets any members go, in any order, and keeps the order of the rest', () => {
    const removals = fc.array(fc.nat(), { maxLength: 40 })
    fc.assert(
      fc.property(keys, removals, (given, picks) => {
        const heap = new IndexedHeap<number>()
        const nodes = given.map((key, index) => heap.push(index, key, index))
        const removed = new Set<number>()
        for (const pick of nodes.length > 0 ? picks : []) {
          const node = nodes[pick % nodes.length] as HeapNode<number>
          expect(heap.remove(node)).toBe(!removed.has(node.value))
          removed.add(node.value)
        }
        const rest = sortedIndexes(given).filter((index) => !removed.has(index))
        expect(heap.size).toBe(rest.length)
        expect(visited(heap)).toEqual(rest)
        expect(drain(heap)).toEqual(rest)
      }),
      { numRuns: 500 },
    )
  })

  it('moves the last member up where it fills the gap of a larger subtree', () => {
    //        0
    //    10     1
    //  11  12  2  3     without 11, the 3 belongs above the 10
    const heap = new IndexedHeap<number>()
    const nodes = [0, 10, 1, 11, 12, 2, 3].map((key) => heap.push(key, key, key))
    heap.remove(nodes[3] as HeapNode<number>)
    expect(visited(heap)).toEqual([0, 1, 2, 3, 10, 12])
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
