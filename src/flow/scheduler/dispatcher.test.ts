import { describe, expect, it } from 'vitest'
import { LedgerPool, type ReplicaSetup } from '../../../test/ledger-pool.ts'
import { createRandom, type QueuedCall, type Ticket } from '../../core/index.ts'
import { aQueuedCall, ManualClock } from '../../testing/index.ts'
import { createAdmission } from './admission/create-admission.ts'
import { createDiscipline } from './disciplines.ts'
import { createDispatcher, type DispatcherOptions } from './dispatcher.ts'
import { lookahead, overtakingLimit } from './take-next.ts'

function setUp(replicas: readonly ReplicaSetup[], overrides: Partial<DispatcherOptions> = {}) {
  const clock = new ManualClock()
  const pool = new LedgerPool(replicas)
  const dispatcher = createDispatcher({
    clock,
    pool,
    discipline: createDiscipline(),
    admission: createAdmission(),
    random: createRandom(1),
    limits: { waiting: 100 },
    rejectWhenUnusableMs: 1_000,
    ...overrides,
  })
  const log: string[] = []
  const enqueue = (id: string, overridden: Partial<QueuedCall> = {}): Ticket =>
    dispatcher.enqueue(
      aQueuedCall({
        id,
        enqueuedAtMs: clock.nowMs(),
        start: (replica) => log.push(`${id} starts on ${replica}`),
        reconsider: () => log.push(`${id} reconsiders at ${clock.nowMs()}`),
        reject: (code) => log.push(`${id} is rejected at ${clock.nowMs()}: ${code}`),
        ...overridden,
      }),
    )
  /** Lets what is due now happen, and returns what was noted since the last time. */
  const now = () => {
    clock.advanceBy(0)
    return log.splice(0)
  }
  const at = (ms: number) => {
    clock.advanceTo(ms)
    return log.splice(0)
  }
  return { clock, pool, dispatcher, enqueue, now, at, log }
}

const one = [{ replica: 'a' }]

describe('dispatcher: sending', () => {
  it('never calls back inside enqueue, and joins the looks of one instant', () => {
    const { clock, enqueue, log, now } = setUp([{ replica: 'a', slots: 2 }])
    enqueue('late', { deadlineAtMs: 9_000 })
    enqueue('soon', { deadlineAtMs: 5_000 })
    expect(log).toEqual([])
    expect(clock.pending).toBe(1)
    expect(now()).toEqual(['soon starts on a', 'late starts on a'])
    expect(clock.pending).toBe(0)
  })

  it('holds calls back while slots are full, and sends them by deadline as slots free up', () => {
    const { dispatcher, enqueue, now } = setUp(one)
    enqueue('first')
    now()
    enqueue('late', { deadlineAtMs: 9_000 })
    enqueue('soon', { deadlineAtMs: 5_000 })
    expect(now()).toEqual([])
    expect(dispatcher.waiting('small')).toBe(2)
    dispatcher.release('first', 'a')
    expect(now()).toEqual(['soon starts on a'])
    dispatcher.release('soon', 'a')
    expect(now()).toEqual(['late starts on a'])
  })

  it('runs hopeless calls when there is room and nothing else waits', () => {
    const { dispatcher, enqueue, now } = setUp(one)
    enqueue('running')
    now()
    enqueue('hopeless', { deadlineAtMs: 10, remainingMs: 5_000 })
    enqueue('feasible', { deadlineAtMs: 9_000 })
    now()
    expect(dispatcher.stats()).toMatchObject({ demoted: 0, waiting: 2, inFlight: 1 })
    dispatcher.release('running', 'a')
    expect(now()).toEqual(['feasible starts on a'])
    expect(dispatcher.stats().demoted).toBe(1)
    dispatcher.release('feasible', 'a')
    expect(now()).toEqual(['hopeless starts on a'])
  })

  it('counts a release once', () => {
    const { pool, dispatcher, enqueue, now } = setUp(one)
    enqueue('x')
    now()
    dispatcher.release('x', 'a')
    dispatcher.release('x', 'a')
    dispatcher.release('unknown', 'a')
    expect(pool.running.size).toBe(0)
    expect(dispatcher.stats()).toMatchObject({ started: 1, inFlight: 0 })
  })

  it('looks again when woken', () => {
    const { pool, dispatcher, enqueue, now } = setUp([{ replica: 'a', slots: 0 }])
    enqueue('x')
    expect(now()).toEqual([])
    pool.set('a', { slots: 1 })
    dispatcher.wake('small')
    dispatcher.wake('unknown')
    expect(now()).toEqual(['x starts on a'])
  })

  it('tells the pool how many calls wait, and how much work they bring', () => {
    const { pool, dispatcher, enqueue, now } = setUp(one)
    enqueue('running', { serviceMs: 0.1 })
    now()
    const ticket = enqueue('x', { serviceMs: 0.1 })
    enqueue('y', { serviceMs: 0.2 })
    expect(pool.gatewayWaiting).toEqual({ count: 2, waitingMs: 0.1 + 0.2 })
    ticket.cancel()
    expect(pool.gatewayWaiting.count).toBe(1)
    dispatcher.release('running', 'a')
    now()
    expect(pool.gatewayWaiting).toEqual({ count: 0, waitingMs: 0 })
  })

  it('cancels a waiting call once, and no other', () => {
    const { clock, dispatcher, enqueue, now, at } = setUp(one)
    const running = enqueue('running')
    now()
    const waiting = enqueue('waiting')
    const fresh = enqueue('fresh')
    expect(fresh.cancel()).toBe(true)
    now()
    expect(running.cancel()).toBe(false)
    expect(waiting.cancel()).toBe(true)
    expect(waiting.cancel()).toBe(false)
    expect(clock.pending, 'no timer stays for an empty queue').toBe(0)
    dispatcher.release('running', 'a')
    expect(at(20_000)).toEqual([])
  })

  it('lets a callback enqueue and cancel', () => {
    const { dispatcher, enqueue, now } = setUp([{ replica: 'a', slots: 2 }])
    let ticket: Ticket | undefined
    enqueue('first', {
      deadlineAtMs: 2_000,
      start: () => {
        expect(ticket?.cancel()).toBe(true)
        enqueue('third')
        dispatcher.release('first', 'a')
      },
    })
    ticket = enqueue('second')
    expect(now()).toEqual(['third starts on a'])
  })
})

