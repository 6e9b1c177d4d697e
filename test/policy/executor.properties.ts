/** @file What every executor keeps, whatever the step and the state of the pool. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Choice, type ClusterState, type Executor, type StepContext, strategyIds } from '../../src/core/index.ts'
import { createTopologyBook, layOut, mergeInEffect, pickRoles } from '../../src/team/index.ts'
import { aPlan } from '../../src/testing/index.ts'
import { anyQuery, anyState, aStepWithin } from './arbitraries.ts'
import { paperModels } from './paper-pool.ts'

const book = createTopologyBook()

/** A step of a debate of three with some query: waves, a merge, critical and support roles. */
const anyStep: fc.Arbitrary<StepContext> = anyQuery.chain((query) => {
  const topology = book.get('debate')
  const steps = layOut({
    topology,
    agents: 3,
    roles: pickRoles(query.domain, 3),
    merge: 'vote',
    aggregatorRole: 'Judge',
  })
  const merge = mergeInEffect(topology, 3, 'vote')
  return aStepWithin({ query, plan: { ...aPlan({ topology: 'debate', agents: 3, merge }), steps } })
})

function checkArm(choice: Choice & { readonly kind: 'arm' }, step: StepContext, state: ClusterState): void {
  const { arm, estimate, reason, alternatives } = choice
  const usable = paperModels.filter((model) => state.model(model)?.isUsable)
  const fresh = usable.filter((model) => !step.excludedModels.includes(model))
  if (usable.length > 0) expect(usable).toContain(arm.model)
  if (fresh.length > 0) expect(fresh).toContain(arm.model)
  const { strategy, deepestStrategy = 'DeepThink' } = step.query.limits
  if (strategy) expect(arm.strategy).toBe(strategy)
  else expect(strategyIds.indexOf(arm.strategy)).toBeLessThanOrEqual(strategyIds.indexOf(deepestStrategy))
  expect(estimate.arm).toEqual(arm)
  expect(estimate.quality).toBeGreaterThanOrEqual(0)
  expect(estimate.quality).toBeLessThanOrEqual(1)
  for (const value of [estimate.latencyMs.mean, estimate.queueMs, estimate.ttftMs, estimate.tpotMs, estimate.serviceMs])
    expect(value >= 0 && Number.isFinite(value)).toBe(true)
  expect(estimate.latencyMs.quantile(0.9)).toBeGreaterThan(estimate.latencyMs.quantile(0.1))
  expect(reason).not.toBe('')
  expect(alternatives.length).toBeLessThanOrEqual(6)
}

export function executorProperties(name: string, create: () => Executor): void {
  describe(`${name} as an executor`, () => {
    it('names a usable, fresh arm within the limits while there is one, and never throws', () => {
      const executor = create()
      fc.assert(
        fc.property(anyStep, anyState, (step, state) => {
          const choice = executor.choose(step, state)
          if (choice.kind === 'arm') checkArm(choice, step, state)
          else expect(step.mayStop).toBe(true)
        }),
        { numRuns: 200 },
      )
    })

    it('gives the same choices for the same steps and states', () => {
      const [one, other] = [create(), create()]
      fc.assert(
        fc.property(anyStep, anyState, (step, state) => {
          expect(JSON.stringify(one.choose(step, state))).toBe(JSON.stringify(other.choose(step, state)))
        }),
        { numRuns: 50 },
      )
    })
  })
}
