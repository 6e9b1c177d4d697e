import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { QueuedCall } from '../../core/index.ts'
import { aQueuedCall } from '../../testing/index.ts'
import { DeadlineQueue, type Holder, type QueuePlace } from './deadline-queue.ts'
import { createDiscipline, type DisciplineName } from './disciplines.ts'

class Entry implements Holder<Entry> {
  readonly call: QueuedCall
  readonly order: number
  place: QueuePlace<Entry> | null = null

  constructor(call: QueuedCall, order: number) {
    this.call = call
    this.order = order
  }
}

const entry = (id: string, times: Partial<QueuedCall>, order = 0) => new Entry(aQueuedCall({ id, ...times }), order)

/** The reference: sorts everything at each pop, with a comparison that asks for the present instant. */
class NaiveQueue {
  readonly entries: Entry[] = []
  readonly #discipline
  constructor(name: DisciplineName) {
    this.#discipline = createDiscipline(name)
  }
  inOrder(nowMs: number): Entry[] {
    const isHopeless = ({ call }: Entry) => (this.#discipline.latestStartAtMs?.(call) ?? Infinity) <= nowMs
    const key = (one: Entry) => (isHopeless(one) ? one.call.remainingMs : this.#discipline.key(one.call))
    return [...this.entries].sort(
      (a, b) => Number(isHopeless(a)) - Number(isHopeless(b)) || key(a) - key(b) || a.order - b.order,
    )
  }
  remove(one: Entry | undefined): boolean {
    const index = this.entries.indexOf(one as Entry)
    if (index >= 0) this.entries.splice(index, 1)
    return index >= 0
  }
}

const operation = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('push' as const), budget: fc.nat(60), remaining: fc.nat(40) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('take' as const), passed: fc.nat(4) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cancel' as const), which: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(15) }) },
)

describe('DeadlineQueue', () => {
  it('leaves like a naive queue that sorts at each pop, at any mix of push, take, cancel and passing time', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<DisciplineName>('edf-demote', 'edf', 'fcfs'),
        fc.array(operation, { maxLength: 120 }),
        (name, operations) => {
          const queue = new DeadlineQueue<Entry>(createDiscipline(name))
          const naive = new NaiveQueue(name)
          const pushed: Entry[] = []
          let nowMs = 0
          for (const step of operations) {
            if (step.kind === 'push') {
              const times = { enqueuedAtMs: nowMs, deadlineAtMs: nowMs + step.budget, remainingMs: step.remaining }
              const one = entry(`call ${pushed.length}`, times, pushed.length)
              pushed.push(one)
              naive.entries.push(one)
              queue.push(one)
            } else if (step.kind === 'take') {
              const expected = naive.inOrder(nowMs)
              const seen: Entry[] = []
              const taken = queue.take(nowMs, (one) => (seen.push(one) > step.passed ? 'take' : 'pass'))
              expect(seen).toEqual(expected.slice(0, step.passed + 1))
              expect(taken).toBe(expected[step.passed])
              naive.remove(taken)
            } else if (step.kind === 'cancel') {
              const one = pushed[step.which % (pushed.length || 1)]
              if (one) expect(queue.cancel(one)).toBe(naive.remove(one))
            } else nowMs += step.ms
            expect(queue.size).toBe(naive.entries.length)
          }
          expect(new Set(queue.holders())).toEqual(new Set(naive.entries))
          const rest = naive.inOrder(nowMs)
          expect(rest.map(() => queue.pop(nowMs))).toEqual(rest)
          expect(queue.pop(nowMs)).toBeUndefined()
        },
      ),
    )
  })

  it('demotes a call from its latest start on, behind every feasible one, least work first', () => {
    const queue = new DeadlineQueue<Entry>(createDiscipline('edf-demote'))
    const long = entry('long', { deadlineAtMs: 100, remainingMs: 100 })
    const short = entry('short', { deadlineAtMs: 100, remainingMs: 50 })
    const late = entry('late', { deadlineAtMs: 900, remainingMs: 100 })
    for (const one of [long, short, late]) queue.push(one)
    const orderAt = (nowMs: number) => {
      const seen: string[] = []
      queue.take(nowMs, ({ call }) => {
        seen.push(call.id)
        return 'pass'
      })
      return seen
    }
    expect(orderAt(19.9)).toEqual(['long', 'short', 'late'])
    expect(orderAt(20)).toEqual(['short', 'late', 'long'])
    expect(queue.demotedCount).toBe(1)
    expect(orderAt(60)).toEqual(['late', 'short', 'long'])
    expect(queue.demotedCount).toBe(2)
  })

  it('takes nothing once told to stop, not even among the demoted', () => {
    const queue = new DeadlineQueue<Entry>(createDiscipline('edf-demote'))
    queue.push(entry('feasible', { deadlineAtMs: 1_000, remainingMs: 1 }))
    queue.push(entry('hopeless', { deadlineAtMs: 10, remainingMs: 100 }))
    const seen: string[] = []
    const stopAtOnce = ({ call }: Entry) => {
      seen.push(call.id)
      return 'stop' as const
    }
    expect(queue.take(50, stopAtOnce)).toBeUndefined()
    expect(seen).toEqual(['feasible'])
    expect(queue.size).toBe(2)
  })

  it('refuses a key that is not a number, and a call that is in it already', () => {
    const queue = new DeadlineQueue<Entry>(createDiscipline())
    const one = entry('one', {})
    queue.push(one)
    expect(() => queue.push(one)).toThrow('queued twice')
    expect(() => queue.push(entry('broken', { deadlineAtMs: Number.NaN }))).toThrow('not a number')
    expect(() => queue.push(entry('broken', { remainingMs: Number.NaN }))).toThrow('not a number')
    expect(queue.size).toBe(1)
  })
})