describe('dispatcher: replicas', () => {
  const two = [
    { replica: 'a', slots: 2 },
    { replica: 'b', slots: 2 },
  ]

  it('spreads calls, and honours affinity while there is room', () => {
    const { enqueue, now } = setUp(two)
    for (const id of ['1', '2', '3']) enqueue(id, { affinity: 'b' })
    enqueue('4')
    expect(now()).toEqual(['1 starts on b', '2 starts on b', '3 starts on a', '4 starts on a'])
  })

  it('leaves out excluded and unusable replicas', () => {
    const { pool, enqueue, now } = setUp([...two, { replica: 'c', slots: 9 }])
    pool.set('c', { isUsable: false })
    enqueue('1', { excludedReplicas: ['a'] })
    enqueue('2', { excludedReplicas: ['a'] })
    enqueue('3', { excludedReplicas: ['a'] })
    enqueue('4', { deadlineAtMs: 20_000 })
    // The third may only use b, which is full; the fourth takes nothing from it.
    expect(now()).toEqual(['1 starts on b', '2 starts on b', '4 starts on a'])
  })

  it('draws two at random when readings are stale', () => {
    const starts = new Set<string>()
    for (let seed = 0; seed < 20; seed += 1) {
      const { pool, enqueue, now } = setUp(
        ['a', 'b', 'c'].map((replica) => ({ replica })),
        { random: createRandom(seed) },
      )
      pool.ages.set('a', 5_000)
      enqueue('x')
      for (const line of now()) starts.add(line)
    }
    expect(starts).toEqual(new Set(['x starts on a', 'x starts on b']))
  })

  it('never exceed their slots, even if the admission would let them', () => {
    const admission = { decide: () => 'send' as const }
    const { enqueue, now } = setUp(two, { admission })
    for (const id of ['1', '2', '3', '4', '5']) enqueue(id, { affinity: 'a' })
    expect(now()).toEqual(['1 starts on a', '2 starts on a', '3 starts on b', '4 starts on b'])
  })
})

