/**
 * @file The twin's engines, as a whole: both fidelities give the same run, whatever happens to the pool; nothing is lost;
 * and no step is faster than the machine allows.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type MachineProfile, type RunRecord, strategyIds } from '../src/core/index.ts'
import { createTwinWorld, loadProfile, runWorkload, shippedProfiles, type TwinWorldOptions } from '../src/lab/index.ts'
import { createSyntheticQuestions, syntheticDatasets } from '../src/lab/questions/index.ts'
import { createStepTimer } from '../src/twin/engine/step-time.ts'
import { type Fault, type FaultPlan, faultKinds } from '../src/twin/index.ts'
import { type PoolCall, type PoolLoad, type PoolRun, playPool } from './simulated-pool.ts'
import { aMachine, createRig } from './simulated-rig.ts'

const endMs = 60_000
// Integers are drawn evenly, doubles mostly tiny; no round numbers, or instants would coincide by themselves.
const instant = (max: number) => fc.integer({ min: 1, max: 1e9 }).map((part) => (part * max) / 1e9)

const call: fc.Arbitrary<PoolCall> = fc
  .record({
    engine: fc.integer({ min: 0, max: 2 }),
    // Some arrive together, as a team's calls do.
    atMs: fc.oneof(instant(3_000), fc.constantFrom(100.1, 900.9, 1_700.7)),
    run: fc.constantFrom('a', 'b', 'c'),
    sharedTokens: fc.integer({ min: 0, max: 40 }),
    ownTokens: fc.integer({ min: 1, max: 40 }),
    outputTokens: fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 40, max: 150 })),
    maxOutputTokens: fc.integer({ min: 1, max: 400 }),
    patienceMs: fc.option(instant(2_000), { freq: 3, nil: endMs }),
  })
  .map(({ ownTokens, patienceMs, ...rest }) => ({
    ...rest,
    promptTokens: rest.sharedTokens + ownTokens,
    abortAtMs: Math.min(endMs, rest.atMs + patienceMs),
  }))

const fault: fc.Arbitrary<Fault> = fc
  .record({
    atMs: instant(3_000),
    forMs: instant(1_500),
    engine: fc.constantFrom('m0', 'm1#1', 'm2'),
    kind: fc.constantFrom(...faultKinds),
    factor: fc.integer({ min: 50, max: 400 }).map((part) => part / 100),
  })
  .map(({ factor, ...rest }) => (rest.kind === 'slow' ? { ...rest, factor } : rest))

const machine: fc.Arbitrary<MachineProfile> = fc
  .record({
    slots: fc.integer({ min: 1, max: 6 }),
    // Down to a cache that holds one long call alone.
    blocks: fc.integer({ min: 58, max: 130 }),
    decodeC0: fc.constantFrom(3.137, 5.291),
  })
  .map(({ blocks, ...rest }) => {
    const step = { decodeC3: 0.01031, b0: 6.271, w0: 0.513, k1: 0.0877, k2: 0.0191, k3: 0.0097, k4: 1e-5 }
    return aMachine({ ...rest, ...step, kvTokens: blocks * 4, blockTokens: 4, hostMs: 0.7 })
  })

const load: fc.Arbitrary<PoolLoad> = fc.record({
  machines: fc.tuple(machine, machine, machine),
  calls: fc.array(call, { minLength: 1, maxLength: 40, size: 'large' }),
  eta: fc.constantFrom(0, 1.15, 3),
  prefixCache: fc.boolean(),
  prefillChunkTokens: fc.integer({ min: 3, max: 100 }),
  faults: fc.array(fault, { maxLength: 4 }),
})

/** Requests and tokens are all accounted for, and every answer is whole that was not cut, aborted or broken off. */
function expectConserved({ results, statistics }: PoolRun, { calls }: PoolLoad): void {
  const sum = (field: keyof PoolRun['statistics'][number]) => statistics.reduce((total, each) => total + each[field], 0)
  const count = (...statuses: string[]) => results.filter(({ status }) => statuses.includes(status)).length
  expect(sum('arrived')).toBe(calls.length)
  expect([sum('finished'), sum('aborted'), sum('failed')]).toEqual([
    count('done', 'cut'),
    count('aborted'),
    count('failed'),
  ])
  expect(sum('generationTokens')).toBe(results.reduce((total, { usage }) => total + usage.outputTokens, 0))
  const begun = results.filter(({ firstTokenAtMs }) => firstTokenAtMs !== null)
  expect(sum('promptTokens')).toBe(begun.reduce((total, { usage }) => total + usage.promptTokens, 0))
  expect(sum('kvBlocksInUse')).toBe(0)
  for (const [index, { status, usage, text }] of results.entries()) {
    const { outputTokens, maxOutputTokens = 0 } = calls[index] as PoolCall
    if (status === 'done' || status === 'cut') expect(usage.outputTokens).toBe(Math.min(outputTokens, maxOutputTokens))
    expect(text).toHaveLength(4 * usage.outputTokens)
  }
}

