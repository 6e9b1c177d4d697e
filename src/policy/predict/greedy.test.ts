import { describe, expect, it } from 'vitest'
import type { PlannedStep, RunOutcome } from '../../core/index.ts'
import { createTopologyBook, layOut, pickRoles } from '../../team/index.ts'
import { aStep } from '../../testing/index.ts'
import { greedyArm, plannedMs } from './greedy-arm.ts'
import type { PricedArm } from './priced-arm.ts'
import { SafetyFactor, safetyGrid } from './safety-factor.ts'
import { pathWeight, timeWeight } from './step-weight.ts'

const line = (model: string, overrides: Partial<PricedArm> = {}): PricedArm => ({
  arm: { model, strategy: 'Concise' },
  isUsable: true,
  fitsContext: true,
  quality: 0.5,
  queueMs: 0,
  ttftMs: 50,
  tpotMs: 10,
  serviceMs: 1_000,
  meanMs: 1_000,
  longestServiceMs: 1e6,
  length: { mu: 4.6, sigma: 0.3, mean: 100, cutShare: 0, relativeVariance: 0.1 },
  shiftMs: 50,
  mu: 6.8,
  sigma: 0.4,
  price: 0,
  ...overrides,
})
const terms = { shareMs: 5_000, safety: 2, weight: 1, siblings: [] as readonly string[] }

describe('greedy rule', () => {
  it('takes the best that surely enough fits, not the best', () => {
    const lines = [
      line('slow', { quality: 0.9, meanMs: 2_600 }),
      line('good', { quality: 0.7, meanMs: 2_400 }),
      line('poor'),
    ]
    expect(greedyArm(lines, terms)?.arm.model).toBe('good')
    expect(greedyArm(lines, { ...terms, safety: 1 })?.arm.model).toBe('slow')
    expect(greedyArm(lines, { ...terms, shareMs: 1_000 })).toBeNull()
  })

  it('plans no longer than an answer that runs to its cap', () => {
    const capped = line('capped', { quality: 0.9, meanMs: 3_000, longestServiceMs: 4_000 })
    expect(plannedMs(capped, 2)).toBe(4_800)
    expect(greedyArm([capped], terms)?.arm.model).toBe('capped')
    expect(plannedMs({ ...capped, queueMs: 1_000 }, 2)).toBe(6_000)
  })

  it('weighs price against quality, the more so for roles of less weight', () => {
    const lines = [line('dear', { quality: 0.8, price: 0.15 }), line('cheap', { quality: 0.6 })]
    expect(greedyArm(lines, terms)?.arm.model).toBe('dear')
    expect(greedyArm(lines, { ...terms, weight: 0.4 })?.arm.model).toBe('cheap')
  })

  it('prefers a model that no sibling uses where it is nearly as good', () => {
    const lines = [line('best', { quality: 0.62 }), line('next', { quality: 0.6 }), line('weak', { quality: 0.5 })]
    expect(greedyArm(lines, terms)?.arm.model).toBe('best')
    expect(greedyArm(lines, { ...terms, siblings: ['best'] })?.arm.model).toBe('next')
    expect(greedyArm(lines, { ...terms, siblings: ['best', 'next'] })?.arm.model).toBe('best')
  })

  it('settles equal scores for the faster arm, then for the earlier', () => {
    expect(greedyArm([line('a', { meanMs: 900 }), line('b', { meanMs: 800 })], terms)?.arm.model).toBe('b')
    expect(greedyArm([line('a'), line('b')], terms)?.arm.model).toBe('a')
  })
})

describe('step weights', () => {
  it('add up along the heaviest way to the end', () => {
    const debate = layOut({
      topology: createTopologyBook().get('debate'),
      agents: 2,
      roles: pickRoles('code', 2),
      merge: 'model',
      aggregatorRole: pickRoles('code', 1)[0] as string,
    })
    const last = debate.at(-1) as PlannedStep
    expect(pathWeight(debate, last)).toBeCloseTo(timeWeight(last))
    const total = timeWeight(debate[0] as PlannedStep) + timeWeight(debate[2] as PlannedStep) + timeWeight(last)
    expect(pathWeight(debate, debate[0] as PlannedStep)).toBeCloseTo(total)
  })

  it('give an escalation more time than a probe', () => {
    expect(timeWeight(aStep({ isEscalation: true }))).toBeGreaterThan(timeWeight(aStep()))
  })
})

describe('safety factor', () => {
  const run = (isOnTime: boolean, isDegraded = false, isFallback = false): RunOutcome => ({
    domain: 'math',
    budgetMs: 10_000,
    latencyMs: 5_000,
    isAnswered: true,
    isOnTime,
    isDegraded,
    isFallback,
    strategy: null,
  })
  /** Epochs in a world where a run is late with a chance that depends on the factor. */
  function serve(epochs: number, lateEvery: (factor: number) => number): SafetyFactor {
    const safety = new SafetyFactor()
    let count = 0
    for (let index = 0; index < epochs * 50; index += 1) {
      count += 1
      safety.recordChoice(0.75 - 0.03 * safety.value)
      safety.recordRun(run(count % lateEvery(safety.value) !== 0))
    }
    return safety
  }

  it.each([
    [1, 1],
    [1.6, 1.5],
    [1.375, 1.5],
    [2.5, 2.7],
    [9, 3.3],
  ])('starts at the value nearest to the one it is told: %s', (startAt, value) => {
    expect(new SafetyFactor(startAt).value).toBe(value)
  })

  it('starts in the middle of its grid', () => {
    expect(new SafetyFactor().value).toBe(2.2)
    expect(safetyGrid).toContain(2.2)
  })

  it('rises where fall-backs alone keep the runs on time', () => {
    const safety = new SafetyFactor()
    for (let index = 0; index < 500; index += 1) safety.recordRun(run(true, true, index % 4 === 0))
    expect(safety.value).toBeGreaterThan(2.2)
    const rare = new SafetyFactor()
    for (let index = 0; index < 500; index += 1) rare.recordRun(run(true, false, index % 50 === 0))
    expect(rare.value).toBeLessThanOrEqual(2.2)
  })

  it('stays for an epoch, then moves one step at a time', () => {
    const safety = new SafetyFactor()
    for (let index = 0; index < 49; index += 1) safety.recordRun(run(false))
    expect(safety.value).toBe(2.2)
    safety.recordRun(run(false))
    expect(safety.value).toBe(2.7)
  })

  it('comes down where nothing is ever late, slowly', () => {
    expect(serve(1, () => 1e9).value).toBe(2.2)
    expect(serve(2, () => 1e9).value).toBe(1.8)
    expect(serve(3, () => 1e9).value).toBe(1.8)
    expect(serve(40, () => 1e9).value).toBeLessThanOrEqual(1.25)
  })

  it('goes to the top where everything is late', () => {
    expect(serve(5, () => 1).value).toBe(3.3)
  })

  it.each([1.5, 2.2])('settles at the smallest factor that keeps the target: %s', (needed) => {
    const safety = serve(60, (factor) => (factor >= needed ? 1e9 : 12))
    expect(safety.value).toBe(needed)
  })

  it('follows drift: what was too small once may be tried again', () => {
    let isHard = true
    const safety = new SafetyFactor()
    for (let index = 0; index < 400 * 50; index += 1) {
      if (index === 20 * 50) isHard = false
      safety.recordRun(run(!(isHard && safety.value < 2.7) || index % 10 !== 0))
    }
    expect(safety.value).toBeLessThan(2.7)
  })
})
