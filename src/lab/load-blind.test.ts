import { describe, expect, it } from 'vitest'
import type { ClusterState, Executor, Planner } from '../core/index.ts'
import { aClusterState, anEstimate, aPlan, aQuery, aStepContext, aStepOutcome } from '../testing/index.ts'
import { atRest, blindExecutor, blindPlanner } from './load-blind.ts'

const models = (isBusy: boolean) =>
  ['a', 'b'].map((model) => ({
    model,
    slots: 16,
    gatewayWaiting: isBusy ? 9 : 0,
    gatewayWaitingMs: isBusy ? 9000 : 0,
    slowdown: isBusy ? 2.5 : 1,
    kvUsage: isBusy ? 0.9 : 0,
    ttftMs: isBusy ? 900 : null,
    interTokenMs: isBusy ? 40 : null,
    queueMs: isBusy ? 3000 : null,
    replicas: [
      {
        ownInFlight: isBusy ? 7 : 0,
        ownKvTokens: isBusy ? 5000 : 0,
        running: isBusy ? 16 : 0,
        waiting: isBusy ? 4 : 0,
        kvUsage: isBusy ? 0.9 : 0,
        ttftMs: isBusy ? 900 : null,
        interTokenMs: isBusy ? 40 : null,
        e2eMs: isBusy ? 7000 : null,
        queueMs: isBusy ? 3000 : null,
        isUsable: model === 'a',
        kvTokens: 1000,
      },
    ],
  }))
const busy = aClusterState({ atMs: 500, models: models(true) })
const idle = aClusterState({ atMs: 500, models: models(false) })
const plainly = (state: ClusterState) => JSON.parse(JSON.stringify(state))

describe('the pool at rest', () => {
  it('is the same pool with nothing running, waiting or measured', () => {
    expect(busy.load).toBeGreaterThan(0)
    expect(plainly(atRest(busy))).toEqual(plainly(idle))
    expect(atRest(busy).load).toBe(0)
  })

  it('keeps who is there, what they can do and who can be called', () => {
    const state = atRest(busy)
    expect(state.atMs).toBe(500)
    expect(state.model('a')).toMatchObject({ isUsable: true, slots: busy.model('a')?.slots })
    expect(state.model('b')).toMatchObject({ isUsable: false })
    expect(state.model('a')?.replicas[0]).toMatchObject({ kvTokens: 1000, slots: busy.models[0]?.replicas[0]?.slots })
    expect(state.model('c')).toBeUndefined()
    expect(state.model('b')).toBe(state.models[1])
  })

  it('leaves unknown what was never reported', () => {
    const unread = aClusterState({ models: [{ model: 'a', kvUsage: null, replicas: [{ kvUsage: null }] }] })
    expect(atRest(unread).model('a')).toMatchObject({ kvUsage: null, replicas: [{ kvUsage: null }] })
  })
})

describe('a blind policy', () => {
  it('plans on the pool at rest, and learns as it did', () => {
    const heard: unknown[] = []
    const planner: Planner = {
      name: 'rules',
      plan: (_query, state) => {
        heard.push(plainly(state))
        return aPlan()
      },
      runFinished: (outcome) => void heard.push(outcome),
    }
    const blind = blindPlanner(planner)
    expect(blind.plan(aQuery(), busy)).toEqual(aPlan())
    const outcome = { domain: 'math' } as Parameters<NonNullable<Planner['runFinished']>>[0]
    blind.runFinished?.(outcome)
    expect(blind.name).toBe('rules-blind')
    expect(heard).toEqual([plainly(idle), outcome])
    expect(() => blindPlanner({ name: 'x', plan: () => aPlan() }).runFinished?.(outcome)).not.toThrow()
  })

  it('chooses on the pool at rest, and learns as it did', () => {
    const heard: unknown[] = []
    const estimate = anEstimate()
    const executor: Executor = {
      name: 'slack-greedy',
      choose: (_step, state) => {
        heard.push(plainly(state))
        return { kind: 'arm', arm: estimate.arm, estimate, reason: 'only-arm', shareMs: null, alternatives: [] }
      },
      stepFinished: (outcome) => void heard.push(outcome.arm),
      runFinished: () => void heard.push('run'),
    }
    const blind = blindExecutor(executor)
    const choice = blind.choose(aStepContext(), busy)
    expect(choice).toMatchObject({ kind: 'arm', arm: estimate.arm })
    const outcome = aStepOutcome()
    blind.stepFinished?.(outcome)
    blind.runFinished?.({ domain: 'math' } as Parameters<NonNullable<Executor['runFinished']>>[0])
    expect(blind.name).toBe('slack-greedy-blind')
    expect(heard).toEqual([plainly(idle), outcome.arm, 'run'])
  })
})
