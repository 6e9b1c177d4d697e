/**
 * @file Graphs of one node per model, as GPTSwarm learns them: edges that are taken one by one, and steps laid out along them.
 *
 * An edge i -> j lets j work on the answer of i. Edges are offered in an order, and one that would close a cycle is passed
 * over, so whatever is taken is a graph without cycles. Nodes that read nobody answer afresh, side by side; the aggregator
 * reads every node.
 * Source: Zhuge et al. 2024, arXiv 2402.16823, section 3 (edge optimisation).
 */
import type { PlannedStep, RoleId, StepId } from '../../../core/index.ts'
import { importanceOf } from '../../../team/index.ts'

/** `to` reads `from`: places of nodes. */
export type GraphEdge = readonly [from: number, to: number]

/** All edges between `nodes` nodes, in the order in which they are offered. */
export const allEdges = (nodes: number): readonly GraphEdge[] =>
  Array.from({ length: nodes * nodes }, (_, place): GraphEdge => [Math.floor(place / nodes), place % nodes]).filter(
    ([from, to]) => from !== to,
  )

/** Offers `edges` in their order: `takes` is asked of each that closes no cycle, by its place. */
export function takeEdges(
  edges: readonly GraphEdge[],
  takes: (edge: GraphEdge, place: number) => boolean,
): readonly GraphEdge[] {
  const taken: GraphEdge[] = []
  const leadsTo = (from: number, to: number): boolean =>
    from === to || taken.some(([start, end]) => start === from && leadsTo(end, to))
  for (const [place, edge] of edges.entries()) {
    const [from, to] = edge
    if (!leadsTo(to, from) && takes(edge, place)) taken.push(edge)
  }
  return taken
}

export interface SwarmRoles {
  readonly role: RoleId
  readonly aggregatorRole: RoleId
}

const nodeId = (node: number): StepId => `0/${node}`

/** Nodes, every one behind all that it reads; of those that might come next the first in the order of the pool. */
function inOrder(nodes: number, readsOf: (node: number) => readonly number[]): readonly number[] {
  const left = Array.from({ length: nodes }, (_, node) => node)
  const placed: number[] = []
  while (left.length > 0) {
    const place = left.findIndex((node) => readsOf(node).every((read) => placed.includes(read)))
    placed.push(...left.splice(place, 1))
  }
  return placed
}

/** The steps of `nodes` >= 1 nodes, ids `0/node`, in an order that respects `edges`, which must hold no cycle; then the aggregator. */
export function layOutSwarm(
  nodes: number,
  edges: readonly GraphEdge[],
  { role, aggregatorRole }: SwarmRoles,
): readonly PlannedStep[] {
  const readsOf = (node: number) => edges.flatMap(([from, to]) => (to === node ? [from] : []))
  const order = inOrder(nodes, readsOf)
  const isMerged = nodes > 1
  const toEnd = new Map<number, number>()
  for (const node of order.toReversed()) {
    const readers = edges.flatMap(([from, to]) => (from === node ? [to] : []))
    toEnd.set(node, 1 + Math.max(isMerged ? 1 : 0, ...readers.map((reader) => toEnd.get(reader) as number)))
  }
  const steps = order.map((node): PlannedStep => {
    const reads = readsOf(node).map(nodeId)
    return {
      id: nodeId(node),
      kind: reads.length === 0 ? 'solve' : 'review',
      role,
      importance: importanceOf(role),
      dependsOn: reads,
      reads,
      stepsToEnd: toEnd.get(node) as number,
      isEscalation: false,
      isLast: !isMerged,
    }
  })
  if (!isMerged) return steps
  const reads = steps.map(({ id }) => id)
  return [
    ...steps,
    {
      id: 'last',
      kind: 'aggregate',
      role: aggregatorRole,
      importance: importanceOf(aggregatorRole),
      dependsOn: reads,
      reads,
      stepsToEnd: 1,
      isEscalation: false,
      isLast: true,
    },
  ]
}
