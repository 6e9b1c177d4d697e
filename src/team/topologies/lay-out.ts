/**
 * @file Lays a topology out as a graph of steps for one team.
 *
 * Steps come wave by wave, so their order respects every edge; steps without an edge between them run in parallel. Ids
 * are `round/agent` (a self-review counts as one more round, so does the escalation), the aggregator is `last`. The
 * aggregator reads the whole last wave. Graphs are cached by topology, team and merge, and frozen: every query with the
 * same team shares one. O(steps + edges) once, a map look-up after.
 */
import {
  invariant,
  type MergeKind,
  type PlannedStep,
  type RoleId,
  type StepId,
  type StepKind,
} from '../../core/index.ts'
import { importanceOf } from '../roles/index.ts'
import { hasEscalation, mergeInEffect, roundsInEffect } from './describe-topology.ts'
import type { Topology } from './topology.ts'

export interface LayOutInput {
  readonly topology: Topology
  /** >= 1. */
  readonly agents: number
  /** Role of each agent, in order; shorter lists start over. At least one. */
  readonly roles: readonly RoleId[]
  /** As wished; `mergeInEffect` says what comes of it. */
  readonly merge: MergeKind
  readonly aggregatorRole: RoleId
}

/** A step before its place in the whole is known. */
type Draft = Pick<PlannedStep, 'id' | 'kind' | 'role' | 'dependsOn' | 'reads' | 'isEscalation'>

const stepId = (round: number, agent: number): StepId => `${round}/${agent}`
const indices = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index)

function readsWithin(topology: Topology, agent: number): readonly number[] {
  if (topology.edgesWithinRound === 'earlier') return indices(agent)
  return topology.edgesWithinRound === 'chain' && agent > 0 ? [agent - 1] : []
}

function readsBefore(topology: Topology, agent: number, agents: number): readonly number[] {
  switch (topology.edgesFromPreviousRound) {
    case 'none':
      return []
    case 'self':
      return [agent]
    case 'all':
      return indices(agents)
    case 'others':
      return indices(agents).filter((other) => other !== agent)
  }
}

function kindOf(id: StepId, reads: readonly StepId[]): StepKind {
  if (reads.length === 0) return 'solve'
  const agent = id.split('/')[1]
  return reads.every((read) => read.split('/')[1] === agent) ? 'revise' : 'review'
}

function draftRounds({ topology, agents, roles }: LayOutInput): Draft[] {
  const drafts: Draft[] = []
  const add = (round: number, agent: number, reads: readonly StepId[]) => {
    const id = stepId(round, agent)
    const role = roles[agent % roles.length] as RoleId
    drafts.push({ id, kind: kindOf(id, reads), role, dependsOn: reads, reads, isEscalation: false })
  }
  const rounds = roundsInEffect(topology, agents)
  for (let round = 0; round < rounds; round += 1) {
    for (let agent = 0; agent < agents; agent += 1) {
      const before = round === 0 ? [] : readsBefore(topology, agent, agents).map((other) => stepId(round - 1, other))
      add(round, agent, [...before, ...readsWithin(topology, agent).map((other) => stepId(round, other))])
    }
  }
  if (topology.selfReview) for (const agent of indices(agents)) add(rounds, agent, [stepId(rounds - 1, agent)])
  return drafts
}

/** The step that ends the graph, where the topology or the merge asks for one. */
function draftEnd(input: LayOutInput, lastWave: readonly StepId[], round: number): Draft | null {
  const { topology, agents, roles, merge, aggregatorRole } = input
  if (hasEscalation(topology, agents)) {
    const role = roles[0] as RoleId
    return { id: stepId(round, 0), kind: 'solve', role, dependsOn: lastWave, reads: [], isEscalation: true }
  }
  if (mergeInEffect(topology, agents, merge) !== 'model') return null
  const reads = lastWave
  return { id: 'last', kind: 'aggregate', role: aggregatorRole, dependsOn: reads, reads, isEscalation: false }
}

/** Longest chain from each step to the end. `drafts` in an order that respects `dependsOn`. */
function measure(drafts: readonly Draft[]): ReadonlyMap<StepId, number> {
  const stepsToEnd = new Map<StepId, number>(drafts.map(({ id }) => [id, 1]))
  for (const draft of drafts.toReversed()) {
    const own = stepsToEnd.get(draft.id) as number
    for (const id of draft.dependsOn) stepsToEnd.set(id, Math.max(stepsToEnd.get(id) as number, own + 1))
  }
  return stepsToEnd
}

function draw(input: LayOutInput): readonly PlannedStep[] {
  const { topology, agents, merge } = input
  const drafts = draftRounds(input)
  const lastWave = drafts.slice(-agents).map(({ id }) => id)
  const end = draftEnd(input, lastWave, drafts.length / agents)
  if (end) drafts.push(end)
  const lastId = mergeInEffect(topology, agents, merge) === 'vote' ? null : drafts.at(-1)?.id
  const stepsToEnd = measure(drafts)
  const steps = drafts.map((draft): PlannedStep => {
    Object.freeze(draft.dependsOn)
    Object.freeze(draft.reads)
    return Object.freeze({
      ...draft,
      importance: draft.isEscalation ? 'critical' : importanceOf(draft.role),
      stepsToEnd: stepsToEnd.get(draft.id) as number,
      isLast: draft.id === lastId,
    })
  })
  return Object.freeze(steps)
}

const cache = new WeakMap<Topology, Map<string, readonly PlannedStep[]>>()
// Teams met in practice are few; a policy that draws roles at random must not fill the memory.
const cachedTeams = 4096

/**
 * The steps of one team, in an order that respects `dependsOn`. Shared and frozen. Exactly one step is last, none where
 * the merge in effect is a vote. Throws `INVARIANT_VIOLATED` on a bad count, an empty line-up or a role that no file has.
 */
export function layOut(input: LayOutInput): readonly PlannedStep[] {
  const { topology, agents, roles, merge, aggregatorRole } = input
  const key = `${agents} ${merge} ${aggregatorRole} ${roles.join(' ')}`
  let teams = cache.get(topology)
  if (teams === undefined || teams.size >= cachedTeams) {
    teams = new Map()
    cache.set(topology, teams)
  }
  const known = teams.get(key)
  if (known) return known
  invariant(Number.isInteger(agents) && agents >= 1, `a team has at least one agent, got ${agents}`)
  invariant(roles.length > 0, 'a team has at least one role')
  const steps = draw(input)
  teams.set(key, steps)
  return steps
}