it('three engines on a GPU, with faults: skipping steps changes nothing, to the last bit, and nothing is lost', async () => {
  const seen = { preemptions: 0, cachedTokens: 0, failed: 0, aborted: 0, finished: 0 }
  await fc.assert(
    fc.asyncProperty(load, async (each) => {
      const exact = await playPool(each, 'iteration-exact', endMs)
      const skipping = await playPool(each, 'event-skipping', endMs)
      expect(skipping).toEqual(exact)
      expectConserved(exact, each)
      for (const statistics of exact.statistics) {
        for (const name of Object.keys(seen) as (keyof typeof seen)[]) seen[name] += statistics[name]
      }
    }),
    { seed: 11, numRuns: 250 },
  )
  // The loads must be worth their name.
  expect(seen.preemptions).toBeGreaterThan(100)
  expect(seen.cachedTokens).toBeGreaterThan(1_000)
  expect(seen.failed).toBeGreaterThan(100)
  expect(seen.aborted).toBeGreaterThan(500)
  expect(seen.finished).toBeGreaterThan(1_000)
})

it('engines that share a GPU slow each other as the continuous rule says, the closer the shorter their steps', async () => {
  /** Time that 2 s of work take on three engines that begin together. */
  const spanMs = async (eta: number, stepMs: number) => {
    const calls = [0, 1, 2].map((engine) => ({ engine, atMs: 5, outputTokens: 2_000 / stepMs }))
    const machines = calls.map(() => aMachine({ decodeC0: stepMs, b0: stepMs }))
    const pool = { machines, calls, eta, prefixCache: false, prefillChunkTokens: 100, faults: [] }
    const { results } = await playPool(pool, 'event-skipping', endMs)
    const [first, ...others] = results.map(({ finishedAtMs }) => finishedAtMs - 5 - 7.3)
    for (const span of others) expect(span).toBe(first)
    return first ?? Number.NaN
  }
  expect(await spanMs(0, 10)).toBeCloseTo(2_000, 6)
  // The two others' duties are 1 - exp(-t): the work ends at T with integral over [0, T] of dt / (a - b exp(-t)) = 2,
  // where a = 1 + 2 eta and b = 2 eta; that is ln(a exp(T) - b) / a, since a - b = 1.
  const idealMs = 1_000 * Math.log((Math.exp(2 * 3.3) + 2.3) / 3.3)
  // A step takes its factor from its start, when the rising duty was lower still: always a little ahead.
  const gaps = [await spanMs(1.15, 10), await spanMs(1.15, 1)].map((span) => 1 - span / idealMs)
  for (const gap of gaps) expect(gap).toBeGreaterThan(0)
  expect(gaps[0]).toBeLessThan(0.004)
  expect(gaps[1]).toBeLessThan(0.0004)
})

const profile = loadProfile('paper-b200')
const questions = syntheticDatasets.flatMap((dataset) => createSyntheticQuestions({ dataset, count: 60, seed: 1 }))

/** Everything at once, on the paper's pool. */
const allFaults: FaultPlan = [
  { atMs: 3_000, forMs: 5_000, engine: 'Mistral-Small-24B-Instruct-2501', kind: 'down' },
  { atMs: 6_000, forMs: 9_000, engine: 'Qwen2.5-Coder-14B-Instruct', kind: 'slow', factor: 3.3 },
  { atMs: 9_000, forMs: 6_000, engine: 'Llama-3.1-8B-Instruct', kind: 'stall' },
  { atMs: 12_000, forMs: 6_000, engine: 'Llama-3.2-3B-Instruct', kind: 'overloaded' },
  { atMs: 2_000, forMs: 9_000, engine: 'Llama-3.2-3B-Instruct', kind: 'stale-metrics' },
  { atMs: 14_000, forMs: 9_000, engine: 'Mistral-Small-24B-Instruct-2501', kind: 'missing-metrics' },
]

/** The same pool with a quarter of the KV cache. */
const tight = {
  ...profile,
  models: Object.fromEntries(
    Object.entries(profile.models).map(([model, parts]) => [
      model,
      { ...parts, kvTokens: { ...parts.kvTokens, value: Math.floor(parts.kvTokens.value / 4) } },
    ]),
  ),
}

type Cell = Partial<TwinWorldOptions> & { readonly rate: number }

/** What the runs of a workload came to, and what the engines did. */
async function playCell({ rate, ...rest }: Cell) {
  const written: RunRecord[] = []
  const trace = { write: (record: RunRecord) => void written.push(record) }
  const world = createTwinWorld({ profile, questions, seed: 1, trace, ...rest })
  const budgetsMs = [10_000, 30_000, 100_000]
  await runWorkload(world, { questions, queries: 80, arrivalRatePerMinute: rate, budgetsMs, seed: 1 })
  return { written, statistics: world.engines.map((engine) => engine.statistics()) }
}

