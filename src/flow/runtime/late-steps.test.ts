import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ArmEstimate, ShiftedLogNormal } from '../../core/index.ts'
import { builtInTopologies, layOut } from '../../team/index.ts'
import { aClusterState, anEstimate, aPlan, aQuery } from '../../testing/index.ts'
import { reservedForLast } from './late-steps.ts'
import type { RunState } from './run-state.ts'

/** Of a run, the reservation looks only at these. */
function runOf(options: {
  readonly plan: RunState['plan']
  readonly budgetMs: number
  readonly lastMs: number
}): RunState {
  const latencyMs = ShiftedLogNormal.fromMean(0, options.lastMs, 0.3)
  const predict = (arm: ArmEstimate['arm']) => anEstimate({ arm, latencyMs })
  return {
    plan: options.plan,
    query: aQuery({ budgetMs: options.budgetMs }),
    start: { state: () => aClusterState({ models: [{ model: 'a' }] }) },
    context: { predictor: { predict } },
  } as unknown as RunState
}

const plans = fc
  .record({
    topology: fc.constantFrom(...builtInTopologies),
    agents: fc.integer({ min: 1, max: 5 }),
    merge: fc.constantFrom('model' as const, 'vote' as const, 'none' as const),
  })
  .map(({ topology, agents, merge }) => ({
    ...aPlan({ topology: topology.id, agents, merge }),
    steps: layOut({ topology, agents, merge, roles: ['MathSolver'], aggregatorRole: 'Judge' }),
  }))

describe('the time kept back for the last step', () => {
  it('never exceeds half of the budget, whatever the plan and the prices', () => {
    fc.assert(
      fc.property(
        plans,
        fc.integer({ min: 1, max: 100_000 }),
        fc.integer({ min: 1, max: 1e6 }),
        (plan, budgetMs, lastMs) => {
          const reservedMs = reservedForLast(runOf({ plan, budgetMs, lastMs }))
          expect(reservedMs).toBeGreaterThanOrEqual(0)
          expect(reservedMs).toBeLessThanOrEqual(budgetMs / 2)
        },
      ),
    )
  })

  it('is what the fastest arm surely needs, and nothing where no step comes before the last', () => {
    const steps = [
      { id: '0/0', isLast: false, stepsToEnd: 2 },
      { id: 'last', dependsOn: ['0/0'], reads: ['0/0'] },
    ]
    const reservedMs = reservedForLast(runOf({ plan: aPlan({ steps }), budgetMs: 10_000, lastMs: 1000 }))
    expect(reservedMs).toBeCloseTo(ShiftedLogNormal.fromMean(0, 1000, 0.3).quantile(0.95))
    expect(reservedForLast(runOf({ plan: aPlan(), budgetMs: 10_000, lastMs: 1000 }))).toBe(0)
  })
})
