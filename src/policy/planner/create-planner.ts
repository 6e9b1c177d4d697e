/** @file Planners by name, as configs and benchmarks ask for them. */
import type { ModelId, Planner } from '../../core/index.ts'
import { createTopologyBook, type TopologyBook } from '../../team/index.ts'
import { type PoolPredictor, SafetyFactor } from '../predict/index.ts'
import { createFixedPlanner, type FixedTeam } from './fixed.ts'
import { createRules } from './rules.ts'

export type PlannerSpec = 'rules' | ({ readonly kind: 'fixed' } & FixedTeam)

export interface PlannerDeps {
  readonly predictor: PoolPredictor
  /** In the order of the config. */
  readonly models: readonly ModelId[]
  /** Default: the built-in topologies. */
  readonly topologies?: TopologyBook
  /** Shared with the executor, so that both plan with the same factor. Default: one of its own, which never moves. */
  readonly safety?: SafetyFactor
  /** Whether the executor plans second calls beside slow ones. Default true. */
  readonly plansBackups?: boolean
}

/** The planner that `spec` names. Throws `REQUEST_INVALID` for a topology that does not exist. */
export function createPlanner(spec: PlannerSpec, deps: PlannerDeps): Planner {
  const topologies = deps.topologies ?? createTopologyBook()
  if (typeof spec === 'object') return createFixedPlanner(spec, { predictor: deps.predictor, topologies })
  return createRules({
    predictor: deps.predictor,
    safety: deps.safety ?? new SafetyFactor(),
    topologies,
    plansBackups: deps.plansBackups ?? true,
  })
}
