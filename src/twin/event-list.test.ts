import fc from 'fast-check'
import { expect, it } from 'vitest'
import { EventList } from './event-list.ts'

const drain = (list: EventList): void => {
  while (list.size > 0) list.pop()?.()
}

it('fires by time, and at one instant in the order of scheduling', () => {
  const list = new EventList()
  const fired: string[] = []
  for (const [at, name] of [
    [5, 'd'],
    [1, 'a'],
    [5, 'e'],
    [3, 'b'],
    [5, 'f'],
    [3, 'c'],
  ] as const) {
    list.push(at, () => fired.push(name))
  }
  expect(list.nextAtMs).toBe(1)
  drain(list)
  expect(fired.join('')).toBe('abcdef')
  expect(list.nextAtMs).toBe(Infinity)
  expect(list.pop()).toBeUndefined()
})

it('does nothing on a stale handle, also when its slot is used again', () => {
  const list = new EventList()
  const first = list.push(1, () => {})
  expect(list.cancel(first)).toBe(true)
  expect(list.cancel(first)).toBe(false)
  const second = list.push(2, () => {})
  expect(list.cancel(first)).toBe(false)
  expect(list.size).toBe(1)
  list.pop()
  expect(list.cancel(second)).toBe(false)
})

it('refuses an instant that has no place in the order', () => {
  const list = new EventList()
  for (const bad of [Number.NaN, Infinity, -Infinity]) expect(() => list.push(bad, () => {})).toThrow(/finite instant/)
  expect(list.size).toBe(0)
})

interface Pending {
  readonly id: number
  atMs: number
  /** Among events at one instant: the smaller goes first. */
  order: number
  readonly handle: number
}

/** What the list must do, slowly: a stable sort by time over an array. */
const earliest = (pending: readonly Pending[]): Pending | undefined =>
  pending.toSorted((a, b) => a.atMs - b.atMs || a.order - b.order)[0]

it('agrees with a sorted list under any mix of push, pop, move and cancel', () => {
  const action = fc.oneof(
    { weight: 5, arbitrary: fc.record({ push: fc.integer({ min: 0, max: 20 }) }) },
    { weight: 3, arbitrary: fc.constant('pop' as const) },
    { weight: 3, arbitrary: fc.record({ cancel: fc.nat(200) }) },
    { weight: 3, arbitrary: fc.record({ move: fc.nat(200), to: fc.integer({ min: 0, max: 20 }) }) },
  )
  fc.assert(
    fc.property(fc.array(action, { maxLength: 400 }), (actions) => {
      const list = new EventList()
      const all: Pending[] = []
      let pending: Pending[] = []
      let fired = -1
      let order = 0
      for (const step of actions) {
        if (step === 'pop') {
          const expected = earliest(pending)
          fired = -1
          list.pop()?.()
          expect(fired).toBe(expected?.id ?? -1)
          pending = pending.filter((event) => event !== expected)
        } else if ('push' in step) {
          const id = all.length
          const handle = list.push(step.push, () => {
            fired = id
          })
          const event = { id, atMs: step.push, order: order++, handle }
          all.push(event)
          pending.push(event)
        } else if ('move' in step) {
          const event = pending[step.move % pending.length]
          if (event === undefined) continue
          list.move(event.handle, step.to)
          Object.assign(event, { atMs: step.to, order: order++ })
        } else if (all.length > 0) {
          const event = all[step.cancel % all.length] as Pending
          expect(list.cancel(event.handle)).toBe(pending.includes(event))
          pending = pending.filter((other) => other !== event)
        }
        expect(list.size).toBe(pending.length)
        expect(list.nextAtMs).toBe(earliest(pending)?.atMs ?? Infinity)
      }
    }),
    { seed: 1, numRuns: 200 },
  )
})
