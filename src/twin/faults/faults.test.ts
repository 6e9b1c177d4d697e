import { describe, expect, it } from 'vitest'
import { aMachine } from '../../../test/simulated-rig.ts'
import type { CallResult } from '../../core/index.ts'
import { anEngineCall } from '../../testing/index.ts'
import { createVirtualClock, type Fidelity, type SimulatedEngineOptions } from '../index.ts'
import { createFaultyEngine, type Fault, type FaultPlan, scheduleFaults } from './index.ts'

const never = new AbortController().signal

/** An engine with one step a millisecond and answers of 10 tokens, under a plan. */
function aPool(faults: FaultPlan, parts: Partial<SimulatedEngineOptions> = {}) {
  const clock = createVirtualClock()
  const engine = createFaultyEngine({
    id: 'm#1',
    model: 'm',
    machine: aMachine({ slots: 4 }),
    apiOverheadMs: 0,
    prefillChunkTokens: 1000,
    clock,
    answers: { answer: () => ({ text: '0123456789', promptTokens: 10, outputTokens: 10, isRight: null }) },
    fidelity: 'event-skipping',
    ...parts,
  })
  scheduleFaults(faults, { clock, engines: [engine] })
  const results: CallResult[] = []
  const sendAt = (atMs: number, abortAtMs = Infinity) => {
    const controller = new AbortController()
    const call = anEngineCall({ id: String(atMs), maxOutputTokens: 100 })
    clock.at(atMs, () => void engine.run(call, controller.signal).then((result) => results.push(result)))
    if (abortAtMs < Infinity) clock.at(abortAtMs, () => controller.abort())
  }
  return { clock, engine, results, sendAt }
}

const fault = (kind: Fault['kind'], rest: Partial<Fault> = {}): Fault => ({
  atMs: 100,
  forMs: 50,
  engine: 'm',
  kind,
  ...rest,
})
const summary = ({ status, error, sentAtMs, finishedAtMs, text }: CallResult) => [
  sentAtMs,
  error?.code ?? status,
  finishedAtMs,
  text,
]
const whole = '0123456789'

describe.each<Fidelity>(['event-skipping', 'iteration-exact'])('faults, %s', (fidelity) => {
  it('down: what is under way breaks off, new calls are refused, and then it serves again', async () => {
    const { clock, engine, results, sendAt } = aPool([fault('down')], { fidelity })
    for (const atMs of [80, 95.5, 120, 150]) sendAt(atMs)
    await clock.advanceTo(120)
    expect(await engine.read(never)).toMatchObject({ health: 'down', running: null })
    await clock.advanceTo(1000)
    expect(results.map(summary)).toEqual([
      [80, 'done', 90, whole],
      [95.5, 'STREAM_INTERRUPTED', 100, '0123'],
      [120, 'ENGINE_UNREACHABLE', 120, ''],
      [150, 'done', 160, whole],
    ])
  })

  it('slow: the steps that begin after it take longer, until it ends; overlapping factors multiply', async () => {
    const plan = [fault('slow', { factor: 2, forMs: 8 }), fault('slow', { factor: 3, atMs: 103, forMs: 1e3 })]
    const { clock, results, sendAt } = aPool(plan, { fidelity })
    sendAt(97.5)
    await clock.advanceTo(2000)
    // To 100.5 plain; 2 ms each from there: 102.5, 104.5; six times: 110.5; then thrice, for the four left.
    expect(results.map(summary)).toEqual([[97.5, 'done', 110.5 + 4 * 3, whole]])
  })

  it('stall: tokens stop and nothing ends by itself, not even afterwards; new calls then work', async () => {
    const { clock, engine, results, sendAt } = aPool([fault('stall')], { fidelity })
    sendAt(95.5, 300)
    sendAt(99, 300)
    sendAt(110, 130)
    sendAt(120, 300)
    sendAt(150)
    await clock.advanceTo(125)
    expect(await engine.read(never)).toMatchObject({ health: 'ok', running: 2, waiting: 2 })
    await clock.advanceTo(299)
    expect(results.map(summary)).toEqual([
      [110, 'aborted', 130, ''],
      [150, 'done', 160, whole],
    ])
    expect(await engine.read(never)).toMatchObject({ running: 0, waiting: 0, kvUsage: 0 })
    await clock.advanceTo(301)
    expect(results.slice(2).map(summary)).toEqual([
      [95.5, 'aborted', 300, '0123'],
      [99, 'aborted', 300, ''],
      [120, 'aborted', 300, ''],
    ])
    expect(engine.statistics()).toMatchObject({ arrived: 5, finished: 1, aborted: 4, failed: 0, kvBlocksInUse: 0 })
  })

  it('overloaded: refuses new calls with 503 and serves those that it has', async () => {
    const { clock, engine, results, sendAt } = aPool([fault('overloaded')], { fidelity })
    for (const atMs of [95.5, 120, 150]) sendAt(atMs)
    await clock.advanceTo(1000)
    expect(results.map(summary)).toEqual([
      [95.5, 'done', 105.5, whole],
      [120, 'ENGINE_OVERLOADED', 120, ''],
      [150, 'done', 160, whole],
    ])
    expect(results[1]?.error?.status).toBe(503)
    expect(engine.statistics()).toMatchObject({ arrived: 3, finished: 2, failed: 1 })
  })
})

