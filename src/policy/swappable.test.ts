import { describe, expect, it } from 'vitest'
import { paperModels, paperPrior, paperState } from '../../test/policy/paper-pool.ts'
import { aQuery, aStepContext, aStepOutcome } from '../testing/index.ts'
import { createPolicySet, type PolicySet, type PolicySetOptions } from './policy-set.ts'
import { createSwappablePolicies } from './swappable.ts'

const setOf = (options: Partial<PolicySetOptions> = {}) =>
  createPolicySet({ prior: paperPrior, models: paperModels, ...options })
const fixed = (agents: number) => ({ kind: 'fixed' as const, topology: 'io', agents })

describe('swappable policies', () => {
  it('decide as whoever serves now, under its name and fingerprint', () => {
    const policies = createSwappablePolicies({ hash: 'a', set: setOf({ planner: fixed(2) }) })
    const { set } = policies
    const plan = () => set.planner.plan(aQuery(), paperState())
    expect([set.planner.name, set.executor.name, plan().agents, plan().policyHash]).toEqual([
      'fixed:io:2',
      'slack-greedy',
      2,
      'a',
    ])
    const next = { hash: 'b', set: setOf({ planner: fixed(3), executor: 'least-loaded' }) }
    policies.use(next)
    expect(policies.current).toBe(next)
    expect([set.planner.name, set.executor.name, plan().agents, plan().policyHash]).toEqual([
      'fixed:io:3',
      'least-loaded',
      3,
      'b',
    ])
    expect(set.executor.choose(aStepContext(), paperState())).toMatchObject({ reason: 'least-loaded' })
  })

  it('tell outcomes to whoever serves now, and to nobody else', () => {
    const heard: string[] = []
    const hearing = (name: string): PolicySet => {
      const set = setOf()
      return {
        planner: { ...set.planner, runFinished: () => void heard.push(`${name} planner run`) },
        executor: {
          ...set.executor,
          stepFinished: () => void heard.push(`${name} executor step`),
          runFinished: () => void heard.push(`${name} executor run`),
        },
        predictor: { ...set.predictor, observe: () => void heard.push(`${name} predictor`) },
      }
    }
    const policies = createSwappablePolicies({ hash: 'a', set: hearing('first') })
    const { planner, executor, predictor } = policies.set
    policies.use({ hash: 'b', set: hearing('second') })
    predictor.observe(aStepOutcome())
    executor.stepFinished?.(aStepOutcome())
    planner.runFinished?.({} as never)
    executor.runFinished?.({} as never)
    expect(heard).toEqual(['second predictor', 'second executor step', 'second planner run', 'second executor run'])
  })

  it('predict as whoever serves now', () => {
    const [first, second] = [setOf(), setOf({ congestionFactor: 0 })]
    const policies = createSwappablePolicies({ hash: 'a', set: first })
    const shape = { query: aQuery(), kind: 'solve' as const, promptTokens: 100 }
    const state = paperState({ load: 1.5 })
    const dearest = () => Math.max(...policies.set.predictor.priceList(shape, state).map(({ price }) => price))
    const before = dearest()
    policies.use({ hash: 'b', set: second })
    expect(dearest()).toBeLessThan(before)
    const arm = { model: paperModels[0] as string, strategy: 'Concise' as const }
    expect(policies.set.predictor.predict(arm, shape, state)).toEqual(second.predictor.predict(arm, shape, state))
    expect([policies.set.predictor.error(arm.model), policies.set.predictor.coverage(arm.model)]).toEqual([null, null])
  })
})
