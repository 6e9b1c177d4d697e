/**
 * @file An executor made of a wish: models in order of preference, and a depth.
 *
 * The first model of the order that may be called takes the step: usable and not failed at it, else usable, else the
 * first. So every baseline gives way in the same manner, and none sees more of the pool than its own order.
 */
import type { ClusterState, Executor, ModelId, StepContext, StrategyId } from '../../core/index.ts'
import { deeperThan } from '../../team/index.ts'
import type { PoolPredictor } from '../predict/index.ts'

export interface Wish {
  /** Best first; must not be empty. */
  readonly models: readonly ModelId[]
  readonly strategy: StrategyId
  /** A stable word for why. */
  readonly reason: string
}

/** `wanted` within the caller's limits. */
export function depthWithin(step: StepContext, wanted: StrategyId): StrategyId {
  const { strategy, deepestStrategy } = step.query.limits
  if (strategy !== undefined) return strategy
  return deepestStrategy !== undefined && deeperThan(wanted, deepestStrategy) ? deepestStrategy : wanted
}

function firstOpen(models: readonly ModelId[], step: StepContext, state: ClusterState): ModelId {
  const isUsable = (model: ModelId) => state.model(model)?.isUsable === true
  const isFresh = (model: ModelId) => isUsable(model) && !step.excludedModels.includes(model)
  return models.find(isFresh) ?? models.find(isUsable) ?? (models[0] as ModelId)
}

/** What a step's prediction depends on; the caller's own cap counts for the last step. */
export const shapeOf = (step: StepContext) => ({
  query: step.query,
  kind: step.step.kind,
  promptTokens: step.promptTokens,
  maxOutputTokens: step.step.isLast ? step.query.maxOutputTokens : null,
})

/** Never stops a run early. */
export function createWishExecutor(
  name: string,
  predictor: PoolPredictor,
  wishFor: (step: StepContext, state: ClusterState) => Wish,
): Executor {
  return {
    name,
    choose: (step, state) => {
      const { models, strategy, reason } = wishFor(step, state)
      const arm = { model: firstOpen(models, step, state), strategy: depthWithin(step, strategy) }
      const estimate = predictor.predict(arm, shapeOf(step), state)
      return { kind: 'arm', arm, estimate, reason, shareMs: null, alternatives: [] }
    },
  }
}
