/**
 * @file The topologies that one gateway offers: the built-in ones and those of its config.
 */
import type { z } from 'zod'
import { ConfigError, type ConfigProblem, InframindError, nearestName, type TopologyId } from '../../core/index.ts'
import { builtInTopologies, type Topology, topologySchema } from './topology.ts'

export interface TopologyBook {
  /** Names in order: built-in first. */
  readonly ids: readonly TopologyId[]
  readonly all: readonly Topology[]
  find(id: TopologyId): Topology | undefined
  /** Throws `REQUEST_INVALID` naming the nearest valid name. */
  get(id: TopologyId): Topology
}

const fieldNames = Object.keys(topologySchema.shape)
const shown = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 80))

function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  let value = data
  for (const key of path) value = (value as Record<PropertyKey, unknown> | null | undefined)?.[key]
  return value
}

function problemsOf(issue: z.core.$ZodIssue, path: string, data: unknown): readonly ConfigProblem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const nearest = nearestName(key, fieldNames)
      const fix = nearest ? `Did you mean ${nearest}?` : 'Leave it out.'
      return { path: `${path}.${key}`, expected: `one of ${fieldNames.join(', ')}`, got: 'an unknown key', fix }
    })
  }
  const fieldPath = [path, ...issue.path.map(String)].join('.')
  const value = valueAt(data, issue.path)
  if (issue.code === 'invalid_value') {
    const valid = issue.values.map(String)
    const nearest = nearestName(String(value), valid)
    const fix = nearest ? `Did you mean ${nearest}?` : `Use ${valid[0]}.`
    return [{ path: fieldPath, expected: `one of ${valid.join(', ')}`, got: shown(value), fix }]
  }
  return [{ path: fieldPath, expected: issue.message, got: shown(value), fix: 'Correct the value.' }]
}

function parseTopology(id: string, data: unknown, path: string): Topology | readonly ConfigProblem[] {
  if (!/^[a-z][a-z0-9-]{0,63}$/.test(id)) {
    const expected = 'a name of lower-case letters, digits and hyphens, at most 64'
    return [{ path, expected, got: shown(id), fix: 'Rename it, e.g. my-topology.' }]
  }
  if (builtInTopologies.some((topology) => topology.id === id)) {
    return [{ path, expected: 'a name that is not built in', got: shown(id), fix: `Rename it, e.g. my-${id}.` }]
  }
  const parsed = topologySchema.safeParse(data)
  if (parsed.success) return Object.freeze({ id, ...parsed.data })
  return parsed.error.issues.flatMap((issue) => problemsOf(issue, path, data))
}

/**
 * The built-in topologies and `extra`: the config's `topologies`, a record by name in the form of `topologySchema`.
 * Throws ConfigError with the path of every fault; `source` names the file.
 */
export function createTopologyBook(extra: unknown = {}, source = 'config'): TopologyBook {
  if (typeof extra !== 'object' || extra === null || Array.isArray(extra)) {
    const fix = 'Write name: { description: ..., rounds: 2, ... }.'
    throw new ConfigError([{ path: 'topologies', expected: 'a record by name', got: shown(extra), fix }], source)
  }
  const problems: ConfigProblem[] = []
  const all: Topology[] = [...builtInTopologies]
  for (const [id, data] of Object.entries(extra)) {
    const parsed = parseTopology(id, data, `topologies.${id}`)
    if ('id' in parsed) all.push(parsed)
    else problems.push(...parsed)
  }
  if (problems.length > 0) throw new ConfigError(problems, source)
  const byId = new Map(all.map((topology) => [topology.id, topology]))
  const ids = all.map((topology) => topology.id)
  const get = (id: TopologyId) => {
    const topology = byId.get(id)
    if (topology) return topology
    const nearest = nearestName(id, ids)
    const fix = nearest ? `did you mean ${nearest}?` : `use one of ${ids.join(', ')}`
    throw new InframindError('REQUEST_INVALID', `no topology is named ${shown(id)}; ${fix}`, {
      param: 'inframind.topology',
    })
  }
  return { ids, all, find: (id) => byId.get(id), get }
}
