/**
 * @file Topologies and roles as the paper's networks read them: embeddings of "name: description", in a fixed order.
 *
 * A role is known by domain and name, as its text differs from domain to domain. Made once, on first use.
 */
import { type Domain, domains, invariant, type RoleId, type TopologyId } from '../../core/index.ts'
import { aggregatorRoleOf, builtInTopologies, role, rolesOf } from '../../team/index.ts'
import { embeddingSize, hashText384 } from './hashed-embedder.ts'

/** Those of the paper; their places are those of the planner's scores. */
export const paperTopologies: readonly TopologyId[] = ['io', 'cot', 'chain', 'full-connected', 'debate', 'reflection']

export interface TeamTexts {
  /** What was embedded, topologies first. */
  readonly written: readonly string[]
  /** [topologies, 384]. */
  readonly topologies: Float32Array
  /** [roles, 384], of all domains. */
  readonly roles: Float32Array
  readonly roleIds: readonly RoleId[]
  /** Places of the roles that a team of this domain is formed of: all but the one that merges. */
  membersOf(domain: Domain): readonly number[]
  /** Throws `INVARIANT_VIOLATED` for a role that no domain has. */
  placeOf(id: RoleId, domain: Domain): number
}

function embedAll(texts: readonly string[]): Float32Array {
  const all = new Float32Array(texts.length * embeddingSize)
  for (const [index, text] of texts.entries()) all.set(hashText384(text), index * embeddingSize)
  return all
}

function readTeamTexts(): TeamTexts {
  const entries = domains.flatMap((domain) =>
    rolesOf(domain).map(({ name, description }) => ({ domain, name, description })),
  )
  const places = new Map(entries.map(({ domain, name }, place) => [`${domain} ${name}`, place]))
  const placeOf = (id: RoleId, domain: Domain) => {
    const own = places.get(`${domain} ${id}`)
    if (own !== undefined) return own
    const other = entries.findIndex(({ name }) => name === role(id, domain).name)
    invariant(other >= 0, `no role is named ${id}`)
    places.set(`${domain} ${id}`, other)
    return other
  }
  const members = new Map(
    domains.map((domain) => {
      const own = rolesOf(domain).filter(({ name }) => name !== aggregatorRoleOf(domain))
      return [domain, own.map(({ name }) => placeOf(name, domain))] as const
    }),
  )
  const topologyTexts = paperTopologies.map((id) => {
    const known = builtInTopologies.find((topology) => topology.id === id)
    invariant(known, `no topology is named ${id}`)
    return `${id}: ${known.description}`
  })
  const roleTexts = entries.map(({ name, description }) => `${name}: ${description}`)
  return {
    written: [...topologyTexts, ...roleTexts],
    topologies: embedAll(topologyTexts),
    roles: embedAll(roleTexts),
    roleIds: entries.map(({ name }) => name),
    membersOf: (domain) => members.get(domain) as readonly number[],
    placeOf,
  }
}

let known: TeamTexts | null = null
/** Shared: do not change the arrays. */
export function teamTexts(): TeamTexts {
  known ??= readTeamTexts()
  return known
}
