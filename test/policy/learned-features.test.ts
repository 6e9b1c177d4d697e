/** What learned policies read, over random states: as many numbers as names, all finite, and no model by its name. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ClusterState, createRandom, domains } from '../../src/core/index.ts'
import {
  armCandidateNames,
  armScorerConfig,
  candidateScorerShapes,
  createPolicySet,
  type DecisionSink,
  initialise,
  planContextNames,
  planScorerConfig,
  type ScoredDecision,
  stepContextNames,
  teamCandidateNames,
} from '../../src/policy/index.ts'
import { listCandidates } from '../../src/policy/planner/candidates.ts'
import { createTopologyBook } from '../../src/team/index.ts'
import { aClusterState, aStepContext } from '../../src/testing/index.ts'
import { anyQuery, anyState } from './arbitraries.ts'
import { paperModels, paperPrior } from './paper-pool.ts'

const hidden = 8
const names = {
  planner: [planContextNames, teamCandidateNames],
  executor: [stepContextNames, armCandidateNames],
} as const

/** A policy that tells what it saw; its weights are not trained. */
function watched(rename: (model: string) => string = (model) => model) {
  const seen: { readonly level: 'planner' | 'executor'; readonly decision: ScoredDecision }[] = []
  const sink: DecisionSink = { decided: (level, _, decision) => void seen.push({ level, decision }) }
  const explore = (seed: number) => ({ hidden, temperature: 0.02, exploration: { random: createRandom(seed), sink } })
  const parameters = (of: typeof planScorerConfig) => initialise(candidateScorerShapes(of(hidden)), createRandom(7))
  const models = Object.fromEntries(Object.entries(paperPrior.models).map(([model, prior]) => [rename(model), prior]))
  const policy = createPolicySet({
    prior: { ...paperPrior, models },
    models: paperModels.map(rename),
    isReasoningModel: () => false,
    onFallback: ({ level, reason }) => {
      throw new Error(`${level} fell back: ${reason}`)
    },
    planner: { kind: 'learned', parameters: parameters(planScorerConfig), ...explore(1) },
    executor: { kind: 'learned', parameters: parameters(armScorerConfig), ...explore(2) },
  })
  return { seen, policy }
}

const renamed = (state: ClusterState, rename: (model: string) => string): ClusterState =>
  aClusterState({ atMs: state.atMs, models: state.models.map((model) => ({ ...model, model: rename(model.model) })) })

describe('what learned policies read', () => {
  it('has names of its own for each number, and none of a model', () => {
    for (const list of Object.values(names).flat()) {
      expect(new Set(list).size).toBe(list.length)
      for (const model of paperModels) expect(list.filter((name) => name.includes(model))).toEqual([])
    }
  })

  it('is as long as its names and finite, whatever the state of the pool', () => {
    const { seen, policy } = watched()
    const levels = new Set<string>()
    fc.assert(
      fc.property(anyQuery, anyState, (query, state) => {
        seen.length = 0
        const plan = policy.planner.plan(query, state)
        const step = plan.steps[0] as (typeof plan.steps)[number]
        policy.executor.choose(aStepContext({ query, plan, step, remainingMs: query.budgetMs }), state)
        for (const { level, decision } of seen) {
          levels.add(level)
          const { context, candidates, count, base, taken, logProbability } = decision
          expect(context).toHaveLength(names[level][0].length)
          expect(candidates).toHaveLength(count * names[level][1].length)
          expect(base).toHaveLength(count)
          for (const numbers of [context, candidates, base, [logProbability]])
            expect(Array.from(numbers).every(Number.isFinite)).toBe(true)
          expect(taken >= 0 && taken < count && logProbability <= 0).toBe(true)
        }
      }),
      { numRuns: 150 },
    )
    expect(levels).toEqual(new Set(['planner', 'executor']))
  })

  it('does not change with the names of the models', () => {
    const rename = (model: string) => `m${paperModels.indexOf(model)}`
    fc.assert(
      fc.property(anyQuery, anyState, (query, state) => {
        const [one, other] = [watched(), watched(rename)]
        one.policy.planner.plan(query, state)
        other.policy.planner.plan(query, renamed(state, rename))
        expect(other.seen).toEqual(one.seen)
      }),
      { numRuns: 20 },
    )
  })

  it('is never more teams than a training has places for', () => {
    const book = createTopologyBook()
    for (const domain of domains) {
      for (const answerFormat of ['number', 'choice', 'code', 'text'] as const)
        expect(listCandidates(book, { domain, answerFormat }, { breadth: 'wide' }).length).toBeLessThanOrEqual(24)
    }
  })
})
