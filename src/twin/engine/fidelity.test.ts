import fc from 'fast-check'
import { expect, it } from 'vitest'
import { aMachine, createRig, type TimedCall } from '../../../test/simulated-rig.ts'
import type { CallResult } from '../../core/index.ts'
import type { EngineStatistics, Fidelity } from './index.ts'

interface Workload {
  readonly calls: readonly (TimedCall & { readonly gapMs: number; readonly abortAfterMs: number | undefined })[]
  readonly slots: number
  readonly blocks: number
  readonly prefillChunkTokens: number
  readonly apiOverheadMs: number
  readonly scheduling: 'fcfs' | 'priority'
  /** Where the slowdown changes, and to what. */
  readonly slowdowns: readonly (readonly [number, number])[]
  /** Where someone looks at the engine. */
  readonly readings: readonly number[]
}

// Integers are drawn evenly, doubles mostly tiny; no round numbers, or instants would coincide with step boundaries.
const instant = (max: number) => fc.integer({ min: 0, max: 1e9 }).map((part) => (part * max) / 1e9)
const call = fc.record({
  gapMs: fc.oneof(instant(60), fc.constant(0), instant(600)),
  promptTokens: fc.integer({ min: 1, max: 60 }),
  outputTokens: fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 60, max: 150 })),
  maxOutputTokens: fc.integer({ min: 1, max: 800 }),
  deadlineAtMs: fc.integer({ min: 0, max: 5 }),
  abortAfterMs: fc.option(instant(1_500), { nil: undefined, freq: 3 }),
})
const workload: fc.Arbitrary<Workload> = fc.record({
  calls: fc.array(call, { minLength: 1, maxLength: 25, size: 'large' }).map((calls) => {
    let atMs = 0
    return calls.map((each) => {
      atMs += each.gapMs
      const abort = each.abortAfterMs === undefined ? {} : { abortAtMs: atMs + each.abortAfterMs }
      return { ...each, atMs, ...abort }
    })
  }),
  slots: fc.integer({ min: 1, max: 6 }),
  // Down to a cache that holds one long call alone.
  blocks: fc.integer({ min: 53, max: 120 }),
  prefillChunkTokens: fc.integer({ min: 3, max: 100 }),
  apiOverheadMs: fc.constantFrom(0, 7.3),
  scheduling: fc.constantFrom('fcfs', 'priority'),
  slowdowns: fc.array(
    fc.tuple(
      instant(3_000),
      fc.integer({ min: 100, max: 300 }).map((part) => part / 100),
    ),
    { maxLength: 4 },
  ),
  readings: fc.array(instant(3_000), { maxLength: 6 }),
})

interface Played {
  readonly results: readonly CallResult[]
  readonly readings: readonly unknown[]
  readonly statistics: EngineStatistics
}

/** Plays a workload; checks on the way that slots and blocks are never overdrawn. */
async function play(load: Workload, fidelity: Fidelity): Promise<Played> {
  let factor = 1
  // No round numbers: boundaries of different causes must not coincide.
  const step = {
    decodeC0: 5.137,
    decodeC3: 0.01031,
    b0: 6.271,
    w0: 0.513,
    k1: 0.0877,
    k2: 0.0191,
    k3: 0.0097,
    k4: 1e-5,
  }
  const machine = aMachine({ ...step, slots: load.slots, kvTokens: load.blocks * 4, blockTokens: 4, hostMs: 0.7 })
  const { prefillChunkTokens, apiOverheadMs, scheduling } = load
  const slowdown = () => factor
  const rig = createRig({ fidelity, machine, prefillChunkTokens, apiOverheadMs, scheduling, slowdown })
  for (const [atMs, value] of load.slowdowns) {
    rig.clock.at(atMs, () => {
      factor = value
      rig.engine.slowdownChanged()
    })
  }
  const readings: unknown[] = []
  for (const atMs of load.readings) {
    rig.clock.at(atMs, () => {
      const statistics = rig.engine.statistics()
      expect(statistics.kvBlocksInUse).toBeLessThanOrEqual(statistics.kvBlocks)
      readings.push(statistics)
      void rig.engine.read(new AbortController().signal).then((reading) => readings.push(reading))
    })
  }
  const results = await rig.play(load.calls)
  // Whoever was aborted last leaves at the next boundary.
  await rig.clock.advanceTo(rig.clock.nowMs() + 10_000)
  return { results, readings, statistics: rig.engine.statistics() }
}

function expectConserved({ results, statistics }: Played, load: Workload): void {
  const count = (...statuses: CallResult['status'][]) =>
    results.filter(({ status }) => statuses.includes(status)).length
  expect(statistics).toMatchObject({
    arrived: load.calls.length,
    finished: count('done', 'cut'),
    aborted: count('aborted'),
    failed: 0,
    kvBlocksInUse: 0,
  })
  expect(statistics.peakRunning).toBeLessThanOrEqual(load.slots)
  expect(statistics.generationTokens).toBe(results.reduce((sum, { usage }) => sum + usage.outputTokens, 0))
  const prefilled = results.filter(({ firstTokenAtMs }) => firstTokenAtMs !== null)
  expect(statistics.promptTokens).toBe(prefilled.reduce((sum, { usage }) => sum + usage.promptTokens, 0))
  for (const [index, { status, usage, firstTokenAtMs, finishedAtMs, sentAtMs }] of results.entries()) {
    const { outputTokens, maxOutputTokens = 0 } = load.calls[index] as TimedCall
    if (status !== 'aborted') expect(usage.outputTokens).toBe(Math.min(outputTokens, maxOutputTokens))
    expect(firstTokenAtMs === null).toBe(usage.outputTokens === 0)
    expect(finishedAtMs).toBeGreaterThanOrEqual(firstTokenAtMs ?? sentAtMs)
  }
}

it('skipping events changes nothing, to the last bit: instants, tokens, texts, readings; and nothing is lost', async () => {
  let preemptions = 0
  let aborted = 0
  await fc.assert(
    fc.asyncProperty(workload, async (load) => {
      const exact = await play(load, 'iteration-exact')
      const skipping = await play(load, 'event-skipping')
      expect(skipping).toEqual(exact)
      expectConserved(skipping, load)
      preemptions += exact.statistics.preemptions
      aborted += exact.statistics.aborted
    }),
    { seed: 7, numRuns: 300 },
  )
  // The workloads must be worth their name.
  expect(preemptions).toBeGreaterThan(200)
  expect(aborted).toBeGreaterThan(500)
})

it('skips: a lone long answer takes a handful of events, not one a token', async () => {
  const events = async (fidelity: Fidelity) => {
    const { clock } = createRig()
    let events = 0
    const counting = {
      nowMs: () => clock.nowMs(),
      at: clock.at.bind(clock),
      atInternal: clock.atInternal.bind(clock),
      settled: () => clock.settled(),
      alarm: (fn: () => void) =>
        clock.alarm(() => {
          events++
          fn()
        }),
    }
    const answers = { answer: () => ({ text: '', promptTokens: 10, outputTokens: 5_000, isRight: null }) }
    const { send } = createRig({ fidelity, clock: counting, answers })
    await clock.run(send({ outputTokens: 5_000 }))
    return events
  }
  expect(await events('event-skipping')).toBe(2)
  expect(await events('iteration-exact')).toBe(5_000)
})
