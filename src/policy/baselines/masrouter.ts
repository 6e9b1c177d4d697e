/**
 * @file `masrouter`: team and models from what is asked and what it costs, blind to load, time and budget.
 *
 * The whole cascade is decided at arrival; the executor looks it up, or decides it again where another policy's steps come.
 * A caller's limits leave fewer teams to choose from; a request that demands one agent gets one, and so does a general
 * question, of which nothing was learnt. A model that cannot be called is replaced by the strongest that can.
 */
import type { ClusterState, Executor, Plan, Planner, Query } from '../../core/index.ts'
import type { TopologyBook } from '../../team/index.ts'
import { argmax } from '../nn/index.ts'
import { type Candidate, toCandidate } from '../planner/index.ts'
import type { PoolPredictor } from '../predict/index.ts'
import {
  asRouted,
  createCascade,
  mostRoutedAgents,
  type PriceSetting,
  type Route,
  type RouterChoice,
  type RouterPolicy,
  routedCandidates,
} from './learned/index.ts'
import { type ModelRanks, type PriorOf, visible } from './model-ranks.ts'
import { createWishExecutor } from './wish-executor.ts'

export interface MasRouterOptions {
  readonly name: string
  readonly router: RouterPolicy
  readonly price: PriceSetting
}

export interface MasRouterDeps {
  readonly predictor: PoolPredictor
  readonly ranks: ModelRanks
  readonly topologies: TopologyBook
  readonly priorOf: PriorOf
}

const takeLikeliest = ({ logits }: RouterChoice): number => argmax(logits)

/** Throws `INVARIANT_VIOLATED` where the networks do not fit. */
export function createMasRouter(
  { name, router, price }: MasRouterOptions,
  deps: MasRouterDeps,
): { readonly planner: Planner; readonly executor: Executor } {
  const { ranks, topologies } = deps
  const cascade = createCascade(router, deps.priorOf)
  const candidatesFor = createCandidates(topologies)
  const routes = new WeakMap<Query, Route>()
  const routeOf = (query: Query, state: ClusterState): Route => {
    const { domain, answerFormat, features } = query
    const question = { domain, answerFormat, hand: features.hand }
    const terms = { models: visible(ranks, state), candidates: candidatesFor(query), take: takeLikeliest }
    const route = cascade({ question, price, ...terms })
    routes.set(query, route)
    return route
  }
  const planner: Planner = { name, plan: (query, state) => toRoutedPlan(routeOf(query, state).candidate) }
  const executor = createWishExecutor(name, deps.predictor, ({ query, step }, state) => {
    const { candidate, arms } = routes.get(query) ?? routeOf(query, state)
    const strategy = router.depths[query.domain][price]
    const present = visible(ranks, state)
    const strongest = ranks.byStrength(query.domain, strategy).filter((model) => present.includes(model))
    const own = arms[candidate.steps.findIndex(({ id }) => id === step.id)]
    const models = own ? [own.model, ...strongest] : strongest
    return { models, strategy, reason: own ? 'routed' : 'strongest' }
  })
  return { planner, executor }
}

/** The teams that a query may be given. */
function createCandidates(topologies: TopologyBook): (query: Query) => readonly Candidate[] {
  const known = new Map<string, readonly Candidate[]>()
  const allOf = ({ domain, answerFormat }: Query): readonly Candidate[] => {
    const key = `${domain}|${answerFormat}`
    const all = known.get(key) ?? routedCandidates(topologies, { domain, answerFormat })
    known.set(key, all)
    return all
  }
  return (query) => {
    const { limits, soloReason, domain } = query
    const alone = (id: string) => [asRouted(toCandidate(topologies.get(id), 1, query, 'model'))]
    if ((soloReason !== null && soloReason !== 'chat') || (domain === 'general' && !limits.topology)) return alone('io')
    const asked = limits.topology === undefined ? null : topologies.get(limits.topology)
    const sizes = Array.from({ length: mostRoutedAgents }, (_, index) => index + 1)
    const all = asked ? sizes.map((agents) => asRouted(toCandidate(asked, agents, query, 'model'))) : allOf(query)
    const { maxAgents = Infinity, maxCalls = Infinity } = limits
    const allowed = all.filter(({ agents, steps }) => agents <= maxAgents && steps.length <= maxCalls)
    return allowed.length > 0 ? allowed : alone(asked?.id ?? 'io')
  }
}

const toRoutedPlan = ({ topology, agents, steps, merge, stopsOnAgreement }: Candidate): Plan => ({
  topology,
  agents,
  steps,
  merge,
  stopsOnAgreement,
  // No forecast of time is made, and none of the quality of a team.
  predictedMs: 0,
  quality: 0,
  reason: 'learned',
  alternatives: [],
})
