/**
 * @file `paper`: the paper's planner. Topology, number of agents and roles are drawn one after the other by its network.
 *
 * It weighs no prices: it reads the question, the budget and three numbers per model of the pool that it was trained for
 * (pool-readings.ts). Several agents always end in an aggregator, and no step is left out where answers agree. Roles are
 * those of the query's domain, any of them more than once. Serving takes the likeliest of each without noise; training
 * draws, and keeps the noise. It knows no limits of callers: such requests, and those that one agent must answer, are the
 * training-free planner's, as are decisions whose numbers are not finite. Another pool is refused.
 */
import {
  type ClusterState,
  type Domain,
  domains,
  type ModelId,
  type Plan,
  type Planner,
  type Query,
  type Random,
} from '../../../core/index.ts'
import { aggregatorRoleOf, layOut, mergeInEffect, type TopologyBook } from '../../../team/index.ts'
import { paperTopologies, type TeamTexts, teamTexts } from '../../embed/index.ts'
import {
  argmax,
  createPaperPlanner,
  fixedLoadSize,
  latentSize,
  logProbabilityOf,
  type PaperPlanner,
  sampleCategorical,
} from '../../nn/index.ts'
import { createPoolReader, type Exploration, type FallbackListener, requireSamePool } from '../../observe/index.ts'
import { writeTeamDecision } from './team-decision.ts'

/** What is asked of it beside its weights. */
export interface PaperPlannerOptions {
  /** Flat, as `paperPlannerShapes` lays them out. */
  readonly parameters: Float32Array
  /** In the order of the numbers of the load. */
  readonly models: readonly ModelId[]
  readonly exploration?: Exploration
}

export interface PaperPlannerDeps {
  readonly models: readonly ModelId[]
  readonly topologies: TopologyBook
  /** Decides where the network cannot. */
  readonly instead: Planner
  readonly onFallback?: FallbackListener
}

export const paperPlannerConfig = (models: number) => ({ loadSize: fixedLoadSize(models), domains: domains.length })

/** Throws ConfigError where the pool has other models, `INVARIANT_VIOLATED` where the parameters do not fit. */
export function createPaperFormPlanner(deps: PaperPlannerDeps, options: PaperPlannerOptions): Planner {
  const { models, parameters, exploration } = options
  requireSamePool(models, deps.models)
  const texts = teamTexts()
  const network = createPaperPlanner(paperPlannerConfig(models.length), { parameters, texts })
  const readPool = createPoolReader(models)
  const load = new Float32Array(fixedLoadSize(models.length))
  const noise = new Float32Array(latentSize)
  const plan = (query: Query, state: ClusterState): Plan => {
    if (isBound(query)) return deps.instead.plan(query, state)
    const isReadable = readPool(load, query.deadlineAtMs - state.atMs, state)
    if (exploration) redraw(noise, exploration.random)
    network.see(query.features.embedding, load, exploration ? noise : null)
    const team = isReadable ? formTeam(network, { texts, domain: query.domain, exploration }) : null
    if (team === null) {
      deps.onFallback?.({ level: 'planner', reason: isReadable ? 'logits' : 'features' })
      return deps.instead.plan(query, state)
    }
    const context = () => writeTeamDecision({ ...team, load, noise, domain: domains.indexOf(query.domain) })
    const { logProbability } = team
    exploration?.sink.decided('planner', query.runId, {
      ...noCandidates,
      context: context(),
      logProbability,
      query: query.features.embedding,
    })
    return toPlan(team, query.domain, { texts, topologies: deps.topologies })
  }
  return { name: 'paper', plan }
}

function redraw(noise: Float32Array, random: Random): void {
  for (let index = 0; index < noise.length; index += 1) noise[index] = random.normal()
}

const nothing = new Float32Array(0)
const noCandidates = { candidates: nothing, count: 0, base: nothing, taken: 0 }

const isBound = ({ soloReason, limits }: Query): boolean =>
  soloReason !== null ||
  limits.topology !== undefined ||
  limits.maxAgents !== undefined ||
  limits.maxCalls !== undefined ||
  limits.maxTotalTokens !== undefined

interface Team {
  readonly topology: number
  readonly roles: readonly number[]
  readonly logProbability: number
}

interface Forming {
  readonly texts: TeamTexts
  readonly domain: Domain
  readonly exploration: Exploration | undefined
}

/** Null where a score is not finite. */
function formTeam(network: PaperPlanner, { texts, domain, exploration }: Forming): Team | null {
  let logProbability = 0
  /** Place of what is taken; -1 where it cannot be said. */
  const draw = (logits: Float32Array): number => {
    if (!logits.every(Number.isFinite)) return -1
    const taken = exploration ? sampleCategorical(logits, exploration.random.uniform()) : argmax(logits)
    logProbability += logProbabilityOf(logits, taken)
    return taken
  }
  const topology = draw(network.topologyLogits())
  const agents = 1 + draw(network.countLogits())
  if (topology < 0 || agents < 1) return null
  const members = texts.membersOf(domain)
  const roles: number[] = []
  while (roles.length < agents) {
    const logits = network.roleLogits(topology, roles)
    const place = draw(Float32Array.from(members, (member) => logits[member] as number))
    if (place < 0) return null
    roles.push(members[place] as number)
  }
  return { topology, roles, logProbability }
}

interface Library {
  readonly texts: TeamTexts
  readonly topologies: TopologyBook
}

function toPlan(
  { topology: place, roles, logProbability }: Team,
  domain: Domain,
  { texts, topologies }: Library,
): Plan {
  const topology = topologies.get(paperTopologies[place] as string)
  const agents = roles.length
  const named = roles.map((role) => texts.roleIds[role] as string)
  return {
    topology: topology.id,
    agents,
    steps: layOut({ topology, agents, roles: named, merge: 'model', aggregatorRole: aggregatorRoleOf(domain) }),
    merge: mergeInEffect(topology, agents, 'model'),
    stopsOnAgreement: false,
    // Nothing is weighed, so nothing is predicted.
    predictedMs: 0,
    quality: 0,
    probability: Math.exp(logProbability),
    reason: 'paper',
    alternatives: [],
  }
}
