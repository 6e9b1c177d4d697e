import { describe, expect, it } from 'vitest'
import { paperModels, paperPrior, paperState } from '../../test/policy/paper-pool.ts'
import { aQuery, aStepContext, aStepOutcome } from '../testing/index.ts'
import { withGuard } from './guarded.ts'
import type { PolicyFallback } from './observe/index.ts'
import { createPolicySet, type PolicySet } from './policy-set.ts'

const query = aQuery({ domain: 'math', budgetMs: 30_000 })
const step = aStepContext({ query })
const ended = {
  domain: 'math',
  budgetMs: 30_000,
  latencyMs: 900,
  isAnswered: true,
  isOnTime: true,
  isDegraded: false,
  isFallback: false,
  strategy: null,
} as const
const fail = (): never => {
  throw new RangeError('out of range')
}
const free = () => createPolicySet({ prior: paperPrior, models: paperModels })
const throwing = (): PolicySet => {
  const set = free()
  return {
    ...set,
    planner: { name: 'p', plan: fail, runFinished: fail },
    executor: { name: 'e', choose: fail, stepFinished: fail, runFinished: fail },
    predictor: { ...set.predictor, observe: fail },
  }
}

function guarded(set: PolicySet) {
  const heard: PolicyFallback[] = []
  return { heard, set: withGuard(set, { spare: free(), onFallback: (fallback) => void heard.push(fallback) }) }
}
const error = (level: PolicyFallback['level']) => ({ level, reason: 'error', message: 'out of range' })

describe('a guarded policy', () => {
  it('has its decisions made by the spare where it throws, and tells', () => {
    const { set, heard } = guarded(throwing())
    expect(set.planner.plan(query, paperState())).toEqual(free().planner.plan(query, paperState()))
    const choices = [set, free()].map(({ executor }) => JSON.stringify(executor.choose(step, paperState())))
    expect(choices[0]).toBe(choices[1])
    expect(heard).toEqual([error('planner'), error('executor')])
  })

  it('passes over what throws while it learns', () => {
    const { set, heard } = guarded(throwing())
    set.planner.runFinished?.(ended)
    set.executor.stepFinished?.(aStepOutcome())
    set.executor.runFinished?.(ended)
    set.predictor.observe(aStepOutcome())
    expect(heard).toEqual([error('planner'), error('executor'), error('executor'), error('executor')])
  })

  it('throws what the spare throws too: the fault is in the request', () => {
    const { set, heard } = guarded(free())
    const elsewhere = { ...query, limits: { topology: 'nowhere' } }
    expect(() => set.planner.plan(elsewhere, paperState())).toThrow('nowhere')
    expect(heard).toEqual([])
  })

  it('decides and learns by itself otherwise', () => {
    const own = free()
    const { set, heard } = guarded(own)
    set.predictor.observe(aStepOutcome({ arm: { model: paperModels[0] as string, strategy: 'Concise' } }))
    expect(set.predictor.error(paperModels[0] as string)).toEqual(own.predictor.error(paperModels[0] as string))
    expect(set.planner.plan(query, paperState())).toEqual(own.planner.plan(query, paperState()))
    expect(heard).toEqual([])
  })
})
