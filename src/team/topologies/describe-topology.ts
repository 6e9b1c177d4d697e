/**
 * @file What a topology costs, in closed form: calls, longest chain, edges read.
 *
 * K agents, R rounds. Calls: K R, + K with self-review, + 1 with an aggregator or escalation. Edges per round: chain K-1,
 * earlier K(K-1)/2; between rounds: others K(K-1), all K^2, self K. The table in the test holds these against the graphs
 * that `layOut` draws.
 */
import { invariant, type MergeKind } from '../../core/index.ts'
import type { Topology } from './topology.ts'

export interface TopologyCost {
  /** Engine calls if nothing is left out, the escalation included. */
  readonly calls: number
  /** Calls on the longest chain: the wait if parallel steps take no longer than one. */
  readonly hops: number
  /** Outputs read by other steps, in total: prompt tokens grow by so many outputs. */
  readonly promptGrowth: number
}

/** One agent has no others to read, so rounds that read only others are left out for it. */
export const roundsInEffect = (topology: Topology, agents: number): number =>
  agents === 1 && topology.edgesFromPreviousRound === 'others' ? 1 : topology.rounds

/** Whether the escalation step exists: one probe alone cannot disagree. */
export const hasEscalation = (topology: Topology, agents: number): boolean => topology.escalation && agents > 1

/**
 * How the answers of a team really become one when `merge` is asked for: one agent's answer just stands; `model` needs no
 * call where one step ends the graph; `none` turns into `model` where several do.
 */
export function mergeInEffect(topology: Topology, agents: number, merge: MergeKind): MergeKind {
  if (agents === 1) return 'none'
  if (merge === 'vote') return 'vote'
  if (!topology.aggregator) return 'none'
  const endsInOne = topology.edgesWithinRound !== 'none' && !topology.selfReview
  return merge === 'none' && endsInOne ? 'none' : 'model'
}

const withinRound = { none: () => 0, chain: (k: number) => k - 1, earlier: (k: number) => (k * (k - 1)) / 2 }
const fromPrevious = {
  none: () => 0,
  others: (k: number) => k * (k - 1),
  all: (k: number) => k * k,
  self: (k: number) => k,
}

function roundHops(topology: Topology, agents: number, rounds: number): number {
  if (topology.edgesWithinRound === 'none') return rounds
  // Each reads the one before it and its own earlier answer: the longest way through a grid.
  if (topology.edgesFromPreviousRound === 'self') return agents + rounds - 1
  return agents * rounds
}

/** Cost of a team of `agents` >= 1 under `merge` (by model unless said). Throws `INVARIANT_VIOLATED` on a bad count. */
export function describeTopology(topology: Topology, agents: number, merge: MergeKind = 'model'): TopologyCost {
  invariant(Number.isInteger(agents) && agents >= 1, `a team has at least one agent, got ${agents}`)
  const rounds = roundsInEffect(topology, agents)
  const isAggregated = mergeInEffect(topology, agents, merge) === 'model'
  const isEscalated = hasEscalation(topology, agents)
  const within = rounds * withinRound[topology.edgesWithinRound](agents)
  const between = (rounds - 1) * fromPrevious[topology.edgesFromPreviousRound](agents)
  const last = (isAggregated ? 1 : 0) + (isEscalated ? 1 : 0)
  const reviews = topology.selfReview ? 1 : 0
  return {
    calls: agents * (rounds + reviews) + last,
    hops: roundHops(topology, agents, rounds) + reviews + last,
    promptGrowth: within + between + agents * reviews + (isAggregated ? agents : 0),
  }
}
