import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createSequence, type Sequence } from './sequence.ts'
import { WaitingQueue } from './waiting-queue.ts'

const listener = { firstToken: () => {}, finished: () => {} }
const sequence = (urgency: number, rank: number) =>
  createSequence({ promptTokens: 1, outputTokens: 1, urgency, rank, listener, prefix: null })

it('gives by urgency, then by rank, whatever joins and leaves on the way', () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ add: fc.integer({ min: 0, max: 6 }) }) },
    { weight: 1, arbitrary: fc.constant('take' as const) },
    { weight: 1, arbitrary: fc.record({ remove: fc.nat(50) }) },
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const queue = new WaitingQueue()
      let expected: Sequence[] = []
      for (const [rank, action] of steps.entries()) {
        if (action === 'take') expect(queue.take()).toBe(expected.shift())
        else if ('add' in action) {
          const added = sequence(action.add, rank)
          queue.add(added)
          expected = [...expected, added].sort((a, b) => a.urgency - b.urgency || a.rank - b.rank)
        } else if (expected.length > 0) {
          const gone = expected[action.remove % expected.length] as Sequence
          queue.remove(gone)
          expected = expected.filter((other) => other !== gone)
        }
        expect(queue.peek()).toBe(expected[0])
        expect(queue.size).toBe(expected.length)
      }
    }),
    { seed: 3, numRuns: 200 },
  )
})

it('says so when asked to remove what does not wait', () => {
  const queue = new WaitingQueue()
  queue.add(sequence(1, 1))
  expect(() => queue.remove(sequence(1, 1))).toThrow(/does not wait/)
})
