/**
 * @file Policies that draw: random teams, models and depths, so that every arm is seen under every load.
 *
 * What a good policy would do hides most of what a predictor must know: it never sends a slow model a call it is too late
 * for. Models are drawn with uneven shares, which differ from episode to episode, so that one queues while others idle.
 * Draws are keyed by run and step and do not depend on the order of decisions.
 */
import {
  type Choice,
  type ClusterState,
  type Executor,
  keyedRandom,
  type ModelId,
  type Planner,
  type StepContext,
  strategyIds,
} from '../../../core/index.ts'
import { createPlanner, type PoolPredictor } from '../../../policy/index.ts'

export interface RandomPolicyOptions {
  readonly models: readonly ModelId[]
  readonly predictor: PoolPredictor
  readonly seed: number
}

/** Teams that between them have every kind of step. */
const teams = [
  { topology: 'io', agents: 1 },
  { topology: 'io', agents: 1 },
  { topology: 'io', agents: 3 },
  { topology: 'cot', agents: 2 },
  { topology: 'chain', agents: 3 },
  { topology: 'debate', agents: 2 },
  { topology: 'reflection', agents: 2 },
] as const

export function createRandomPlanner({ predictor, models, seed }: RandomPolicyOptions): Planner {
  const planners = teams.map((team) => createPlanner({ kind: 'fixed', ...team }, { predictor, models }))
  return {
    name: 'random',
    plan: (query, state) => keyedRandom(seed, `team ${query.runId}`).pick(planners).plan(query, state),
  }
}

/** Cumulative shares of the models: lognormal weights, so that some get several times what others get. */
function drawShares({ models, seed }: RandomPolicyOptions): readonly number[] {
  const random = keyedRandom(seed, 'shares')
  const weights = models.map(() => Math.exp(0.8 * random.normal()))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  let sum = 0
  return weights.map((weight) => {
    sum += weight / total
    return sum
  })
}

export function createRandomExecutor(options: RandomPolicyOptions): Executor {
  const { models, predictor, seed } = options
  const shares = drawShares(options)
  const choose = (step: StepContext, state: ClusterState): Choice => {
    const random = keyedRandom(seed, `arm ${step.query.runId} ${step.step.id} ${step.callsUsed}`)
    const drawn = random.uniform()
    const first = Math.max(
      0,
      shares.findIndex((share) => drawn < share),
    )
    const ordered = [...models.slice(first), ...models.slice(0, first)]
    const model = ordered.find((one) => state.model(one)?.isUsable) ?? (ordered[0] as ModelId)
    const arm = { model, strategy: random.pick(strategyIds) }
    const shape = { ...step.step, query: step.query, promptTokens: step.promptTokens }
    return {
      kind: 'arm',
      arm,
      estimate: predictor.predict(arm, shape, state),
      reason: 'drawn',
      shareMs: null,
      alternatives: [],
    }
  }
  return { name: 'random', choose }
}