const single = (model: string, strategy: (typeof strategyIds)[number]) => ({
  policy: {
    planner: { kind: 'fixed', topology: 'io', agents: 1 },
    executor: { kind: 'fixed', model, strategy },
    discipline: 'edf-demote',
  } as const,
})

const cells: readonly [string, Cell][] = [
  ['10 a minute', { rate: 10 }],
  ['100 a minute', { rate: 100 }],
  ['300 a minute', { rate: 300 }],
  ['100 a minute, GPUs not shared', { rate: 100, sharesGpus: false }],
  ['100 a minute, prefix cache', { rate: 100, prefixCache: true }],
  ['100 a minute, faults', { rate: 100, faults: allFaults }],
  ['300 a minute, prefix cache, faults', { rate: 300, prefixCache: true, faults: allFaults }],
  ['300 a minute, a quarter of the KV', { rate: 300, profile: tight }],
  ...strategyIds.map((strategy): [string, Cell] => [
    `300 a minute, all to the 14B model with ${strategy}, a quarter of the KV, no hold-back`,
    { rate: 300, profile: tight, world: { holdsBack: false }, ...single('Qwen2.5-Coder-14B-Instruct', strategy) },
  ]),
]

it.each(cells)('the whole stack, %s: the same records to the last bit', async (_name, cell) => {
  const exact = await playCell({ ...cell, fidelity: 'iteration-exact' })
  expect(await playCell({ ...cell, fidelity: 'event-skipping' })).toEqual(exact)
  expect(exact.written).toHaveLength(80)
})

/** Memory bandwidth in TB/s and bf16 TFLOPS per GPU: calibration data, the constants behind `step_time_fits.csv`. */
const gpus = {
  b200: { bandwidth: 7.7, teraflops: 2250 },
  h100: { bandwidth: 3.35, teraflops: 989 },
  a100: { bandwidth: 2.039, teraflops: 312 },
} as const

/** Parameters in billions, weights in GB, KV bytes per token: calibration data, `step_time_fits.csv`. */
const sizes = {
  'DeepSeek-R1-Distill-Qwen-32B': { parameters: 32.76, weights: 63.96, kvBytes: 262_144 },
  'Mistral-Small-24B-Instruct-2501': { parameters: 23.57, weights: 45.8, kvBytes: 163_840 },
  'Qwen2.5-Coder-14B-Instruct': { parameters: 14.77, weights: 27.98, kvBytes: 196_608 },
  'Llama-3.1-8B-Instruct': { parameters: 8.03, weights: 15.01, kvBytes: 131_072 },
  'Llama-3.2-3B-Instruct': { parameters: 3.21, weights: 6.42, kvBytes: 114_688 },
} as const

const rooflines = shippedProfiles()
  .map((name) => [name, gpus[name.split('-').at(-1) as keyof typeof gpus]] as const)
  .filter(([name, gpu]) => name.startsWith('paper-') && gpu !== undefined)

describe.each(rooflines)('the roofline of %s', (name, gpu) => {
  const { models } = loadProfile(name)

  it.each(Object.entries(sizes))('%s: no simulated step beats it', async (model, { parameters, weights, kvBytes }) => {
    const parts = models[model] as MachineProfile
    const memoryMs = (kvTokens: number) => (weights + (kvBytes * kvTokens) / 1e9) / gpu.bandwidth
    const computeMs = (tokens: number) => (2 * parameters * tokens) / gpu.teraflops
    const timer = createStepTimer(parts)
    const [slots, cache] = [parts.slots.value, parts.kvTokens.value]
    for (const kvTokens of [0, 0.001, 0.01, 0.1, 0.3, 0.6, 1].map((share) => Math.floor(share * cache))) {
      expect(timer.decodeMs(kvTokens)).toBeGreaterThan(Math.max(memoryMs(kvTokens), computeMs(slots)))
      for (const prefillTokens of [1, 16, 64, 128, 256, 512, 1_024, 2_048]) {
        for (const decodeSequences of [0, 1, slots - 1]) {
          const ms = timer.prefillMs({ decodeSequences, kvTokens, prefillTokens })
          expect(ms).toBeGreaterThan(Math.max(memoryMs(kvTokens), computeMs(prefillTokens + decodeSequences)))
        }
      }
    }
    // And as a caller sees it: one call, alone.
    const rig = createRig({ machine: parts, prefillChunkTokens: 2_048 })
    const result = await rig.clock.run(rig.send({ promptTokens: 3_000, outputTokens: 64 }))
    expect(result.firstTokenAtMs).toBeGreaterThan(computeMs(3_000))
    expect(result.finishedAtMs - (result.firstTokenAtMs ?? 0)).toBeGreaterThan(63 * memoryMs(3_000))
  })
})
