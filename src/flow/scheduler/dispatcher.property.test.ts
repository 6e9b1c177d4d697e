/** @file Properties of the dispatcher under random traffic, faults and cancels: what must hold whatever happens. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { LedgerPool } from '../../../test/ledger-pool.ts'
import { createRandom, type QueuedCall } from '../../core/index.ts'
import { aQueuedCall, ManualClock } from '../../testing/index.ts'
import { createAdmission } from './admission/create-admission.ts'
import { createDiscipline, latestStartAtMs } from './disciplines.ts'
import { createDispatcher } from './dispatcher.ts'

const replicas = ['a', 'b', 'c']
const call = fc.record({
  budgetMs: fc.integer({ min: 1, max: 8_000 }),
  remainingMs: fc.integer({ min: 1, max: 4_000 }),
  promptTokens: fc.integer({ min: 1, max: 1_100 }),
  excludedReplicas: fc.subarray(replicas, { maxLength: 2 }),
  affinity: fc.constantFrom(null, ...replicas),
})
const operation = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('enqueue' as const), call }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('release' as const), which: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cancel' as const), which: fc.nat() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(2_000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('toggle' as const), replica: fc.constantFrom(...replicas) }) },
)

function createWorld(kvTokens: number | null) {
  const clock = new ManualClock()
  // The pool throws on a full or unusable replica and on a call started twice.
  const pool = new LedgerPool(replicas.map((replica) => ({ replica, slots: 2, kvTokens, isUsable: true })))
  const dispatcher = createDispatcher({
    clock,
    pool,
    discipline: createDiscipline(),
    admission: createAdmission(),
    random: createRandom(7),
    limits: { waiting: 20 },
    rejectWhenUnusableMs: 1_500,
  })
  return { clock, pool, dispatcher }
}

it('ends every call exactly once: started, rejected or cancelled; none is lost when all engines come back', () => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 80 }), (operations) => {
      const { clock, pool, dispatcher } = createWorld(1_000)
      const ends: string[][] = []
      const tickets: (() => void)[] = []
      const releaseOldest = () => {
        const [oldest] = pool.running
        if (oldest) dispatcher.release(oldest[0], oldest[1].replica)
      }
      for (const step of operations) {
        if (step.kind === 'enqueue') {
          const end: string[] = []
          ends.push(end)
          const ticket = dispatcher.enqueue(
            aQueuedCall({
              id: `call ${ends.length}`,
              ...step.call,
              enqueuedAtMs: clock.nowMs(),
              deadlineAtMs: clock.nowMs() + step.call.budgetMs,
              start: () => end.push('start'),
              reject: () => end.push('reject'),
            }),
          )
          expect(end, 'nothing happens inside enqueue').toEqual([])
          tickets.push(() => {
            if (ticket.cancel()) end.push('cancel')
          })
        } else if (step.kind === 'release') releaseOldest()
        else if (step.kind === 'cancel') tickets[step.which % (tickets.length || 1)]?.()
        else if (step.kind === 'wait') clock.advanceBy(step.ms)
        else {
          pool.set(step.replica, { isUsable: !pool.replicas.get(step.replica)?.isUsable })
          dispatcher.wake('small')
        }
      }
      for (const replica of replicas) pool.set(replica, { isUsable: true })
      dispatcher.wake('small')
      clock.advanceBy(0)
      while (pool.running.size > 0) {
        releaseOldest()
        clock.advanceBy(0)
      }
      expect(ends.filter((end) => end.length !== 1)).toEqual([])
      expect(dispatcher.stats()).toMatchObject({ waiting: 0, inFlight: 0 })
      expect(pool.gatewayWaiting).toEqual({ count: 0, waitingMs: 0 })
      expect(clock.pending, 'no timer outlives the last call').toBe(0)
    }),
    { numRuns: 300 },
  )
})

it('never starts a feasible call before another that waits with an earlier deadline, nor a hopeless before a feasible one', () => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 80 }), (operations) => {
      // Slots alone decide, and all may use all: then the order is strict.
      const { clock, pool, dispatcher } = createWorld(null)
      const waiting = new Map<string, QueuedCall>()
      const isHopeless = (one: QueuedCall) => latestStartAtMs(one) <= clock.nowMs()
      const checkOrder = (started: QueuedCall) => {
        waiting.delete(started.id)
        for (const other of waiting.values()) {
          if (isHopeless(other)) continue
          expect(isHopeless(started), `${started.id} is hopeless, ${other.id} is not`).toBe(false)
          expect(started.deadlineAtMs).toBeLessThanOrEqual(other.deadlineAtMs)
        }
      }
      for (const [index, step] of operations.entries()) {
        if (step.kind === 'enqueue') {
          const queued: QueuedCall = aQueuedCall({
            id: `call ${index}`,
            remainingMs: step.call.remainingMs,
            deadlineAtMs: clock.nowMs() + step.call.budgetMs,
            start: () => checkOrder(queued),
            reject: () => waiting.delete(queued.id),
          })
          waiting.set(queued.id, queued)
          dispatcher.enqueue(queued)
        } else if (step.kind === 'release') {
          const [oldest] = pool.running
          if (oldest) dispatcher.release(oldest[0], oldest[1].replica)
        } else if (step.kind === 'wait') clock.advanceBy(step.ms)
        const isRoom = pool.views('small').some(({ inFlight, slots }) => inFlight < slots)
        if (step.kind === 'wait' && isRoom)
          expect(dispatcher.waiting('small'), 'no slot idles while calls wait').toBe(0)
      }
    }),
    { numRuns: 300 },
  )
})
