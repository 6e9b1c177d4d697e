/**
 * @file Baselines put together: a planner and an executor each.
 *
 * Those of one agent share a planner that always plans one. Chance (`random`) is drawn by name of run and step, so that a
 * draw depends neither on the order of decisions nor on the budget. `first-large` takes the largest tier, within it the
 * strongest, at Concise: sources name no depth, and with one call per query "first" is "always".
 */
import {
  type ClusterState,
  type Executor,
  invariant,
  keyedRandom,
  type ModelId,
  type Planner,
  type StepContext,
  type StrategyId,
} from '../../core/index.ts'
import { createTopologyBook, strategiesUpTo, type TopologyBook } from '../../team/index.ts'
import { createExecutor } from '../executor/index.ts'
import { createPlanner } from '../planner/index.ts'
import type { PoolPredictor } from '../predict/index.ts'
import { type BaselineSpec, nameOfBaseline, type SoloBaselineSpec, type TeamBaselineSpec } from './baseline-spec.ts'
import { createMasRouter } from './masrouter.ts'
import { type ModelRanks, type PriorOf, rankModels } from './model-ranks.ts'
import { wishByFactors } from './multi-factor.ts'
import { createOnePerModelPlanner, wishInTeam } from './one-per-model.ts'
import { createWinRouter } from './win-router.ts'
import { createWishExecutor, depthWithin, type Wish } from './wish-executor.ts'

export interface BaselineDeps {
  readonly predictor: PoolPredictor
  /** In the order of the config; at least one. */
  readonly models: readonly ModelId[]
  /** What is known of a model beforehand. */
  readonly priorOf: PriorOf
  /** Default: the built-in topologies. */
  readonly topologies?: TopologyBook
  /** Of `random`. Default 1. */
  readonly seed?: number
}

export interface Baseline {
  readonly planner: Planner
  readonly executor: Executor
}

const defaultStrategy: StrategyId = 'Concise'

/** Models in a random order, and a random depth: uniform over the arms that may be taken. */
function wishAtRandom(models: readonly ModelId[], seed: number): (step: StepContext) => Wish {
  return ({ query, step }) => {
    const random = keyedRandom(seed, `${query.runId} ${step.id}`)
    const order = [...models]
    for (let last = order.length - 1; last > 0; last -= 1) {
      const other = random.below(last + 1)
      const drawn = order[other] as ModelId
      order[other] = order[last] as ModelId
      order[last] = drawn
    }
    return { models: order, strategy: random.pick(strategiesUpTo(query.limits.deepestStrategy)), reason: 'drawn' }
  }
}

function wishByWin(ranks: ModelRanks, strategy: StrategyId, threshold?: number): (step: StepContext) => Wish {
  const router = createWinRouter(ranks, strategy, threshold)
  const others = ranks.bySize(strategy)
  return ({ query }) => {
    const isStrong = router.win(query) >= router.threshold
    const pair = isStrong ? [router.strong, router.weak] : [router.weak, router.strong]
    return { models: [...pair, ...others], strategy, reason: isStrong ? 'predicted-win' : 'predicted-tie' }
  }
}

/** `executor` at another depth than its own. */
const atDepth = (executor: Executor, strategy: StrategyId): Executor => ({
  ...executor,
  choose: (step, state) => {
    const limits = { ...step.query.limits, strategy: depthWithin(step, strategy) }
    return executor.choose({ ...step, query: { ...step.query, limits } }, state)
  },
})

function createOnePerModel(spec: TeamBaselineSpec, deps: Wired): Baseline {
  const { ranks, name } = deps
  const strategy = spec.strategy ?? defaultStrategy
  const topology = spec.kind === 'moa' ? 'io' : 'full-connected'
  const learnt = spec.kind === 'gptswarm' ? { swarm: spec.swarm } : {}
  const wishFor = (step: StepContext, state: ClusterState) =>
    wishInTeam(ranks, state, {
      domain: step.query.domain,
      agents: step.plan.agents,
      stepId: step.step.id,
      strategy,
    })
  return {
    planner: createOnePerModelPlanner({ name, topology, strategy, ...learnt }, deps),
    executor: createWishExecutor(name, deps.predictor, wishFor),
  }
}

interface Wired extends BaselineDeps {
  readonly name: string
  readonly topologies: TopologyBook
  readonly ranks: ModelRanks
}

/** What a depth-blind baseline with one agent wishes for at each step. */
function wishOf(
  kind: 'routellm' | 'multi-factor' | 'first-large',
  { ranks, predictor, strategy, threshold }: Wired & { readonly strategy: StrategyId; readonly threshold?: number },
): (step: StepContext, state: ClusterState) => Wish {
  if (kind === 'routellm') return wishByWin(ranks, strategy, threshold)
  if (kind === 'multi-factor') return wishByFactors({ ranks, predictor, strategy })
  const models = ranks.bySize(strategy)
  return () => ({ models, strategy, reason: 'largest' })
}

/** The executor of a baseline with one agent. */
function createSoloExecutor(spec: SoloBaselineSpec, deps: Wired): Executor {
  const { name, predictor, models, seed = 1 } = deps
  if (spec.kind === 'single') return createExecutor({ ...spec, kind: 'fixed' }, deps)
  if (spec.kind === 'random') return createWishExecutor(name, predictor, wishAtRandom(models, seed))
  const { strategy = defaultStrategy } = spec
  if (spec.kind === 'round-robin' || spec.kind === 'least-loaded')
    return atDepth(createExecutor(spec.kind, deps), strategy)
  const threshold = spec.kind === 'routellm' && spec.threshold !== undefined ? { threshold: spec.threshold } : {}
  return createWishExecutor(name, predictor, wishOf(spec.kind, { ...deps, strategy, ...threshold }))
}

const isTeam = (spec: BaselineSpec): spec is TeamBaselineSpec =>
  spec.kind === 'moa' || spec.kind === 'gptswarm' || spec.kind === 'gptswarm-untrained'

/** Planner and executor of a baseline. Throws `INVARIANT_VIOLATED` without models. */
export function createBaseline(spec: BaselineSpec, deps: BaselineDeps): Baseline {
  invariant(deps.models.length > 0, 'a baseline needs at least one model')
  const topologies = deps.topologies ?? createTopologyBook()
  const ranks = rankModels(deps.models, deps.priorOf)
  const wired: Wired = { ...deps, topologies, ranks, name: nameOfBaseline(spec) }
  if (isTeam(spec)) return createOnePerModel(spec, wired)
  if (spec.kind === 'masrouter')
    return createMasRouter({ name: wired.name, router: spec.router, price: spec.price ?? 'mid' }, wired)
  return {
    planner: createPlanner({ kind: 'fixed', topology: 'io', agents: 1 }, wired),
    executor: { ...createSoloExecutor(spec, wired), name: wired.name },
  }
}
