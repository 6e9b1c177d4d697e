/**
 * @file `multi-factor`: a quarter each of quality, latency, cost and load, among the models that meet the ceiling.
 *
 * The ceiling is the time left: a model whose predicted latency exceeds it is out. The four factors are scaled to 0-1
 * between the best and the worst of those that are in; equal ones count for nothing. No model is in: the least loaded.
 * Cost is the engine time of an answer on an idle engine, since these pools have no price list. It chooses models, not
 * depths, and charges nothing for the queue that it makes.
 *
 * Source: the multi-factor selection of the vLLM semantic router, as its documentation describes it.
 */
import type { ArmEstimate, ClusterState, ModelId, StepContext, StrategyId } from '../../core/index.ts'
import { type PoolPredictor, pressureOf } from '../predict/index.ts'
import type { ModelRanks } from './model-ranks.ts'
import { depthWithin, shapeOf, type Wish } from './wish-executor.ts'

interface Factors {
  readonly model: ModelId
  readonly latencyMs: number
  /** Larger is worse in all of them; quality is turned round. */
  readonly burdens: readonly number[]
}

const meanMs = ({ expectedMs, latencyMs }: ArmEstimate): number => expectedMs ?? latencyMs.mean

/** Each burden on 0 (best) to 1 (worst), summed. */
function sumScaled(factors: readonly Factors[]): ReadonlyMap<ModelId, number> {
  const sums = new Map(factors.map(({ model }) => [model, 0]))
  for (let index = 0; index < (factors[0]?.burdens.length ?? 0); index += 1) {
    const values = factors.map(({ burdens }) => burdens[index] as number)
    const best = Math.min(...values)
    const range = Math.max(...values) - best
    if (range <= 0) continue
    for (const { model, burdens } of factors)
      sums.set(model, (sums.get(model) ?? 0) + ((burdens[index] as number) - best) / range)
  }
  return sums
}

export interface MultiFactorDeps {
  readonly ranks: ModelRanks
  readonly predictor: PoolPredictor
  readonly strategy: StrategyId
}

export function wishByFactors({
  ranks,
  predictor,
  strategy,
}: MultiFactorDeps): (step: StepContext, state: ClusterState) => Wish {
  const pressure = (state: ClusterState, model: ModelId) => {
    const known = state.model(model)
    // Finite, so that factors can be scaled.
    return known ? Math.min(pressureOf(known), 1e6) : 1e6
  }
  return (step, state) => {
    const depth = depthWithin(step, strategy)
    const isOpen = (model: ModelId) => state.model(model)?.isUsable === true && !step.excludedModels.includes(model)
    const factors = ranks.models.filter(isOpen).map((model): Factors => {
      const estimate = predictor.predict({ model, strategy: depth }, shapeOf(step), state)
      const costMs = ranks.answerMs(model, step.query.domain, depth)
      const latencyMs = meanMs(estimate)
      return { model, latencyMs, burdens: [-estimate.quality, latencyMs, costMs, pressure(state, model)] }
    })
    const leftMs = step.remainingMs - step.reservedMs
    const within = factors.filter(({ latencyMs }) => latencyMs <= leftMs)
    const sums = sumScaled(within)
    const best = within.map(({ model }) => model).sort((a, b) => (sums.get(a) ?? 0) - (sums.get(b) ?? 0))
    const byLoad = [...ranks.models].sort((a, b) => pressure(state, a) - pressure(state, b))
    return { models: [...best, ...byLoad], strategy, reason: best.length > 0 ? 'best-weighed' : 'least-loaded' }
  }
}
