/** @file The policies of one pool, made together so that they share predictions, prices and the safety factor. */
import type { Executor, Planner } from '../core/index.ts'
import type { TopologyBook } from '../team/index.ts'
import { createExecutor, type ExecutorSpec } from './executor/index.ts'
import { createPlanner, type PlannerSpec } from './planner/index.ts'
import { createPredictor, type PoolPredictor, type PredictorOptions, SafetyFactor } from './predict/index.ts'

export interface PolicySetOptions extends PredictorOptions {
  /** Default: `rules`. */
  readonly planner?: PlannerSpec
  /** Default: `slack-greedy`. */
  readonly executor?: ExecutorSpec
  /** Safety factor to start from: taken to the nearest of its grid, then calibrated. Default: 2.2. */
  readonly safety?: number
  /** Default: the built-in topologies. */
  readonly topologies?: TopologyBook
}

export interface PolicySet {
  readonly predictor: PoolPredictor
  readonly planner: Planner
  readonly executor: Executor
}

/** Predictor, planner and executor over one pool. Throws as `createPlanner` and `createExecutor` do. */
export function createPolicySet(options: PolicySetOptions): PolicySet {
  const { planner = 'rules', executor = 'slack-greedy', topologies, safety, ...predictorOptions } = options
  const predictor = createPredictor(predictorOptions)
  const shared = { predictor, models: options.models, safety: new SafetyFactor(safety) }
  return {
    predictor,
    planner: createPlanner(planner, topologies ? { ...shared, topologies } : shared),
    executor: createExecutor(executor, shared),
  }
}
