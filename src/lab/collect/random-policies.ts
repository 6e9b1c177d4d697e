/**
 * @file Random teams and random strategies: what phase 1 runs workflows with, so that every kind of prompt comes about.
 *
 * A team is drawn by the name of its run: topology, number of agents, the role of each. Steps draw model and depth by run
 * and step (baseline `random`). So a workflow that is run again is run alike, whatever ran before it. Every step runs: no
 * early stop, answers are merged by a call. Ordinary chat gets one agent and one call, as in serving.
 */
import { keyedRandom, type Plan, type Planner, type Query } from '../../core/index.ts'
import { aggregatorRoleOf, layOut, mergeInEffect, rolesOf, type TopologyBook } from '../../team/index.ts'
import type { PolicyChoice } from '../world.ts'

export interface RandomTeamOptions {
  readonly topologies: TopologyBook
  readonly seed: number
  /** 1-6. */
  readonly maxAgents: number
}

/** What a plan depends on. */
export type PlannedQuery = Pick<Query, 'runId' | 'domain' | 'soloReason'>

export const randomPolicy: PolicyChoice = {
  planner: 'rules',
  executor: 'slack-greedy',
  discipline: 'fcfs',
  baseline: { kind: 'random' },
}

/** The team of one run. */
export function drawPlan({ runId, domain, soloReason }: PlannedQuery, options: RandomTeamOptions): Plan {
  const random = keyedRandom(options.seed, `team ${runId}`)
  const isAlone = soloReason !== null
  const topology = isAlone ? options.topologies.get('io') : random.pick(options.topologies.all)
  const agents = isAlone ? 1 : 1 + random.below(options.maxAgents)
  const roles = Array.from({ length: agents }, () => random.pick(rolesOf(domain)).name)
  const merge = mergeInEffect(topology, agents, 'model')
  return {
    topology: topology.id,
    agents,
    steps: layOut({ topology, agents, roles, merge, aggregatorRole: aggregatorRoleOf(domain) }),
    merge,
    stopsOnAgreement: false,
    predictedMs: 0,
    quality: 0,
    reason: 'drawn',
    alternatives: [],
  }
}

export const createRandomPlanner = (options: RandomTeamOptions): Planner => ({
  name: 'random-team',
  plan: (query) => drawPlan(query, options),
})
