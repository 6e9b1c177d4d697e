/** @file What every Planner keeps: a runnable graph within the caller's limits, the same for the same inputs. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ClusterState, Plan, PlannedStep, Planner, Query } from '../../src/core/index.ts'
import { aClusterState, aQuery } from '../../src/testing/index.ts'

export interface PlannerHarness {
  readonly planner: Planner
  /** Models that the planner has a prior for. */
  readonly models: readonly string[]
  /** Completes a query (features and the like) where the planner needs more than `aQuery` gives. */
  query?(overrides: Partial<Query>): Query
}

export interface PlannerContractOptions {
  /** Reasons for which this planner gives one agent. Default: all; `fixed` keeps its team for chat. */
  readonly soloReasons?: readonly NonNullable<Query['soloReason']>[]
}

const budgets = fc.integer({ min: 500, max: 300_000 })
const domains = fc.constantFrom('math', 'code', 'knowledge', 'general')
const formats = { math: 'number', code: 'code', knowledge: 'choice', general: 'text' } as const

const stateOf = (models: readonly string[], waiting: number): ClusterState =>
  aClusterState({
    models: models.map((model) => ({ model, replicas: [{ running: waiting > 0 ? 8 : 0, waiting }] })),
  })

/** Longest chain from `step` to the end of the graph. */
function stepsToEnd(step: PlannedStep, plan: Plan): number {
  const after = plan.steps.filter(({ dependsOn }) => dependsOn.includes(step.id))
  return 1 + Math.max(0, ...after.map((next) => stepsToEnd(next, plan)))
}

function expectRunnable(plan: Plan): void {
  expect(plan.steps.length).toBeGreaterThan(0)
  expect(new Set(plan.steps.map(({ id }) => id)).size).toBe(plan.steps.length)
  for (const [index, step] of plan.steps.entries()) {
    const before = plan.steps.slice(0, index).map(({ id }) => id)
    expect(before).toEqual(expect.arrayContaining([...step.dependsOn]))
    expect(step.dependsOn).toEqual(expect.arrayContaining([...step.reads]))
    expect(step.stepsToEnd).toBe(stepsToEnd(step, plan))
  }
  expect(plan.steps.filter(({ isLast }) => isLast)).toHaveLength(plan.merge === 'vote' ? 0 : 1)
  expect(plan.predictedMs).toBeGreaterThanOrEqual(0)
  expect(plan.quality >= 0 && plan.quality <= 1).toBe(true)
  expect(plan.agents).toBeGreaterThanOrEqual(1)
  expect(plan.reason).not.toBe('')
}

export function describePlannerContract(
  name: string,
  create: () => PlannerHarness,
  { soloReasons = ['tools', 'response-format', 'media', 'chat'] }: PlannerContractOptions = {},
): void {
  const setUp = () => {
    const { planner, models, query = aQuery } = create()
    return { planner, models, query }
  }

  describe(`${name} keeps the contract of a planner`, () => {
    it('lays out a runnable graph for any budget, domain and load', () => {
      fc.assert(
        fc.property(budgets, domains, fc.integer({ min: 0, max: 200 }), (budgetMs, domain, waiting) => {
          const { planner, models, query } = setUp()
          const plan = planner.plan(
            query({ budgetMs, domain, answerFormat: formats[domain] }),
            stateOf(models, waiting),
          )
          expectRunnable(plan)
        }),
        { numRuns: 60 },
      )
    })

    it('gives the same plan for the same inputs', () => {
      fc.assert(
        fc.property(budgets, domains, (budgetMs, domain) => {
          const plans = [setUp(), setUp()].map(({ planner, models, query }) =>
            planner.plan(query({ budgetMs, domain, answerFormat: formats[domain] }), stateOf(models, 0)),
          )
          expect(plans[1]).toEqual(plans[0])
        }),
        { numRuns: 20 },
      )
    })

    it('gives one agent and no merging where a team cannot help', () => {
      for (const soloReason of soloReasons) {
        const { planner, models, query } = setUp()
        const plan = planner.plan(query({ soloReason, budgetMs: 120_000 }), stateOf(models, 0))
        expectRunnable(plan)
        expect({ agents: plan.agents, steps: plan.steps.length, merge: plan.merge }).toEqual({
          agents: 1,
          steps: 1,
          merge: 'none',
        })
      }
    })

    it('keeps to the number of agents that the caller allows', () => {
      for (const maxAgents of [1, 2, 3, 6]) {
        const { planner, models, query } = setUp()
        const plan = planner.plan(query({ limits: { maxAgents }, budgetMs: 120_000 }), stateOf(models, 0))
        expect(plan.agents).toBeLessThanOrEqual(maxAgents)
      }
    })

    it('still plans when no model is usable: refusing is not its business', () => {
      const { planner, models, query } = setUp()
      const state = aClusterState({ models: models.map((model) => ({ model, replicas: [{ isUsable: false }] })) })
      expectRunnable(planner.plan(query({}), state))
    })

    it('learns from finished runs without failing', () => {
      const { planner, models, query } = setUp()
      planner.runFinished?.({
        domain: 'math',
        budgetMs: 10_000,
        latencyMs: 12_000,
        isAnswered: true,
        isOnTime: false,
        isDegraded: false,
        isFallback: false,
        strategy: 'Concise',
      })
      expectRunnable(planner.plan(query({}), stateOf(models, 0)))
    })
  })
}
