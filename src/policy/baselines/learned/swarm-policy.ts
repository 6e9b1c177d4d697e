/**
 * @file What `gptswarm` has learnt: for each domain the chance of every edge between the models of one pool.
 *
 * The graph that serves is the most likely one: edges likelier than not, the likeliest first, those that would close a cycle
 * left out. Tied to the models by name: of models that are not there their edges go too, and models that nothing was learnt
 * of answer by themselves. A domain without chances has no graph.
 */
import { z } from 'zod'
import { ConfigError, type Domain, type ModelId } from '../../../core/index.ts'
import { type GraphEdge, takeEdges } from './swarm-graph.ts'

export const swarmSchemaId = 'inframind.gptswarm/1'

const edge = z.strictObject({
  from: z.string().min(1),
  to: z.string().min(1),
  /** That the edge is in a sampled graph, 0-1. */
  probability: z.number().min(0).max(1),
})
const edges = z.array(edge).readonly()

export const swarmPolicySchema = z.strictObject({
  schema: z.literal(swarmSchemaId),
  tag: z.literal('fitted'),
  source: z.string().min(1),
  seed: z.int(),
  graphs: z.strictObject({
    math: edges.exactOptional(),
    code: edges.exactOptional(),
    knowledge: edges.exactOptional(),
    general: edges.exactOptional(),
  }),
})

export type SwarmPolicy = z.infer<typeof swarmPolicySchema>

/** Throws ConfigError; `source` names the file. */
export function parseSwarmPolicy(data: unknown, source: string): SwarmPolicy {
  const parsed = swarmPolicySchema.safeParse(data)
  if (parsed.success) return parsed.data
  throw new ConfigError(
    parsed.error.issues.map((issue) => ({
      path: issue.path.join('.') || '(top)',
      expected: issue.message,
      got: 'something else',
      fix: 'Learn it again: inframind train --learner gptswarm.',
    })),
    source,
  )
}

/** The most likely graph between `models`, by their places; null: nothing was learnt for the domain. */
export function likeliestGraph(
  { graphs }: Pick<SwarmPolicy, 'graphs'>,
  domain: Domain,
  models: readonly ModelId[],
): readonly GraphEdge[] | null {
  const chances = graphs[domain]
  if (chances === undefined) return null
  const likely = chances
    .filter(({ probability }) => probability > 0.5)
    .toSorted((a, b) => b.probability - a.probability)
    .map(({ from, to }): GraphEdge => [models.indexOf(from), models.indexOf(to)])
    .filter(([from, to]) => from >= 0 && to >= 0)
  return takeEdges(likely, () => true)
}
