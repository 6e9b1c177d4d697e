/**
 * @file Executors that do not weigh time: `fixed`, `round-robin`, `least-loaded`. Baselines, and for who wants no surprises.
 *
 * They pick the model by their rule and one depth, and leave it only where the caller's limits, the state of the pool or
 * a failure of this step forbid it. Ties fall to the order of the pool, so runs can be repeated.
 */
import type { Arm, Choice, ClusterState, Executor, ModelId, StepContext, StrategyId } from '../../core/index.ts'
import { deeperThan } from '../../team/index.ts'
import { type PoolPredictor, pressureOf } from '../predict/index.ts'

/** Depth of the executors that choose models only. */
const defaultStrategy: StrategyId = 'Concise'

export interface PlainExecutorDeps {
  readonly predictor: PoolPredictor
  /** In the order of the config. */
  readonly models: readonly ModelId[]
}

/** `wanted` within the caller's limits. */
export function strategyWithin(step: StepContext, wanted: StrategyId): StrategyId {
  const { strategy, deepestStrategy } = step.query.limits
  if (strategy !== undefined) return strategy
  return deepestStrategy !== undefined && deeperThan(wanted, deepestStrategy) ? deepestStrategy : wanted
}

/** Models that may be called for this step, in order; those that failed it if no other is left; all if none is usable. */
function candidates(step: StepContext, state: ClusterState, models: readonly ModelId[]): readonly ModelId[] {
  const usable = models.filter((model) => state.model(model)?.isUsable)
  const fresh = usable.filter((model) => !step.excludedModels.includes(model))
  if (fresh.length > 0) return fresh
  return usable.length > 0 ? usable : models
}

function leastLoaded(state: ClusterState, models: readonly ModelId[]): ModelId {
  let best = models[0] as ModelId
  let bestPressure = Infinity
  for (const model of models) {
    const known = state.model(model)
    const pressure = known ? pressureOf(known) : Infinity
    if (pressure < bestPressure) {
      best = model
      bestPressure = pressure
    }
  }
  return best
}

function choiceOf(
  arm: Arm,
  reason: string,
  at: { readonly step: StepContext; readonly state: ClusterState; readonly predictor: PoolPredictor },
): Choice {
  const { step, state, predictor } = at
  const shape = {
    query: step.query,
    kind: step.step.kind,
    promptTokens: step.promptTokens,
    maxOutputTokens: step.step.isLast ? step.query.maxOutputTokens : null,
  }
  return { kind: 'arm', arm, estimate: predictor.predict(arm, shape, state), reason, shareMs: null, alternatives: [] }
}

/** Always `arm`; another model only where its own cannot be called. */
export function createFixed({ predictor, models }: PlainExecutorDeps, arm: Arm): Executor {
  // The model asked for comes first, so that it is among the candidates even if the pool was told otherwise.
  const known = models.includes(arm.model) ? models : [arm.model, ...models]
  const choose = (step: StepContext, state: ClusterState): Choice => {
    const allowed = candidates(step, state, known)
    const isAllowed = allowed.includes(arm.model)
    const model = isAllowed ? arm.model : leastLoaded(state, allowed)
    const strategy = strategyWithin(step, arm.strategy)
    return choiceOf({ model, strategy }, isAllowed ? 'fixed' : 'fixed-unusable', { step, state, predictor })
  }
  return { name: `fixed:${arm.model}:${arm.strategy}`, choose }
}

/** The models in turn. */
export function createRoundRobin({ predictor, models }: PlainExecutorDeps): Executor {
  let turn = 0
  const choose = (step: StepContext, state: ClusterState): Choice => {
    const allowed = candidates(step, state, models)
    const model = allowed[turn % allowed.length] as ModelId
    turn += 1
    return choiceOf({ model, strategy: strategyWithin(step, defaultStrategy) }, 'turn', { step, state, predictor })
  }
  return { name: 'round-robin', choose }
}

/** The model with the smallest (running + waiting) / slots; of equals the next in turn, so that no order of the pool is favoured. */
export function createLeastLoaded({ predictor, models }: PlainExecutorDeps): Executor {
  let turn = 0
  const choose = (step: StepContext, state: ClusterState): Choice => {
    const allowed = candidates(step, state, models)
    const from = turn % allowed.length
    turn += 1
    const model = leastLoaded(state, [...allowed.slice(from), ...allowed.slice(0, from)])
    return choiceOf({ model, strategy: strategyWithin(step, defaultStrategy) }, 'least-loaded', {
      step,
      state,
      predictor,
    })
  }
  return { name: 'least-loaded', choose }
}
