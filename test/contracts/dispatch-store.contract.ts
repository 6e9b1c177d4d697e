/** @file What every DispatchStore keeps: each call starts, is rejected or is cancelled exactly once, and never too many run. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DispatchStore, QueuedCall, Ticket } from '../../src/core/index.ts'
import { aQueuedCall, type RecordedQueuedCall } from '../../src/testing/index.ts'

export interface DispatchStoreHarness {
  /** Serves model `small` on replicas `small#1` and `small#2` with two slots each, in the order of deadlines. */
  readonly store: DispatchStore
  /** Lets `ms` pass, with whatever the store does meanwhile. */
  advance(ms: number): Promise<void> | void
}

const slots = 4

export function describeDispatchStoreContract(name: string, create: () => DispatchStoreHarness): void {
  let count = 0
  const newCall = (overrides: Partial<QueuedCall> = {}) => {
    count += 1
    return aQueuedCall({ id: `run_${count}/0/0/0`, runId: `run_${count}`, deadlineAtMs: 1_000_000, ...overrides })
  }
  const releaseStarted = (store: DispatchStore, call: RecordedQueuedCall) => {
    if (call.startedOn !== null) store.release(call.id, call.startedOn)
  }
  const hasStarted = ({ startedOn }: RecordedQueuedCall) => startedOn !== null

  /** A store whose slots are all taken. */
  const full = async () => {
    const { store, advance } = create()
    const running = Array.from({ length: slots }, () => newCall())
    for (const call of running) store.enqueue(call)
    await advance(1)
    expect(running.every(hasStarted)).toBe(true)
    return { store, advance, running: running as [RecordedQueuedCall, ...RecordedQueuedCall[]] }
  }

  describe(`${name} keeps the contract of a dispatch store`, () => {
    it('starts a call where there is room, soon but never synchronously', async () => {
      const { store, advance } = create()
      const call = newCall()
      store.enqueue(call)
      expect(call.events).toEqual([])
      await advance(1)
      expect(call.events).toEqual([expect.stringMatching(/^start small#[12]$/)])
      expect(store.waiting('small')).toBe(0)
    })

    it('spreads calls so that no replica holds more than its slots', async () => {
      const { running } = await full()
      const places = running.map(({ startedOn }) => startedOn).sort()
      expect(places).toEqual(['small#1', 'small#1', 'small#2', 'small#2'])
    })

    it('holds further calls until room is released, and counts them', async () => {
      const { store, advance, running } = await full()
      const call = newCall()
      store.enqueue(call)
      await advance(1)
      expect(call.events).toEqual([])
      expect(store.waiting('small')).toBe(1)
      releaseStarted(store, running[0])
      await advance(1)
      expect(call.startedOn).toBe(running[0].startedOn)
      expect(store.waiting('small')).toBe(0)
    })

    it('frees the room of a call once, however often it is released', async () => {
      const { store, advance, running } = await full()
      const waiting = [newCall(), newCall()]
      for (const call of waiting) store.enqueue(call)
      releaseStarted(store, running[0])
      releaseStarted(store, running[0])
      await advance(1)
      expect(waiting.filter(hasStarted)).toHaveLength(1)
    })

    it('starts waiting calls by deadline, equal deadlines by arrival', async () => {
      const { store, advance, running } = await full()
      const order: string[] = []
      for (const [label, deadlineAtMs] of [
        ['b1', 500_000],
        ['c', 900_000],
        ['a', 400_000],
        ['b2', 500_000],
      ] as const) {
        store.enqueue(newCall({ deadlineAtMs, start: () => order.push(label) }))
      }
      for (const call of running) {
        releaseStarted(store, call)
        await advance(1)
      }
      expect(order).toEqual(['a', 'b1', 'b2', 'c'])
    })

    it('takes a waiting call back, once; a started one not at all', async () => {
      const { store, advance, running } = await full()
      const [cancelled, kept] = [newCall({ deadlineAtMs: 400_000 }), newCall()]
      const ticket = store.enqueue(cancelled)
      const keptTicket = store.enqueue(kept)
      expect([ticket.cancel(), ticket.cancel()]).toEqual([true, false])
      expect(store.waiting('small')).toBe(1)
      releaseStarted(store, running[0])
      await advance(1)
      expect([cancelled.events, kept.events]).toEqual([[], [expect.stringMatching(/^start/)]])
      expect(keptTicket.cancel()).toBe(false)
    })

    it('keeps a call off the replicas it must not use', async () => {
      const { store, advance } = create()
      const call = newCall({ excludedReplicas: ['small#1'] })
      store.enqueue(call)
      await advance(1)
      expect(call.startedOn).toBe('small#2')
    })

    it('loses and doubles no call, and never runs too many, whatever comes in what order', async () => {
      const action = fc.oneof(
        fc.record({ kind: fc.constant('enqueue' as const), budgetMs: fc.integer({ min: 50_000, max: 500_000 }) }),
        fc.record({ kind: fc.constantFrom('release' as const, 'cancel' as const), index: fc.nat(30) }),
        fc.record({ kind: fc.constant('advance' as const), ms: fc.integer({ min: 0, max: 20 }) }),
      )
      await fc.assert(
        fc.asyncProperty(fc.array(action, { maxLength: 60 }), async (actions) => {
          const { store, advance } = create()
          const calls: { call: RecordedQueuedCall; ticket: Ticket; isCancelled: boolean; isReleased: boolean }[] = []
          const isRunning = (entry: (typeof calls)[number]) => hasStarted(entry.call) && !entry.isReleased
          const release = (entry: (typeof calls)[number]) => {
            if (!isRunning(entry)) return
            entry.isReleased = true
            releaseStarted(store, entry.call)
          }
          for (const step of actions) {
            if (step.kind === 'enqueue') {
              const call = newCall({ deadlineAtMs: step.budgetMs })
              calls.push({ call, ticket: store.enqueue(call), isCancelled: false, isReleased: false })
            } else if (step.kind === 'advance') {
              await advance(step.ms)
            } else {
              const entry = calls[step.index % Math.max(1, calls.length)]
              if (entry === undefined) continue
              if (step.kind === 'release') release(entry)
              else entry.isCancelled = entry.ticket.cancel() || entry.isCancelled
            }
            expect(calls.filter(isRunning).length).toBeLessThanOrEqual(slots)
          }
          while (calls.some((entry) => !hasStarted(entry.call) && !entry.isCancelled)) {
            await advance(1)
            const running = calls.filter(isRunning)
            expect(running.length).toBeGreaterThan(0)
            running.forEach(release)
          }
          await advance(1)
          for (const { call, isCancelled } of calls) {
            expect(call.events.filter((event) => event !== 'reconsider')).toHaveLength(isCancelled ? 0 : 1)
          }
          expect(store.waiting('small')).toBe(0)
        }),
        { numRuns: 60 },
      )
    })
  })
}
