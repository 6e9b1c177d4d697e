import { describe, expect, it } from 'vitest'
import type { ClusterState, Query, StepContext } from '../core/index.ts'
import type { PolicySet } from '../policy/index.ts'
import { aClusterState, anEstimate, aPlan, aQuery, aStepContext } from '../testing/index.ts'
import { type Scrambles, scramblePolicies } from './scrambled.ts'

interface Seen {
  readonly planned: { readonly query: Query; readonly state: ClusterState }[]
  readonly chosen: { readonly step: StepContext; readonly state: ClusterState }[]
  readonly learnt: string[]
}

/** Policies that write down what they are shown. */
function spied(scrambles: Scrambles, seed = 1): { readonly policies: PolicySet; readonly seen: Seen } {
  const seen: Seen = { planned: [], chosen: [], learnt: [] }
  const estimate = anEstimate()
  const policies = {
    predictor: {} as PolicySet['predictor'],
    planner: {
      name: 'rules',
      plan: (query: Query, state: ClusterState) => {
        seen.planned.push({ query, state })
        return aPlan()
      },
      runFinished: () => void seen.learnt.push('planner'),
    },
    executor: {
      name: 'greedy',
      choose: (step: StepContext, state: ClusterState) => {
        seen.chosen.push({ step, state })
        return { kind: 'arm' as const, arm: estimate.arm, estimate, reason: 'x', shareMs: null, alternatives: [] }
      },
      stepFinished: () => void seen.learnt.push('step'),
      runFinished: () => void seen.learnt.push('executor'),
    },
  } as unknown as PolicySet
  return { policies: scramblePolicies(policies, scrambles, seed), seen }
}

const queryOf = (index: number, domain: Query['domain'] = 'math') =>
  aQuery({ domain, features: { embedding: new Float32Array(2), hand: Float32Array.of(index) } })
const stateAt = (running: number, isUsable = true) =>
  aClusterState({ atMs: running, models: [{ model: 'a', running, replicas: [{ running, isUsable }] }] })
const handOf = ({ features }: Query) => features.hand[0] as number

describe('scrambled text', () => {
  it('is that of an earlier question of the domain, the same for all who decide on a query', () => {
    const { policies, seen } = spied({ text: true })
    const queries = Array.from({ length: 100 }, (_, index) => queryOf(index, index % 2 === 0 ? 'math' : 'code'))
    for (const query of queries) {
      policies.planner.plan(query, stateAt(0))
      policies.executor.choose(aStepContext({ query }), stateAt(0))
      policies.executor.choose(aStepContext({ query }), stateAt(0))
    }
    const shown = seen.planned.map(({ query }) => handOf(query))
    expect(seen.chosen.map(({ step }) => handOf(step.query))).toEqual(shown.flatMap((hand) => [hand, hand]))
    for (const [index, hand] of shown.entries()) {
      expect(hand % 2).toBe(index % 2)
      if (index > 1) expect(hand).toBeLessThan(index)
    }
    expect(new Set(shown).size).toBeGreaterThan(40)
  })

  it('changes nothing else of the query, nor of the pool', () => {
    const { policies, seen } = spied({ text: true })
    const state = stateAt(3)
    for (const index of [0, 1]) policies.planner.plan(queryOf(index), state)
    const { features: _, ...rest } = seen.planned[1]!.query
    const { features: __, ...own } = queryOf(1)
    expect(rest).toEqual(own)
    expect(seen.planned[1]!.state).toBe(state)
  })
})

describe('scrambled metrics', () => {
  it('are those of an earlier decision, told as of now', () => {
    const { policies, seen } = spied({ metrics: true })
    for (let running = 0; running < 600; running += 1) policies.planner.plan(queryOf(1), stateAt(running))
    const shown = seen.planned.map(({ state }) => state.models[0]!.running)
    for (const [index, running] of shown.entries()) if (index > 0) expect(running).toBeLessThan(index)
    expect(seen.planned.map(({ state }) => state.atMs)).toEqual(shown.map((_, index) => index))
    for (const { state } of seen.planned) expect(state.model('a')).toBe(state.models[0])
    // Drawn from all that came before, not from the latest or the first alone.
    const late = shown.slice(400)
    expect(Math.min(...late)).toBeLessThan(100)
    expect(Math.max(...late)).toBeGreaterThan(300)
  })

  it('never show an engine as usable that is not, or the other way round', () => {
    const { policies, seen } = spied({ metrics: true })
    for (let index = 0; index < 50; index += 1) policies.executor.choose(aStepContext(), stateAt(index, index % 3 > 0))
    for (const [index, { state }] of seen.chosen.entries())
      expect(state.models[0]!.replicas[0]!.isUsable).toBe(index % 3 > 0)
  })
})

describe('who is scrambled', () => {
  it('says so, and learns as before', () => {
    const { policies, seen } = spied({ text: true, metrics: true })
    expect([policies.planner.name, policies.executor.name]).toEqual(['rules-scrambled', 'greedy-scrambled'])
    policies.planner.runFinished?.({} as never)
    policies.executor.stepFinished?.({} as never)
    policies.executor.runFinished?.({} as never)
    expect(seen.learnt).toEqual(['planner', 'step', 'executor'])
  })

  it('sees the same under the same seed', () => {
    const shown = (seed: number) => {
      const { policies, seen } = spied({ metrics: true }, seed)
      for (let running = 0; running < 50; running += 1) policies.planner.plan(queryOf(1), stateAt(running))
      return seen.planned.map(({ state }) => state.models[0]!.running)
    }
    expect(shown(1)).toEqual(shown(1))
    expect(shown(1)).not.toEqual(shown(2))
  })
})
