/** @file Executors by name, as configs and benchmarks ask for them. */
import { type Domain, type Executor, invariant, type ModelId, type StrategyId } from '../../core/index.ts'
import type { FallbackListener } from '../observe/index.ts'
import { type PoolPredictor, type Safety, SafetyFactor } from '../predict/index.ts'
import { createJointExecutor, type JointExecutorOptions } from './joint/index.ts'
import { createLearnedExecutor, type LearnedExecutorOptions } from './learned/index.ts'
import { createMcpp, type McppOptions } from './mcpp/mcpp.ts'
import { createFixed, createLeastLoaded, createRoundRobin } from './plain-executors.ts'
import { createSlackGreedy } from './slack-greedy.ts'

export type ExecutorSpec =
  | 'slack-greedy'
  | 'least-loaded'
  | 'round-robin'
  | 'mcpp'
  | ({ readonly kind: 'mcpp' } & McppOptions)
  | ({ readonly kind: 'learned' } & LearnedExecutorOptions)
  | ({ readonly kind: 'joint' } & JointExecutorOptions)
  | { readonly kind: 'fixed'; readonly model: ModelId; readonly strategy: StrategyId }

export interface ExecutorDeps {
  readonly predictor: PoolPredictor
  /** In the order of the config; at least one. */
  readonly models: readonly ModelId[]
  /** Shared with the planner, so that both plan with the same factor. Default: one of its own. */
  readonly safety?: Safety
  /** Whether `slack-greedy` plans second calls beside slow ones. Default true. */
  readonly plansBackups?: boolean
  /** Of `slack-greedy`, `learned` and `joint`: worth of a model that no sibling uses, where it was learnt. */
  readonly diversity?: Readonly<Partial<Record<Domain, number>>>
  /** Of executors that draw: `mcpp`. Default 1. */
  readonly seed?: number
  /** Hears where `learned` or `joint` left a decision to `slack-greedy`. */
  readonly onFallback?: FallbackListener
}

/** The executor that `spec` names. Throws `INVARIANT_VIOLATED` without models, ConfigError for `joint` on a foreign pool. */
export function createExecutor(spec: ExecutorSpec, deps: ExecutorDeps): Executor {
  invariant(deps.models.length > 0, 'an executor needs at least one model')
  const withSafety = { ...deps, safety: deps.safety ?? new SafetyFactor() }
  if (typeof spec === 'object') {
    if (spec.kind === 'mcpp') return createMcpp(withSafety, spec)
    if (spec.kind === 'joint') return createJointExecutor(withSafety, spec)
    if (spec.kind === 'learned') return createLearnedExecutor(withSafety, spec)
    return createFixed(deps, { model: spec.model, strategy: spec.strategy })
  }
  if (spec === 'round-robin') return createRoundRobin(deps)
  if (spec === 'least-loaded') return createLeastLoaded(deps)
  return spec === 'mcpp' ? createMcpp(withSafety) : createSlackGreedy(withSafety)
}
