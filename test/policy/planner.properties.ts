/** @file What every planner keeps, whatever the query and the state of the pool. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Planner } from '../../src/core/index.ts'
import { anyQuery, anyState } from './arbitraries.ts'

export function plannerProperties(name: string, create: () => Planner): void {
  describe(`${name} as a planner`, () => {
    const planner = create()

    it('plans any query on any state, within the limits', () => {
      fc.assert(
        fc.property(anyQuery, anyState, (query, state) => {
          const plan = planner.plan(query, state)
          expect(plan.steps.length).toBeGreaterThan(0)
          expect(plan.agents).toBeLessThanOrEqual(query.limits.maxAgents ?? 6)
          if (plan.agents > 1) expect(plan.steps.length).toBeLessThanOrEqual(query.limits.maxCalls ?? Infinity)
          if (query.soloReason === 'tools') expect(plan.steps).toHaveLength(1)
          else if (query.limits.topology) expect(plan.topology).toBe(query.limits.topology)
          expect(plan.quality).toBeGreaterThanOrEqual(0)
          expect(plan.quality).toBeLessThanOrEqual(1)
          expect(plan.predictedMs).toBeGreaterThanOrEqual(0)
          expect(Number.isFinite(plan.predictedMs)).toBe(true)
          expect(plan.reason).not.toBe('')
          expect(plan.alternatives.length).toBeLessThanOrEqual(6)
        }),
      )
    })

    it('lays out graphs that can be run: inputs before readers, one end', () => {
      fc.assert(
        fc.property(anyQuery, anyState, (query, state) => {
          const { steps, merge } = planner.plan(query, state)
          const before = new Set<string>()
          for (const step of steps) {
            for (const id of step.dependsOn) expect(before.has(id)).toBe(true)
            before.add(step.id)
          }
          expect(steps.filter(({ isLast }) => isLast)).toHaveLength(merge === 'vote' ? 0 : 1)
        }),
        { numRuns: 50 },
      )
    })

    it('gives the same plans for the same queries and states', () => {
      const [one, other] = [create(), create()]
      fc.assert(
        fc.property(anyQuery, anyState, (query, state) => {
          expect(one.plan(query, state)).toEqual(other.plan(query, state))
        }),
        { numRuns: 50 },
      )
    })
  })
}
