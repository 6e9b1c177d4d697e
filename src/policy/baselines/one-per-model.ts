/**
 * @file Teams with one agent per model, for `moa` and `gptswarm`: the strongest model merges the answers, always.
 *
 * Agents stand in the order of the pool and share one role, since it is the models that differ. Nothing stops early:
 * agreement is not looked at, the merge is a model's call. A caller who allows fewer agents or calls gets the strongest
 * models; a request that demands one agent, or one that may use one model only, gets the strongest alone.
 *
 * Sources: mixture of agents, Wang et al. 2024 (one layer, proposers side by side); GPTSwarm, Zhuge et al. 2024, its
 * graph the learnt one, or, untrained, the complete one.
 */
import type {
  ClusterState,
  Domain,
  ModelId,
  Plan,
  PlannedStep,
  Planner,
  Query,
  RoleId,
  StrategyId,
  TopologyId,
} from '../../core/index.ts'
import { aggregatorRoleOf, layOut, mergeInEffect, pickRoles, type TopologyBook } from '../../team/index.ts'
import { layOutSwarm, likeliestGraph, type SwarmPolicy } from './learned/index.ts'
import { type ModelRanks, visible } from './model-ranks.ts'
import type { Wish } from './wish-executor.ts'

export interface OnePerModelTeam {
  readonly name: string
  /** Unless the caller names another. */
  readonly topology: TopologyId
  /** Depth that models are compared at, and answer with. */
  readonly strategy: StrategyId
  /** Learnt graphs: they take the place of `topology` where the domain has one. */
  readonly swarm?: SwarmPolicy
}

/** What plans along a learnt graph are called in records. */
const learntGraph = 'graph'

/** The planner half. Throws `REQUEST_INVALID` where the topology does not exist. */
export function createOnePerModelPlanner(
  team: OnePerModelTeam,
  deps: { readonly ranks: ModelRanks; readonly topologies: TopologyBook },
): Planner {
  deps.topologies.get(team.topology)
  const stepsOf = (query: Query, agents: number, id: TopologyId): readonly PlannedStep[] =>
    layOut({
      topology: deps.topologies.get(id),
      agents,
      roles: pickRoles(query.domain, 1),
      merge: 'model',
      aggregatorRole: aggregatorRoleOf(query.domain),
    })
  /** Along the learnt graph, where there is one and the caller asks for no other form. */
  const graphSteps = (query: Query, state: ClusterState, agents: number): readonly PlannedStep[] | null => {
    const { domain, limits } = query
    if (team.swarm === undefined || agents === 1 || limits.topology !== undefined) return null
    const { team: models } = membersOf(deps.ranks, state, { domain, agents, strategy: team.strategy })
    const edges = likeliestGraph(team.swarm, domain, models)
    const roles = { role: pickRoles(domain, 1)[0] as RoleId, aggregatorRole: aggregatorRoleOf(domain) }
    return edges && layOutSwarm(models.length, edges, roles)
  }
  const plan = (query: Query, state: ClusterState): Plan => {
    const { limits, soloReason } = query
    const isAlone = soloReason !== null && soloReason !== 'chat'
    const topology = isAlone ? 'io' : (limits.topology ?? team.topology)
    let agents = isAlone ? 1 : Math.min(visible(deps.ranks, state).length, limits.maxAgents ?? Infinity)
    while (agents > 1 && stepsOf(query, agents, topology).length > (limits.maxCalls ?? Infinity)) agents -= 1
    const graph = graphSteps(query, state, agents)
    return {
      topology: graph ? learntGraph : topology,
      agents,
      steps: graph ?? stepsOf(query, agents, topology),
      merge: mergeInEffect(deps.topologies.get(topology), agents, 'model'),
      stopsOnAgreement: false,
      // Nothing is weighed, so nothing is predicted.
      predictedMs: 0,
      quality: 0,
      reason: 'fixed',
      alternatives: [],
    }
  }
  return { name: team.name, plan }
}

/** Place of the agent in its team; null for the step that merges. */
function agentOf(stepId: string): number | null {
  const agent = Number(stepId.split('/')[1] ?? Number.NaN)
  return Number.isInteger(agent) ? agent : null
}

interface TeamSize {
  readonly domain: Domain
  readonly agents: number
  readonly strategy: StrategyId
}

export interface TeamPlace extends TeamSize {
  readonly stepId: string
}

/** The visible models, strongest first, and those of them that make the team, in the order of the pool. */
function membersOf(ranks: ModelRanks, state: ClusterState, { domain, agents, strategy }: TeamSize) {
  const present = visible(ranks, state)
  const strongest = ranks.byStrength(domain, strategy).filter((model) => present.includes(model))
  return { strongest, team: present.filter((model) => strongest.indexOf(model) < agents) }
}

/** The executor half: each agent its own model, the merge to the strongest; where one cannot be called, the next strongest. */
export function wishInTeam(ranks: ModelRanks, state: ClusterState, place: TeamPlace): Wish {
  const { strongest, team } = membersOf(ranks, state, place)
  const agent = agentOf(place.stepId)
  const { strategy } = place
  if (agent === null) return { models: strongest, strategy, reason: 'strongest-merges' }
  return { models: [team[agent % team.length] as ModelId, ...strongest], strategy, reason: 'own-model' }
}
