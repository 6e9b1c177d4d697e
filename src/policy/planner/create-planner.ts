/** @file Planners by name, as configs and benchmarks ask for them. */
import type { ModelId, Planner } from '../../core/index.ts'
import { createTopologyBook, type TopologyBook } from '../../team/index.ts'
import type { FallbackListener } from '../observe/index.ts'
import { type PoolPredictor, type Safety, SafetyFactor } from '../predict/index.ts'
import type { Breadth } from './candidates.ts'
import { createFixedPlanner, type FixedTeam } from './fixed.ts'
import { createLearnedPlanner, type LearnedPlannerOptions } from './learned/index.ts'
import { createPaperFormPlanner, type PaperPlannerOptions } from './paper/index.ts'
import { createDual, createRules } from './rules.ts'
import type { TeamRules } from './team-rules.ts'

/** What was fitted to graded plays, for planners that learn. */
export interface LearntTeams {
  /** Default: the assumed rules. */
  readonly teamRules?: TeamRules
  /** Default `wide`. */
  readonly breadth?: Breadth
}

export type PlannerSpec =
  | 'rules'
  | ({ readonly kind: 'fixed' } & FixedTeam)
  /** `rules` with fitted rules, more teams to choose from, and no cap by load. */
  | ({ readonly kind: 'dual' } & LearntTeams)
  | ({ readonly kind: 'learned' } & LearntTeams & LearnedPlannerOptions)
  | ({ readonly kind: 'paper' } & PaperPlannerOptions)

export interface PlannerDeps {
  readonly predictor: PoolPredictor
  /** In the order of the config. */
  readonly models: readonly ModelId[]
  /** Default: the built-in topologies. */
  readonly topologies?: TopologyBook
  /** Shared with the executor, so that both plan with the same factor. Default: one of its own, which never moves. */
  readonly safety?: Safety
  /** Whether the executor plans second calls beside slow ones. Default true. */
  readonly plansBackups?: boolean
  /** Hears where `learned` or `paper` left a decision to `rules`. */
  readonly onFallback?: FallbackListener
}

/** The planner that `spec` names. Throws `REQUEST_INVALID` for a topology that does not exist, ConfigError for `paper` on a foreign pool. */
export function createPlanner(spec: PlannerSpec, deps: PlannerDeps): Planner {
  const topologies = deps.topologies ?? createTopologyBook()
  const shared = {
    predictor: deps.predictor,
    safety: deps.safety ?? new SafetyFactor(),
    topologies,
    plansBackups: deps.plansBackups ?? true,
  }
  if (spec === 'rules') return createRules(shared)
  if (spec.kind === 'fixed') return createFixedPlanner(spec, { predictor: deps.predictor, topologies })
  const listens = deps.onFallback ? { onFallback: deps.onFallback } : {}
  if (spec.kind === 'paper') {
    const { models } = deps
    return createPaperFormPlanner({ models, topologies, instead: createRules(shared), ...listens }, spec)
  }
  const learnt = {
    ...shared,
    breadth: spec.breadth ?? 'wide',
    ...(spec.teamRules ? { teamRules: spec.teamRules } : {}),
  }
  if (spec.kind === 'dual') return createDual(learnt)
  return createLearnedPlanner({ ...learnt, ...listens, instead: createRules(shared) }, spec)
}
