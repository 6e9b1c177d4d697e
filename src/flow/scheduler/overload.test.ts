/**
 * @file Why calls are demoted: one engine of 16 slots in overload, on the dispatcher itself.
 *
 * Lognormal service (coefficient of variation 1), three deadline classes, estimates with 0.5 log-noise, Poisson arrivals. In
 * steady overload plain earliest-deadline-first spends the slots on calls that are late already; demotion gives them up.
 */
import { describe, expect, it } from 'vitest'
import { LedgerPool } from '../../../test/ledger-pool.ts'
import { createRandom, type QueuedCall } from '../../core/index.ts'
import { aQueuedCall, ManualClock } from '../../testing/index.ts'
import { createAdmission } from './admission/create-admission.ts'
import { createDiscipline, type DisciplineName } from './disciplines.ts'
import { createDispatcher } from './dispatcher.ts'

const slots = 16
const jobs = 6_000
const meanServiceMs = 1_000
const deadlineClasses = [2, 5, 12]
const sigma = Math.sqrt(Math.log(2))

/** Share of `jobs` calls that end by their deadline. */
function onTimeShare(name: DisciplineName, load: number): number {
  const clock = new ManualClock()
  const pool = new LedgerPool([{ replica: 'a', slots }])
  const random = createRandom(20)
  const dispatcher = createDispatcher({
    clock,
    pool,
    discipline: createDiscipline(name),
    admission: createAdmission(),
    random: createRandom(1),
    limits: { waiting: Infinity },
    rejectWhenUnusableMs: 1_000,
  })
  let onTime = 0
  const arrive = (index: number) => {
    const nowMs = clock.nowMs()
    const serviceMs = meanServiceMs * Math.exp(sigma * random.normal() - sigma ** 2 / 2)
    const estimateMs = serviceMs * Math.exp(0.5 * random.normal())
    const call: QueuedCall = aQueuedCall({
      id: `call ${index}`,
      enqueuedAtMs: nowMs,
      deadlineAtMs: nowMs + meanServiceMs * random.pick(deadlineClasses),
      remainingMs: estimateMs,
      serviceMs: estimateMs,
      start: (replica) => {
        clock.at(clock.nowMs() + serviceMs, () => {
          if (clock.nowMs() <= call.deadlineAtMs) onTime += 1
          dispatcher.release(call.id, replica)
        })
      },
    })
    dispatcher.enqueue(call)
    if (index + 1 < jobs) clock.at(nowMs + random.exponential(meanServiceMs / slots / load), () => arrive(index + 1))
  }
  clock.at(0, () => arrive(0))
  while (clock.nextAtMs !== null) clock.advanceTo(clock.nextAtMs)
  expect(dispatcher.stats()).toMatchObject({ started: jobs, waiting: 0, inFlight: 0 })
  return onTime / jobs
}

describe('overload', () => {
  it.each([1.1, 1.5])('at %d times the capacity demotion keeps most calls on time, plain edf hardly any', (load) => {
    expect(onTimeShare('edf-demote', load)).toBeGreaterThan(0.75)
    expect(onTimeShare('edf', load)).toBeLessThan(0.15)
    expect(onTimeShare('fcfs', load)).toBeLessThan(0.15)
  })

  it.each([0.5, 0.75])('at %d of the capacity the disciplines are alike', (load) => {
    const shares = (['edf-demote', 'edf', 'fcfs'] as const).map((name) => onTimeShare(name, load))
    expect(Math.max(...shares) - Math.min(...shares)).toBeLessThan(0.02)
    expect(Math.min(...shares)).toBeGreaterThan(0.85)
  })
})
