/**
 * @file The teams that the planner weighs, laid out once per domain and kind of answer.
 *
 * A candidate is a graph cut into waves: steps whose inputs are ready at the same time. Where answers can be compared a
 * team ends in a vote or in a probe, which cost no call of their own; where not, in a model's merge. Unasked, only teams
 * are weighed that were measured to help, or that are cheap; any other topology is weighed when the caller names it.
 */
import type { AnswerFormat, Domain, MergeKind, PlannedStep, TopologyId } from '../../core/index.ts'
import { aggregatorRoleOf, isComparable, layOut, mergeInEffect, pickRoles, type Topology } from '../../team/index.ts'
import { roleWeight, timeWeight } from '../predict/index.ts'

/** Steps that run side by side. */
export interface Wave {
  readonly kind: PlannedStep['kind']
  readonly count: number
  readonly isEscalation: boolean
  /** Outputs that one of its steps reads. */
  readonly reads: number
  /** Share of the way through the plan, by expected seconds: weights of all waves add up to 1. */
  readonly timeShare: number
  /** Share of the answer's worth that hangs on each step, 0-1. */
  readonly weight: number
}

export interface Candidate {
  readonly topology: TopologyId
  readonly agents: number
  readonly merge: MergeKind
  readonly steps: readonly PlannedStep[]
  readonly waves: readonly Wave[]
  readonly stopsOnAgreement: boolean
}

export interface CandidateKey {
  readonly domain: Domain
  readonly answerFormat: AnswerFormat
}

/** Team sizes weighed without being asked for, by topology. */
const sizesWithVotes: readonly (readonly [TopologyId, readonly number[]])[] = [
  ['io', [1, 3, 5]],
  ['probe', [2]],
  ['debate', [2, 3]],
  ['chain', [2]],
  ['reflection', [1]],
]
const sizesWithMerge: readonly (readonly [TopologyId, readonly number[]])[] = [
  ['io', [1, 3]],
  ['chain', [2, 3]],
  ['debate', [2]],
  ['full-connected', [3]],
  ['reflection', [1, 2]],
]
/** What a learned planner weighs beside those: merges by model where a vote would do, and larger teams. */
const furtherSizes: readonly (readonly [TopologyId, readonly number[]])[] = [
  ['io', [2, 3, 4, 5]],
  ['debate', [2, 3]],
]
const furtherSizesWithMerge: readonly (readonly [TopologyId, readonly number[]])[] = [
  ['io', [2, 4, 5]],
  ['debate', [3]],
]
export const mostAgents = 6

/** `usual`: what a rule can be trusted to weigh. `wide`: also what only pays where its worth was learnt. */
export type Breadth = 'usual' | 'wide'

/** Cuts laid-out steps into waves by the longest way from the start. */
function toWaves(steps: readonly PlannedStep[]): readonly Wave[] {
  const depth = new Map<string, number>()
  const byDepth: PlannedStep[][] = []
  for (const step of steps) {
    const at = step.dependsOn.reduce((deepest, id) => Math.max(deepest, (depth.get(id) ?? 0) + 1), 0)
    depth.set(step.id, at)
    byDepth[at] = [...(byDepth[at] ?? []), step]
  }
  const total = byDepth.reduce((sum, wave) => sum + timeWeight(wave[0] as PlannedStep), 0)
  return byDepth.map((wave) => {
    const first = wave[0] as PlannedStep
    return {
      kind: first.kind,
      count: wave.length,
      isEscalation: first.isEscalation,
      reads: first.reads.length,
      timeShare: timeWeight(first) / total,
      weight: Math.max(...wave.map(({ importance }) => roleWeight[importance])),
    }
  })
}

/** The merge to wish for. */
function wishedMerge(topology: Topology, format: AnswerFormat): MergeKind {
  if (topology.escalation || topology.edgesWithinRound !== 'none') return 'none'
  return isComparable(format) ? 'vote' : 'model'
}

/** One team, laid out. `agents` >= 1; `wished` default: a vote where answers can be compared. */
export function toCandidate(topology: Topology, agents: number, key: CandidateKey, wished?: MergeKind): Candidate {
  const wish = wished ?? wishedMerge(topology, key.answerFormat)
  const merge = mergeInEffect(topology, agents, wish)
  const steps = layOut({
    topology,
    agents,
    roles: pickRoles(key.domain, agents),
    merge: wish,
    aggregatorRole: aggregatorRoleOf(key.domain),
  })
  const stopsOnAgreement = steps.length > 1 && isComparable(key.answerFormat)
  return { topology: topology.id, agents, merge, steps, waves: toWaves(steps), stopsOnAgreement }
}

/** Where topologies are found by name. */
export interface Topologies {
  find(id: TopologyId): Topology | undefined
}

export interface ListOptions {
  /** All sizes of this topology, and nothing else. */
  readonly asked?: Topology
  /** Default `usual`. */
  readonly breadth?: Breadth
}

/** The candidates for a kind of question, without repeats. Smallest team of a topology first. */
export function listCandidates(
  topologies: Topologies,
  key: CandidateKey,
  { asked, breadth = 'usual' }: ListOptions = {},
): readonly Candidate[] {
  if (asked) return Array.from({ length: mostAgents }, (_, index) => toCandidate(asked, index + 1, key))
  if (key.domain === 'general') return fromSizes(topologies, [['io', [1]]], key)
  const canVote = isComparable(key.answerFormat)
  const usual = fromSizes(topologies, canVote ? sizesWithVotes : sizesWithMerge, key)
  if (breadth === 'usual') return usual
  const further = canVote
    ? fromSizes(topologies, furtherSizes, key, 'model')
    : fromSizes(topologies, furtherSizesWithMerge, key)
  return [...usual, ...further]
}

function fromSizes(
  topologies: Topologies,
  sizes: typeof sizesWithVotes,
  key: CandidateKey,
  wished?: MergeKind,
): readonly Candidate[] {
  return sizes.flatMap(([id, agentCounts]) => {
    const topology = topologies.find(id)
    return topology ? agentCounts.map((agents) => toCandidate(topology, agents, key, wished)) : []
  })
}
