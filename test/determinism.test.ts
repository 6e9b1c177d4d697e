/** @file Virtual time repeats itself: same seed, same records byte for byte; another seed, other records. */
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { RunRecord } from '../src/core/index.ts'
import { createTwinWorld, loadProfile, type PolicyChoice, runWorkload } from '../src/lab/index.ts'
import { createSyntheticQuestions, syntheticDatasets } from '../src/lab/questions/index.ts'

const profile = loadProfile('paper-b200')
const questions = syntheticDatasets.flatMap((dataset) => createSyntheticQuestions({ dataset, count: 60, seed: 1 }))

async function play(options: { readonly seed: number; readonly queries: number; readonly policy?: PolicyChoice }) {
  const written: RunRecord[] = []
  const world = createTwinWorld({
    profile,
    questions,
    seed: options.seed,
    trace: { write: (record) => void written.push(record) },
    ...(options.policy ? { policy: options.policy } : {}),
  })
  const outcome = await runWorkload(world, {
    questions,
    queries: options.queries,
    arrivalRatePerMinute: 200,
    budgetsMs: [10_000, 30_000, 60_000],
    seed: options.seed,
  })
  const hash = createHash('sha256')
  for (const record of written) hash.update(`${JSON.stringify(record)}\n`)
  return { ...outcome, written, hash: hash.digest('hex'), world }
}

describe('a workload of 1,000 queries in virtual time', () => {
  it('gives the same records byte for byte twice, and others under another seed', async () => {
    const first = await play({ seed: 7, queries: 1000 })
    const second = await play({ seed: 7, queries: 1000 })
    const other = await play({ seed: 8, queries: 1000 })
    expect(first.written).toHaveLength(1000)
    expect(second.hash).toBe(first.hash)
    expect(other.hash).not.toBe(first.hash)
  })

  it('loses no query, and every one has an outcome', async () => {
    const { runs, world } = await play({ seed: 3, queries: 1000 })
    expect(runs).toHaveLength(1000)
    expect(new Set(runs.map(({ record }) => record.runId)).size).toBe(1000)
    for (const { record } of runs) {
      const isSaid = record.isOnTime || record.degraded.length > 0 || record.errorCode !== null
      expect(isSaid, record.runId).toBe(true)
    }
    expect(world.runtime.inFlight).toBe(0)
    for (const engine of world.engines) expect(world.monitor.inFlight(engine.id)).toBe(0)
  })

  it('never runs more calls on an engine than it has slots, and keeps its steps inside the budget', async () => {
    const { written } = await play({ seed: 5, queries: 600 })
    for (const { steps, deadlineAtMs, arrivedAtMs, finishedAtMs } of written) {
      expect(finishedAtMs).toBeLessThanOrEqual(deadlineAtMs)
      for (const { sentAtMs, queuedAtMs } of steps) {
        if (sentAtMs === null || queuedAtMs === null) continue
        expect(queuedAtMs).toBeGreaterThanOrEqual(arrivedAtMs)
        expect(sentAtMs).toBeGreaterThanOrEqual(queuedAtMs)
        expect(sentAtMs).toBeLessThan(deadlineAtMs)
      }
    }
    expect(peakCalls(written)).toBeLessThanOrEqual(16)
  })

  it.each(['edf', 'fcfs'] as const)('runs under %s, too', async (discipline) => {
    const policy: PolicyChoice = { planner: 'rules', executor: 'least-loaded', discipline }
    const { runs } = await play({ seed: 2, queries: 300, policy })
    expect(runs.filter(({ record }) => record.outcome === 'answered').length).toBeGreaterThan(250)
  })
})

/** Most calls that one replica held at once, from the records alone. */
function peakCalls(records: readonly RunRecord[]): number {
  const edges = new Map<string, [number, number][]>()
  for (const { replica, sentAtMs, finishedAtMs } of records.flatMap(({ steps }) => steps)) {
    if (replica === null || sentAtMs === null || finishedAtMs === null) continue
    const list = edges.get(replica) ?? []
    list.push([sentAtMs, 1], [finishedAtMs, -1])
    edges.set(replica, list)
  }
  let peak = 0
  for (const list of edges.values()) {
    let running = 0
    for (const [, change] of list.sort(([a, x], [b, y]) => a - b || x - y)) {
      running += change
      peak = Math.max(peak, running)
    }
  }
  return peak
}
