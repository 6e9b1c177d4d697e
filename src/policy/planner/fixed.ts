/**
 * @file `fixed`: the same team for every query, whatever the load. For comparison, and for who knows what they want.
 *
 * A request that demands one agent (tools, a schema, media) gets one; so does a caller's smaller limit on agents or
 * calls. A topology named by the caller goes before the configured one.
 */
import type { ClusterState, Plan, Planner, Query, TopologyId } from '../../core/index.ts'
import type { TopologyBook } from '../../team/index.ts'
import type { PoolPredictor } from '../predict/index.ts'
import { type Candidate, toCandidate } from './candidates.ts'

export interface FixedTeam {
  readonly topology: TopologyId
  /** >= 1. */
  readonly agents: number
}

export interface FixedDeps {
  readonly predictor: PoolPredictor
  readonly topologies: TopologyBook
}

/** Throws `REQUEST_INVALID` where the topology does not exist. */
export function createFixedPlanner({ topology, agents }: FixedTeam, { topologies }: FixedDeps): Planner {
  topologies.get(topology)
  const teams = new Map<string, Candidate>()
  const teamOf = (query: Query): Candidate => {
    const { limits, domain, answerFormat, soloReason } = query
    const isAlone = soloReason !== null && soloReason !== 'chat'
    const id = isAlone ? 'io' : (limits.topology ?? topology)
    let size = isAlone ? 1 : Math.min(agents, limits.maxAgents ?? agents)
    for (;;) {
      const key = `${id} ${size} ${domain} ${answerFormat}`
      const team = teams.get(key) ?? toCandidate(topologies.get(id), size, query)
      teams.set(key, team)
      if (size === 1 || team.steps.length <= (limits.maxCalls ?? Infinity)) return team
      size -= 1
    }
  }
  const plan = (query: Query, _state: ClusterState): Plan => {
    const { topology: id, agents: size, steps, merge, stopsOnAgreement } = teamOf(query)
    // Nothing is weighed, so nothing is predicted.
    const predictedMs = 0
    return {
      topology: id,
      agents: size,
      steps,
      merge,
      stopsOnAgreement,
      predictedMs,
      quality: 0,
      reason: 'fixed',
      alternatives: [],
    }
  }
  return { name: `fixed:${topology}:${agents}`, plan }
}