describe('readings', () => {
  it('stale: repeat the last one from before, and look fresh', async () => {
    const { clock, engine, sendAt } = aPool([fault('stale-metrics')])
    sendAt(98.5)
    await clock.advanceTo(99)
    await engine.read(never)
    await clock.advanceTo(140)
    expect(await engine.read(never)).toMatchObject({ atMs: 140, running: 1, e2e: { count: 0 } })
    await clock.advanceTo(151)
    expect(await engine.read(never)).toMatchObject({ atMs: 151, running: 0, e2e: { count: 1 } })
  })

  it('missing: the engine serves, and publishes no number', async () => {
    const { clock, engine } = aPool([fault('missing-metrics')])
    await clock.advanceTo(120)
    const reading = await engine.read(never)
    expect(reading).toMatchObject({ health: 'ok', slots: 4, running: null, waiting: null, kvUsage: null, e2e: null })
    expect(reading.missing).toContain('kvUsage')
    await clock.advanceTo(151)
    expect(await engine.read(never)).toMatchObject({ running: 0, missing: [] })
  })

  it('a dead engine publishes nothing, stale or not', async () => {
    const { clock, engine } = aPool([fault('down'), fault('stale-metrics'), fault('overloaded')])
    await engine.read(never)
    await clock.advanceTo(120)
    expect(await engine.read(never)).toMatchObject({ health: 'down' })
    const result = await engine.run(anEngineCall({}), never)
    expect(result.error?.code).toBe('ENGINE_UNREACHABLE')
  })
})

it('names a replica, or a model for all its replicas; Infinity is for good', async () => {
  const plan = [fault('down', { engine: 'm#1', forMs: Infinity })]
  const { clock, engine } = aPool(plan)
  await clock.advanceTo(1e9)
  expect(await engine.read(never)).toMatchObject({ health: 'down' })
})

it.each<[string, Partial<Fault>]>([
  ['an unknown engine', { engine: 'x' }],
  ['no span', { forMs: 0 }],
  ['a time that is none', { atMs: Number.NaN }],
  ['slowness without a factor', { kind: 'slow' }],
  ['a factor of zero', { kind: 'slow', factor: 0 }],
  ['a factor where none belongs', { kind: 'stall', factor: 2 }],
  ['an unknown kind', { kind: 'fire' as Fault['kind'] }],
])('refuses %s, naming the fault', (_what, rest) => {
  const plan = [fault('down'), fault('down', rest)]
  expect(() => aPool(plan)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
  expect(() => aPool(plan)).toThrow(/faults\.1/)
})
