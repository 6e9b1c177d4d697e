/** Each ablation does without what its name says, and the default stack, under the same arrivals, does not. */
import { describe, expect, it } from 'vitest'
import { type HeardRun, hearRuns } from '../../../../test/bench/small-bench.ts'
import type { SimulationInput } from './simulate.ts'

const calm = { ratePerMinute: 30, budgetSeconds: 100, warmUpMinutes: 0.2, minutes: 1 }
const busy = { ratePerMinute: 600, budgetSeconds: 20, warmUpMinutes: 0.3, minutes: 0.3 }
const overfull = { ...busy, ratePerMinute: 1500 }

const stepsOf = ({ record }: HeardRun) => record.steps
const armsOf = (run: HeardRun) => stepsOf(run).flatMap(({ choice }) => ('model' in choice ? [choice] : []))

const played = new Map<string, ReturnType<typeof hearRuns>>()

/** Plays a method under these parts once for all tests. */
function play(method: string, parts: Partial<SimulationInput>): ReturnType<typeof hearRuns> {
  const key = JSON.stringify([method, parts])
  const run = played.get(key) ?? hearRuns(method, parts)
  played.set(key, run)
  return run
}

/** What `of` finds in the runs of a method. */
async function seen<T>(method: string, parts: Partial<SimulationInput>, of: (run: HeardRun) => readonly T[]) {
  return (await play(method, parts)).heard.flatMap(of)
}

describe('the default stack', () => {
  it('is inframind, which today is greedy', async () => {
    const outcomes = async (method: string) => (await play(method, busy)).outcomes
    expect(await outcomes('inframind')).toEqual(await outcomes('greedy'))
  })
})

describe('greedy-solo', () => {
  const agents = (method: string) => seen(method, calm, ({ record }) => [record.plan.agents])
  it('never has a second agent', async () => {
    expect(Math.max(...(await agents('inframind')))).toBeGreaterThan(1)
    expect(new Set(await agents('greedy-solo'))).toEqual(new Set([1]))
  })
})

describe('greedy at one depth', () => {
  // Insurance is no step of the plan, and shallow on purpose.
  const isPlanned = ({ kind }: HeardRun['record']['steps'][number]) => kind !== 'insurance'
  const depths = (method: string) =>
    seen(method, busy, (run) =>
      stepsOf(run).flatMap((step) => (isPlanned(step) && 'strategy' in step.choice ? [step.choice.strategy] : [])),
    )
  it.each([
    ['greedy-flash', 'Flash'],
    ['greedy-concise', 'Concise'],
    ['greedy-deepthink', 'DeepThink'],
  ])('%s thinks at %s alone', async (method, strategy) => {
    expect(new Set(await depths('inframind')).size).toBeGreaterThan(1)
    expect(new Set(await depths(method))).toEqual(new Set([strategy]))
  })
})

describe('greedy-noprobe', () => {
  const topologies = (method: string) => seen(method, calm, ({ record }) => [record.plan.topology])
  it('never probes first', async () => {
    expect(await topologies('inframind')).toContain('probe')
    expect(await topologies('greedy-noprobe')).not.toContain('probe')
  })
})

describe('greedy-noprice', () => {
  const prices = (method: string) => seen(method, busy, (run) => armsOf(run).map(({ price }) => price ?? 0))
  // A thousandth of a point for each second settles ties, on an idle pool too.
  const mostOnIdlePool = 0.001 * busy.budgetSeconds
  it('charges no more on a full pool than on an idle one', async () => {
    expect(Math.max(...(await prices('inframind')))).toBeGreaterThan(2 * mostOnIdlePool)
    expect(Math.max(...(await prices('greedy-noprice')))).toBeLessThan(mostOnIdlePool)
  })
})

