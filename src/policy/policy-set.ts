/** @file The policies of one pool, made together so that they share predictions, prices and the safety factor. */
import type { Executor, ModelId, Planner } from '../core/index.ts'
import type { TopologyBook } from '../team/index.ts'
import { type BaselineSpec, createBaseline } from './baselines/index.ts'
import { createExecutor, type ExecutorSpec } from './executor/index.ts'
import type { FallbackListener } from './observe/index.ts'
import { createPlanner, diversityOf, type PlannerSpec } from './planner/index.ts'
import {
  assumePrior,
  createPredictor,
  type PoolPredictor,
  type PredictorOptions,
  type Safety,
  SafetyFactor,
} from './predict/index.ts'

export interface PolicySetOptions extends PredictorOptions {
  /** Default: `rules`. */
  readonly planner?: PlannerSpec
  /** Default: `slack-greedy`. */
  readonly executor?: ExecutorSpec
  /** Safety factor to start from: taken to the nearest of its grid, then calibrated. Default: 2.2. */
  readonly safety?: number
  /** Default: the built-in topologies. */
  readonly topologies?: TopologyBook
  /** Takes the place of `planner` and `executor`; `safety` is then unused. */
  readonly baseline?: BaselineSpec
  /** Of policies that draw: `mcpp`, the baseline `random`. Default 1. */
  readonly seed?: number
  /** Whether a slow arm may be taken with a quicker one planned beside it. Default: where the executor can; false for ablation. */
  readonly plansBackups?: boolean
  /** What policies before these have learnt of the pool while serving. Default: nothing. */
  readonly knowledge?: Partial<PoolKnowledge>
  /** Hears where a learned policy left a decision to a training-free one. */
  readonly onFallback?: FallbackListener
}

/** Outlives the policies that made it: theirs is only what they make of it. */
export interface PoolKnowledge {
  /** Must have been made with the same options. */
  readonly predictor: PoolPredictor
  readonly safety: Safety
}

export interface PolicySet {
  readonly predictor: PoolPredictor
  readonly planner: Planner
  readonly executor: Executor
  /** Absent: a baseline, which plans with none. */
  readonly safety?: Safety
}

/** Predictor, planner and executor over one pool. Throws as `createPlanner`, `createExecutor` and `createBaseline` do. */
export function createPolicySet(options: PolicySetOptions): PolicySet {
  const {
    planner = 'rules',
    executor = 'slack-greedy',
    topologies,
    baseline,
    safety,
    seed,
    plansBackups,
    knowledge,
    onFallback,
    ...rest
  } = options
  const predictor = knowledge?.predictor ?? createPredictor(rest)
  const shared = {
    predictor,
    models: rest.models,
    ...(topologies ? { topologies } : {}),
    ...(seed === undefined ? {} : { seed }),
  }
  if (baseline) {
    const priorOf = (model: ModelId) => rest.prior.models[model] ?? assumePrior(model, rest.tiers?.[model])
    return { predictor, ...createBaseline(baseline, { ...shared, priorOf }) }
  }
  const canBackUp = (executor === 'slack-greedy' || isLearned(executor)) && plansBackups !== false
  const calibrated = {
    ...shared,
    safety: knowledge?.safety ?? new SafetyFactor(safety),
    plansBackups: canBackUp,
    ...(onFallback ? { onFallback } : {}),
  }
  const teamRules = typeof planner === 'object' && 'teamRules' in planner ? planner.teamRules : undefined
  return {
    predictor,
    safety: calibrated.safety,
    planner: createPlanner(planner, calibrated),
    // Planner and executor staff a team by the same rule.
    executor: createExecutor(executor, { ...calibrated, ...(teamRules ? { diversity: diversityOf(teamRules) } : {}) }),
  }
}

const isLearned = (executor: ExecutorSpec): boolean =>
  typeof executor === 'object' && (executor.kind === 'learned' || executor.kind === 'joint')