describe('dispatcher: overtaking', () => {
  const small = { promptTokens: 100, outputTokensP90: 0 }
  const big = { promptTokens: 900, outputTokensP90: 0 }

  it('lets small calls pass a big one that has no KV room, but only so many; then the big one gets its turn', () => {
    const { pool, dispatcher, enqueue, now } = setUp([{ replica: 'a', slots: 4, kvTokens: 1_000 }])
    for (const id of ['s1', 's2', 's3']) enqueue(id, small)
    now()
    enqueue('big', { ...big, deadlineAtMs: 5_000 })
    const started: string[] = []
    // A steady stream of small calls: one comes, one ends.
    for (let round = 0; round < 40; round += 1) {
      enqueue(`later ${round}`, { ...small, deadlineAtMs: 20_000 + round })
      started.push(...now())
      const [oldest] = pool.running.keys()
      dispatcher.release(oldest as string, 'a')
      started.push(...now())
    }
    expect(started.indexOf('big starts on a')).toBe(overtakingLimit)
    expect(dispatcher.stats().overtaken).toBe(overtakingLimit)
    expect(started.length).toBeGreaterThan(30)
  })

  it('keeps for it only the replicas that it could use', () => {
    const { enqueue, now } = setUp([
      { replica: 'a', slots: 99, kvTokens: 1_500, foreignKvTokens: 0 },
      { replica: 'b', slots: 3 },
    ])
    enqueue('first', { ...small, excludedReplicas: ['b'] })
    now()
    enqueue('big', { ...big, promptTokens: 1_400, excludedReplicas: ['b'], deadlineAtMs: 5_000 })
    for (let index = 0; index < overtakingLimit; index += 1)
      enqueue(`on a ${index}`, { ...small, excludedReplicas: ['b'] })
    expect(now()).toHaveLength(overtakingLimit)
    enqueue('held', { ...small, excludedReplicas: ['b'] })
    enqueue('free', small)
    expect(now()).toEqual(['free starts on b'])
  })

  it('looks past a bounded number of calls that hold', () => {
    const { dispatcher, enqueue, now } = setUp([{ replica: 'a', slots: 99, kvTokens: 1_000 }])
    enqueue('running', small)
    for (let index = 1; index < lookahead; index += 1) enqueue(`big ${index}`, big)
    enqueue('within', { ...small, deadlineAtMs: 20_000 })
    expect(now()).toEqual(['running starts on a', 'within starts on a'])
    enqueue(`big ${lookahead}`, big)
    enqueue('beyond', { ...small, deadlineAtMs: 20_000 })
    expect(now()).toEqual([])
    expect(dispatcher.waiting('small')).toBe(lookahead + 1)
  })

  it('does not count calls that go first by their deadline', () => {
    const { pool, dispatcher, enqueue, now } = setUp([{ replica: 'a', slots: 2, kvTokens: 1_000 }])
    enqueue('s', small)
    now()
    enqueue('big', big)
    for (let round = 0; round < 3 * overtakingLimit; round += 1) {
      enqueue(`soon ${round}`, { ...small, deadlineAtMs: 5_000 })
      expect(now()).toEqual([`soon ${round} starts on a`])
      const [oldest] = pool.running.keys()
      dispatcher.release(oldest as string, 'a')
    }
    expect(dispatcher.stats().overtaken).toBe(0)
  })
})

describe('dispatcher: refusals', () => {
  it('refuses the newest calls beyond the limit, after sending what has room', () => {
    const { dispatcher, enqueue, now } = setUp(one, { limits: { waiting: 2 } })
    for (const id of ['1', '2', '3', '4', '5']) enqueue(id)
    expect(now()).toEqual(['1 starts on a', '5 is rejected at 0: QUEUE_FULL', '4 is rejected at 0: QUEUE_FULL'])
    expect(dispatcher.stats()).toMatchObject({ waiting: 2, rejected: 2 })
  })

  it('counts the limit over all models', () => {
    const { enqueue, now } = setUp([{ replica: 'a', slots: 0 }], { limits: { waiting: 1 } })
    enqueue('1')
    now()
    enqueue('2', { model: 'large' })
    expect(now()).toEqual(['2 is rejected at 0: QUEUE_FULL'])
  })

  it('refuses at once what fits no replica, even with all slots full', () => {
    const { enqueue, now } = setUp([
      { replica: 'a', contextTokens: 4_096 },
      { replica: 'b', contextTokens: 8_192, slots: 0 },
    ])
    enqueue('1')
    enqueue('fits b', { promptTokens: 5_000 })
    enqueue('fits none', { promptTokens: 8_192, deadlineAtMs: 90_000 })
    expect(now()).toEqual(['1 starts on a', 'fits none is rejected at 0: CONTEXT_TOO_LONG'])
  })

  it('takes a replica that is down, and could run it, for an outage and not for a prompt too long', () => {
    const { enqueue, now, at } = setUp([
      { replica: 'a', contextTokens: 4_096 },
      { replica: 'b', contextTokens: 8_192, isUsable: false },
    ])
    enqueue('x', { promptTokens: 5_000 })
    expect(now()).toEqual([])
    expect(at(1_000)).toEqual(['x is rejected at 1000: POOL_UNAVAILABLE'])
  })
})

