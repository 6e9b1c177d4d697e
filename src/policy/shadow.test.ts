import { describe, expect, it } from 'vitest'
import { paperModels, paperPrior, paperState } from '../../test/policy/paper-pool.ts'
import type { Choice, Executor, Plan, Planner } from '../core/index.ts'
import { anArm, anEstimate, aPlan, aQuery, aStepContext, aStepOutcome } from '../testing/index.ts'
import { createPolicySet, type PolicySet } from './policy-set.ts'
import { type Comparison, withShadow } from './shadow.ts'

const plan = (overrides: Partial<Plan> = {}): Plan => ({ ...aPlan(), ...overrides })
const choice = (model: string, probability?: number): Choice => {
  const arm = anArm({ model })
  const taken = { arm, estimate: anEstimate({ arm }), reason: 'x', shareMs: null, alternatives: [] }
  return { kind: 'arm', ...taken, ...(probability === undefined ? {} : { probability }) }
}
const setOf = (
  parts: { readonly planner?: Partial<Planner>; readonly executor?: Partial<Executor> } = {},
): PolicySet => {
  const set = createPolicySet({ prior: paperPrior, models: paperModels })
  return {
    predictor: set.predictor,
    planner: { name: 'p', plan: () => plan(), ...parts.planner },
    executor: { name: 'e', choose: () => choice('a'), ...parts.executor },
  }
}
const broken = (): never => {
  throw new Error('from the policy that looks on')
}

function looking(shadow: PolicySet, served = setOf()) {
  const compared: Comparison[] = []
  const set = withShadow(served, { shadow, onCompared: (comparison) => void compared.push(comparison) })
  return { set, compared }
}

describe('a plan with another policy looking on', () => {
  const planned = (shadow: Partial<Plan>) => {
    const { set, compared } = looking(setOf({ planner: { name: 'other', plan: () => plan(shadow) } }))
    return { plan: set.planner.plan(aQuery(), paperState()), compared }
  }

  it('is the plan as it was, with what the other would have done', () => {
    const { plan: seen, compared } = planned({ agents: 3, topology: 'debate', merge: 'vote', probability: 0.4 })
    const { shadow, ...rest } = seen
    expect(rest).toEqual(plan())
    expect(shadow).toEqual({
      planner: 'other',
      topology: 'debate',
      agents: 3,
      merge: 'vote',
      probability: 0.4,
      agrees: false,
    })
    expect(compared).toEqual([{ level: 'planner', outcome: 'different' }])
  })

  it.each([
    [{}, true],
    [{ quality: 0.1, reason: 'else' }, true],
    [{ agents: 9 }, false],
    [{ topology: 'else' }, false],
    [{ merge: 'vote' as const }, false],
  ])('agrees by topology, agents and merge: %o', (shadow, agrees) => {
    const { plan: seen, compared } = planned(shadow)
    expect(seen.shadow).toMatchObject({ agrees, probability: 1 })
    expect(compared).toEqual([{ level: 'planner', outcome: agrees ? 'same' : 'different' }])
  })
})

describe('a choice with another policy looking on', () => {
  it.each<[string, Choice, Choice, object]>([
    ['the same arm', choice('a'), choice('a', 0.7), { arm: anArm({ model: 'a' }), probability: 0.7, agrees: true }],
    ['another arm', choice('a'), choice('b'), { arm: anArm({ model: 'b' }), probability: 1, agrees: false }],
    [
      'a stop',
      choice('a'),
      { kind: 'stop', reason: 'x', probability: 0.6 },
      { arm: null, probability: 0.6, agrees: false },
    ],
    [
      'an arm instead of a stop',
      { kind: 'stop', reason: 'x' },
      choice('b'),
      { arm: anArm({ model: 'b' }), agrees: false },
    ],
    ['two stops', { kind: 'stop', reason: 'x' }, { kind: 'stop', reason: 'y' }, { arm: null, agrees: true }],
  ])('notes %s', (_, served, other, noted) => {
    const shadow = setOf({ executor: { name: 'other', choose: () => other } })
    const { set, compared } = looking(shadow, setOf({ executor: { choose: () => served } }))
    const { shadow: seen, ...rest } = set.executor.choose(aStepContext(), paperState())
    expect(rest).toEqual(served)
    expect(seen).toMatchObject({ executor: 'other', ...noted })
    expect(compared).toEqual([
      { level: 'executor', outcome: (noted as { agrees: boolean }).agrees ? 'same' : 'different' },
    ])
  })
})

describe('a policy that looks on and throws', () => {
  it('changes nothing and is counted', () => {
    const shadow = setOf({
      planner: { plan: broken, runFinished: broken },
      executor: { choose: broken, stepFinished: broken, runFinished: broken },
    })
    const { set, compared } = looking({ ...shadow, predictor: { ...shadow.predictor, observe: broken } })
    expect(set.planner.plan(aQuery(), paperState())).toEqual(plan())
    expect(set.executor.choose(aStepContext(), paperState())).toEqual(choice('a'))
    set.predictor.observe(aStepOutcome())
    set.planner.runFinished?.({} as never)
    set.executor.stepFinished?.(aStepOutcome())
    set.executor.runFinished?.({} as never)
    expect(compared).toEqual([
      { level: 'planner', outcome: 'failed' },
      { level: 'executor', outcome: 'failed' },
    ])
  })

  it('hides no failure of the policy that serves', () => {
    const { set } = looking(setOf(), setOf({ planner: { plan: broken }, executor: { choose: broken } }))
    expect(() => set.planner.plan(aQuery(), paperState())).toThrow('looks on')
    expect(() => set.executor.choose(aStepContext(), paperState())).toThrow('looks on')
  })
})

describe('both policies', () => {
  it('hear every outcome; predictions are those of the one that serves', () => {
    const heard: string[] = []
    const hearing = (name: string): PolicySet => {
      const set = setOf({
        planner: { runFinished: () => void heard.push(`${name} planner`) },
        executor: {
          stepFinished: () => void heard.push(`${name} step`),
          runFinished: () => void heard.push(`${name} executor`),
        },
      })
      return { ...set, predictor: { ...set.predictor, observe: () => void heard.push(`${name} predictor`) } }
    }
    const served = hearing('served')
    const { set } = looking(hearing('shadow'), served)
    set.predictor.observe(aStepOutcome())
    set.executor.stepFinished?.(aStepOutcome())
    set.planner.runFinished?.({} as never)
    set.executor.runFinished?.({} as never)
    const kinds = ['predictor', 'step', 'planner', 'executor']
    expect(heard).toEqual(kinds.flatMap((kind) => [`served ${kind}`, `shadow ${kind}`]))
    const shape = { query: aQuery(), kind: 'solve' as const, promptTokens: 100 }
    expect(set.predictor.priceList(shape, paperState())).toEqual(served.predictor.priceList(shape, paperState()))
  })
})