describe('greedy-nohold', () => {
  const waits = (method: string) =>
    seen(method, overfull, (run) =>
      stepsOf(run).flatMap(({ queuedAtMs, sentAtMs }) => (sentAtMs === null ? [] : [sentAtMs - queuedAtMs!])),
    )
  it('is compared with a stack that does keep calls back', async () => {
    expect(Math.max(...(await waits('inframind')))).toBeGreaterThan(0)
  })

  it('keeps no call back', async () => {
    expect(Math.max(...(await waits('greedy-nohold')))).toBe(0)
  })
})

describe('policies blind to load', () => {
  const names = (method: string) =>
    seen(method, calm, ({ record: { policy } }) => [`${policy.planner} ${policy.executor}`]).then((all) => [
      ...new Set(all),
    ])

  it.each([
    ['inframind', false, false],
    ['greedy-blind', true, true],
    ['greedy-planner-blind', true, false],
    ['greedy-executor-blind', false, true],
  ])('%s: planner %s, executor %s', async (method, isPlannerBlind, isExecutorBlind) => {
    const [name, ...others] = await names(method)
    expect(others).toEqual([])
    const [planner, executor] = (name as string).split(' ')
    expect([planner?.endsWith('-blind'), executor?.endsWith('-blind')]).toEqual([isPlannerBlind, isExecutorBlind])
  })

  it('expect no wait, however long the queues are', async () => {
    const queued = (method: string) =>
      seen(method, overfull, (run) =>
        stepsOf(run).flatMap(({ kind, predicted }) => (predicted && kind !== 'insurance' ? [predicted.queueMs] : [])),
      )
    expect(Math.max(...(await queued('inframind')))).toBeGreaterThan(0)
    expect(Math.max(...(await queued('greedy-executor-blind')))).toBe(0)
  })
})

describe('suffixes', () => {
  it.each([
    ['greedy+planner-blind', 'greedy-planner-blind'],
    ['greedy+executor-blind', 'greedy-executor-blind'],
    ['greedy+executor-blind+planner-blind', 'greedy-blind'],
    ['greedy+flash', 'greedy-flash'],
    ['greedy+noprice', 'greedy-noprice'],
  ])('%s is %s', async (suffixed, named) => {
    const outcomes = async (method: string) => (await play(method, busy)).outcomes
    expect(await outcomes(suffixed)).toEqual(await outcomes(named))
    expect(await outcomes(suffixed)).not.toEqual(await outcomes('greedy'))
  })

  it('scrambled-metrics decides otherwise, by name and by deed', async () => {
    const scrambled = await seen('greedy+scrambled-metrics', busy, ({ record: { policy } }) => [policy.planner])
    expect(new Set(scrambled)).toEqual(new Set(['rules-scrambled']))
    const outcomes = async (method: string) => (await play(method, busy)).outcomes
    expect(await outcomes('greedy+scrambled-metrics')).not.toEqual(await outcomes('greedy'))
  })

  it('scrambled-text changes what reads the text, and nothing else', async () => {
    const outcomes = async (method: string) => (await play(method, busy)).outcomes
    expect(await outcomes('greedy+scrambled-text')).toEqual(await outcomes('greedy'))
  })
})

describe('worse metrics', () => {
  const outcomes = async (metrics?: SimulationInput['metrics']) =>
    (await play('greedy', { ...busy, ...(metrics ? { metrics } : {}) })).outcomes
  it('change decisions: noise, age and rare polls alike; none changes none', async () => {
    const plain = await outcomes()
    expect(await outcomes({ pollMs: 1000, noise: 0, ageMs: 0 })).toEqual(plain)
    for (const metrics of [{ noise: 1 }, { ageMs: 10_000 }, { pollMs: 20_000 }])
      expect(await outcomes(metrics), JSON.stringify(metrics)).not.toEqual(plain)
  })

  it('are the same under the same seed', async () => {
    const run = async () => (await hearRuns('greedy', { ...busy, metrics: { noise: 1 } })).outcomes
    expect(await run()).toEqual(await run())
  })
})

describe('mcpp', () => {
  it('decides by its own executor', async () => {
    const executors = await seen('mcpp', calm, ({ record }) => [record.policy.executor])
    expect(new Set(executors)).toEqual(new Set(['mcpp']))
  })
})