describe('dispatcher: outages', () => {
  it('waits for recovery, then sends', () => {
    const { pool, dispatcher, enqueue, now, at } = setUp([{ replica: 'a', isUsable: false }])
    enqueue('x')
    expect(at(900)).toEqual([])
    pool.set('a', { isUsable: true })
    dispatcher.wake('small')
    expect(now()).toEqual(['x starts on a'])
    expect(at(30_000)).toEqual([])
  })

  it('gives up after the limit, or when the slack is gone, or at once when there is none', () => {
    const { enqueue, at } = setUp([{ replica: 'a', isUsable: false }])
    enqueue('patient')
    enqueue('short', { deadlineAtMs: 200, remainingMs: 100 })
    enqueue('hopeless', { deadlineAtMs: 100, remainingMs: 1_000 })
    expect(at(120)).toEqual([
      'hopeless is rejected at 0: POOL_UNAVAILABLE',
      'short is rejected at 120: POOL_UNAVAILABLE',
    ])
    expect(at(5_000)).toEqual(['patient is rejected at 1000: POOL_UNAVAILABLE'])
  })

  it('counts from the instant of the outage, and afresh for the next one', () => {
    const { pool, dispatcher, enqueue, now, at } = setUp(one)
    const health = (isUsable: boolean) => {
      pool.set('a', { isUsable })
      dispatcher.wake('small')
      now()
    }
    enqueue('running', { deadlineAtMs: 60_000 })
    enqueue('x', { deadlineAtMs: 60_000 })
    at(500)
    health(false)
    at(1_400)
    health(true)
    at(1_450)
    health(false)
    expect(at(2_449)).toEqual([])
    expect(at(2_450)).toEqual(['x is rejected at 2450: POOL_UNAVAILABLE'])
  })

  it('treats a call whose every usable replica is excluded like an outage, without holding up the others', () => {
    const { dispatcher, enqueue, now, at } = setUp([
      { replica: 'a', slots: 2 },
      { replica: 'b', isUsable: false },
    ])
    enqueue('retry', { excludedReplicas: ['a'], deadlineAtMs: 5_000 })
    enqueue('other')
    expect(now()).toEqual(['other starts on a'])
    expect(dispatcher.waiting('small')).toBe(1)
    expect(at(1_000)).toEqual(['retry is rejected at 1000: POOL_UNAVAILABLE'])
  })

  it('knows a model without replicas as unavailable', () => {
    const { enqueue, at } = setUp([])
    enqueue('x')
    expect(at(2_000)).toEqual(['x is rejected at 1000: POOL_UNAVAILABLE'])
  })
})

describe('dispatcher: choosing again', () => {
  it('asks at half of the spare time and at the latest start, once each', () => {
    const { enqueue, at } = setUp([{ replica: 'a', slots: 0 }])
    enqueue('x', { deadlineAtMs: 5_000, remainingMs: 1_250 })
    expect(at(30_000)).toEqual(['x reconsiders at 2000', 'x reconsiders at 4000'])
  })

  it('asks no sooner than after 250 ms for waiting alone; a call that came hopeless only then', () => {
    const { enqueue, at } = setUp([{ replica: 'a', slots: 0 }])
    enqueue('short', { deadlineAtMs: 1_300, remainingMs: 1_250 })
    enqueue('hopeless', { deadlineAtMs: 100, remainingMs: 1_000 })
    expect(at(30_000)).toEqual(['short reconsiders at 250', 'hopeless reconsiders at 250', 'short reconsiders at 300'])
  })

  it('does not ask a call that has started', () => {
    const { dispatcher, enqueue, at } = setUp(one)
    enqueue('running')
    enqueue('x')
    at(100)
    dispatcher.release('running', 'a')
    expect(at(30_000)).toEqual(['x starts on a'])
  })

  it('lets the call leave for another model when asked, and keeps one timer for all', () => {
    const { clock, dispatcher, enqueue, at } = setUp([{ replica: 'a', slots: 0 }])
    const ticket = enqueue('x', {
      reconsider: () => {
        expect(ticket.cancel()).toBe(true)
        enqueue('x again', { model: 'large' })
      },
    })
    for (let index = 0; index < 20; index += 1) enqueue(`y ${index}`, { deadlineAtMs: 50_000 })
    clock.advanceBy(0)
    expect(clock.pending).toBe(1)
    at(5_000)
    expect([dispatcher.waiting('small'), dispatcher.waiting('large')]).toEqual([20, 1])
    expect(clock.pending).toBe(2)
  })

  it('asks under plain edf too: order and choice are two things', () => {
    const { enqueue, at } = setUp([{ replica: 'a', slots: 0 }], { discipline: createDiscipline('edf') })
    enqueue('x', { deadlineAtMs: 5_000, remainingMs: 1_250 })
    expect(at(30_000)).toHaveLength(2)
  })
})
