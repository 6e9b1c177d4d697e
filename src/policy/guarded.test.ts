import { describe, expect, it } from 'vitest'
import { paperModels, paperPrior, paperState } from '../../test/policy/paper-pool.ts'
import { type Arm, InframindError, type ReplicaState, type StepContext } from '../core/index.ts'
import { aClusterState, aQuery, aStepContext, aStepOutcome } from '../testing/index.ts'
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

function guarded(set: PolicySet, spare: PolicySet = free()) {
  const heard: PolicyFallback[] = []
  return {
    heard,
    set: withGuard(set, { spare, models: paperModels, onFallback: (fallback) => void heard.push(fallback) }),
  }
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

describe('where the spare throws too', () => {
  const broken = () => {
    const set = throwing()
    return { ...set, predictor: { ...set.predictor, predict: fail, priceList: fail } }
  }
  const worst = (level: PolicyFallback['level']) => ({ level, reason: 'last-resort', message: 'out of range' })

  it('one agent answers, and the reason is told once a decision', () => {
    const { set, heard } = guarded(throwing(), throwing())
    for (const domain of ['math', 'code', 'knowledge', 'general'] as const) {
      const asked = { ...query, domain, limits: { maxAgents: 1, topology: 'io' } }
      const { steps, merge } = free().planner.plan(asked, paperState())
      const plan = set.planner.plan({ ...query, domain }, paperState())
      expect(plan).toMatchObject({ topology: 'io', agents: 1, reason: 'last-resort', steps, merge })
    }
    set.executor.choose(step, paperState())
    expect(heard).toEqual([...Array(4).fill(worst('planner')), worst('executor')])
  })

  it('takes the usable model of the least expected time that has not failed, at a depth that is allowed', () => {
    const { set } = guarded(throwing(), throwing())
    const armAt = (at = step, state = paperState()) => {
      const choice = set.executor.choose(at, state)
      if (choice.kind !== 'arm') throw new Error('stopped')
      return choice
    }
    const shape = { query, kind: step.step.kind, promptTokens: step.promptTokens }
    const meanMs = (model: string) =>
      free().predictor.predict({ model, strategy: 'Concise' }, shape, paperState()).expectedMs as number
    const byTime = [...paperModels].sort((a, b) => meanMs(a) - meanMs(b)) as [string, string, string, string, string]
    const { arm, estimate } = armAt()
    expect(arm).toEqual({ model: byTime[0], strategy: 'Concise' })
    expect(estimate.latencyMs.mean).toBeGreaterThan(0)
    expect(armAt({ ...step, excludedModels: [byTime[0]] }).arm.model).toBe(byTime[1])
    expect(armAt({ ...step, excludedModels: paperModels }).arm.model).toBe(byTime[0])
    const down = paperState({ models: { [byTime[0]]: { isUsable: false } } })
    expect(armAt(step, down).arm.model).toBe(byTime[1])
    for (const limits of [{ deepestStrategy: 'Flash' }, { strategy: 'Flash' }] as const)
      expect(armAt({ ...step, query: { ...query, limits } }).arm.strategy).toBe('Flash')
    expect(armAt({ ...step, query: { ...query, limits: { deepestStrategy: 'DeepThink' } } }).arm.strategy).toBe(
      'Concise',
    )
  })

  it('takes the least pressed where nothing can be predicted, and guesses what the runtime asks', () => {
    const { set, heard } = guarded(broken(), broken())
    const loads = [0.9, 0.7, 0.2, 0.8, 0.9]
    const state = paperState({ load: Object.fromEntries(paperModels.map((model, at) => [model, loads[at] as number])) })
    const choice = set.executor.choose(step, state)
    expect(choice).toMatchObject({ kind: 'arm', arm: { model: paperModels[2], strategy: 'Concise' } })
    const arm = { model: paperModels[0] as string, strategy: 'Flash' } as const
    const { latencyMs, serviceMs, outputTokens } = set.predictor.predict(
      arm,
      { query, kind: 'solve', promptTokens: 9 },
      state,
    )
    for (const value of [latencyMs.mean, latencyMs.quantile(0.95), serviceMs, outputTokens.mean]) {
      expect(value).toBeGreaterThan(0)
      expect(value).toBeLessThan(600_000)
    }
    expect(heard).toEqual([worst('executor')])
  })

  it('counts a decision once, however many predictions it asks for', () => {
    const { set, heard } = guarded({ ...free(), predictor: broken().predictor })
    const shape = { query, kind: 'solve' as const, promptTokens: 9 }
    for (const state of [paperState(), paperState()]) {
      for (const model of paperModels) set.predictor.predict({ model, strategy: 'Flash' }, shape, state)
    }
    expect(heard).toEqual([worst('executor'), worst('executor')])
  })

  it('throws what one of them refuses because of the request, and tells what both said otherwise', () => {
    const refusal = new InframindError('REQUEST_INVALID', 'no topology nowhere')
    const refusing = (): PolicySet => {
      const plan = () => {
        throw refusal
      }
      return { ...throwing(), planner: { name: 'r', plan } }
    }
    for (const { set, heard } of [guarded(refusing(), throwing()), guarded(throwing(), refusing())]) {
      expect(() => set.planner.plan(query, paperState())).toThrow(refusal)
      expect(heard).toEqual([])
    }
    const choose = () => {
      throw new Error('spare is out too')
    }
    const { set, heard } = guarded(throwing(), { ...throwing(), executor: { name: 's', choose } })
    set.executor.choose(step, paperState())
    expect(heard).toMatchObject([{ message: 'out of range; the training-free policy: spare is out too' }])
  })

  it('takes a model with room for prompt and output, one without room only where there is no other', () => {
    const { set } = guarded(throwing(), throwing())
    const modelAt = (
      promptTokens: number,
      room: (model: string) => Partial<ReplicaState>,
      at: Partial<StepContext>,
    ) => {
      const models = paperModels.map((model) => ({ model, replicas: [room(model)] }))
      const choice = set.executor.choose({ ...step, ...at, promptTokens }, aClusterState({ models }))
      return (choice as { readonly arm: Arm }).arm.model
    }
    const all = () => ({})
    const quickest = modelAt(3_000, all, {})
    for (const full of [{ contextTokens: 3_100 }, { kvTokens: 3_100 }, { contextTokens: null, kvTokens: 3_100 }]) {
      const room = (model: string) => (model === quickest ? full : {})
      const next = modelAt(3_000, room, {})
      expect(next).not.toBe(quickest)
      expect(next).toBe(modelAt(3_000, all, { excludedModels: [quickest] }))
      // What failed already does not come back for its room.
      const others = paperModels.filter((model) => model !== quickest)
      expect(modelAt(3_000, room, { excludedModels: others })).toBe(quickest)
      expect(modelAt(3_000, () => full, {})).toBe(quickest)
    }
    // Few tokens fit where the caller wants no more, and where nothing is known all fits.
    const few = { step: { ...step.step, isLast: true }, query: { ...query, maxOutputTokens: 50 } }
    const quickestOfFew = modelAt(3_000, all, few)
    const tight = (model: string) => (model === quickestOfFew ? { contextTokens: 3_100 } : {})
    expect(modelAt(3_000, tight, few)).toBe(quickestOfFew)
    expect(modelAt(3_000, () => ({ contextTokens: null, kvTokens: null }), {})).toBe(quickest)
  })

  it('names a model also where none is usable, so that sending it says what is wrong', () => {
    const { set } = guarded(broken(), broken())
    const models = paperModels.map((model) => ({ model, isUsable: false, replicas: [{ isUsable: false }] }))
    for (const state of [aClusterState({ models }), aClusterState({ models: [] })])
      expect(paperModels).toContain((set.executor.choose(step, state) as { readonly arm: Arm }).arm.model)
  })
})
